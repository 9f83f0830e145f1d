"""An architecture as rows, Markdown and CSV. Documents are the plain data of `Costing.to_dict`."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from scfcost.core.language import _, translated
from scfcost.core.text import SafeWriter
from scfcost.report import markdown as md
from scfcost.report import words

HEADER = ("line", "what", "a month", "amount")
"""Header of `rows`."""


def rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Yield a line for each function and service, and one for what the account as a whole changes."""
    for line in document["functions"]:
        usage = line["usage"]
        parts = [words.counted(usage["invocations"], "call"), f"{words.quantity(usage['resource_gbs'], 1)} GBs"]
        if usage["egress_bytes"]:
            parts.append(_("{egress_gb:,.3f} GB out").format(egress_gb=usage["egress_bytes"] / 1024**3))
        yield line["name"], line["type"], " · ".join(parts), words.money(line["amount"])
    if Decimal(document["adjustment"]):
        yield _("account"), _("functions together"), _why(document), words.money(document["adjustment"])
    for line in document["services"]:
        used = words.counted(line["uses"], "use") if line["uses"] else _("by the month")
        yield line["name"], _("service"), used, words.money(line["amount"])


def _why(document: Mapping[str, Any]) -> str:
    plan = document["platform"]["plan"]
    return _("rounded once") if plan == "payg" else _("plan {plan}: allowances and fee").format(plan=plan)


def title(document: Mapping[str, Any]) -> str:
    """Say what the whole costs."""
    unknown = [line["item"] for line in document["platform"]["lines"] if line["amount"] is None]
    known = (
        _("known total, without the unknown price of {unknown}").format(unknown=", ".join(unknown))
        if unknown
        else _("a month")
    )
    return f"{document['name']}: {words.money(document['total'], document['currency'])} {known}"


def notes(document: Mapping[str, Any]) -> list[str]:
    """Say where the prices come from."""
    platform = document["platform"]
    found = [_("functions: {catalog}, plan {plan}").format(catalog=platform["catalog"], plan=platform["plan"])]
    found += [f"{line['name']}: {line['source']}" for line in document["services"]]
    found += [_("at these settings, of {text}").format(text=translated(text)) for text in document["shortfalls"]]
    return found + [
        _("not known of {message}; what would tell: {remedy}").format(
            message=translated(one["message"]), remedy=translated(one["remedy"])
        )
        for one in document["not_known"]
    ]


def markdown(document: Mapping[str, Any]) -> str:
    """Return an architecture as Markdown."""
    total = ("total", "", "", words.money(document["total"], document["currency"]))
    table = md.table(HEADER, [*rows(document), total])
    lines = "\n".join(f"- {md.escape(text)}" for text in notes(document))
    return f"## {md.escape(title(document))}\n\n{table}\n\n{lines}\n"


def csv_rows(document: Mapping[str, Any]) -> str:
    """Return an architecture as CSV, a row a line, exact."""
    text = io.StringIO()
    writer = SafeWriter(text)
    writer.writerow(["line", "kind", "calls_or_uses", "resource_gbs", "egress_bytes", "currency", "amount"])
    currency = document["currency"]
    for line in document["functions"]:
        usage = line["usage"]
        used = (usage["invocations"], usage["resource_gbs"], usage["egress_bytes"])
        writer.writerow([line["name"], line["type"], *used, currency, line["amount"]])
    writer.writerow(["account", "adjustment", "", "", "", currency, document["adjustment"]])
    for line in document["services"]:
        writer.writerow([line["name"], "service", line["uses"], "", "", currency, line["amount"]])
    writer.writerow(["total", "total", "", "", "", currency, document["total"]])
    return text.getvalue()
