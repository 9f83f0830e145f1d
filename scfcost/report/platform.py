"""A trace on one platform, as rows and sentences, for every form of output."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from scfcost.core.language import _, translated
from scfcost.core.money import round_fraction
from scfcost.core.text import SafeWriter
from scfcost.report import markdown, words
from scfcost.report.platforms import span
from scfcost.report.settings import percent

Document = Mapping[str, Any]
LINES = ("line", "use a month", "free", "a unit", "month", "page and date")
"""Header of `lines`."""
POLICIES = ("clients", "month", "cut", "undelivered")
"""Header of `policies`."""


def title(document: Document, way: Document) -> str:
    """Say what a month costs on the platform.

    Parameters
    ----------
    document : mapping
        The plain data of `PlatformEstimate.to_dict`.
    way : mapping
        One of its platforms: there are two where objects may hibernate.
    """
    month = way["month"]
    between = span(month)
    return _("{title}: {amount} a month{between}{known} · {region} · plan {plan} · prices {period}").format(
        title=way["title"], amount=words.money(month["point"], way["currency"]),
        between=f" ({between})" if between else "", known="" if month["complete"] else _(" (known part)"),
        region=way["region"], plan=document["plan"], period=document["period"],
    )  # fmt: skip


def lines(document: Document, way: Document) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a month as `LINES` names them, those of services behind the platform with its book.

    Parameters
    ----------
    document : mapping
        The plain data of `PlatformEstimate.to_dict`.
    way : mapping
        One of its platforms.
    """
    for line in way["lines"]:
        book = line["catalog"].partition("/")[0]
        behind = "" if book == document["catalog"] else f", {book}"
        unit_price = words.UNKNOWN if line["unit_price"] is None else line["unit_price"]
        page = "" if line["source"] is None else f"{line['source']}, {line['checked_on']}"
        yield (
            line["item"].replace("_", " ") + behind, f"{words.quantity(line['quantity'])} {line['unit']}",
            words.quantity(line["free"]), unit_price, words.money(line["amount"]), page,
        )  # fmt: skip


def outcomes(way: Document) -> str:
    """Say how the connections end on the platform, and what that does to people."""
    served, ends = way["outcomes"], way["ends"]
    share = served["undelivered_share"]
    if ends is None:
        return _("How connections end, and what is late or undelivered: not known, as the trace has no message rows")
    return _(
        "{connections:,} connections: {natural:,} end by themselves, {silence:,} are cut by silence, {life:,} by the "
        "longest life, {open:,} are open at the end; {late:,} messages come late, undelivered: {undelivered}"
    ).format(
        connections=served["connections"], undelivered=words.NOT_KNOWN if share is None else percent(share),
        late=way["impact"]["messages_delayed"], **ends,
    )  # fmt: skip


def policies(way: Document) -> Iterator[tuple[str, ...]]:
    """Yield what each reconnect policy would give as `POLICIES` names it; nothing where the user stated one."""
    for name, one in way["policies"].items():
        share = one["undelivered_share"]
        undelivered = words.NOT_KNOWN if share is None else percent(share)
        cut = words.NOT_KNOWN if one["cut"] is None else f"{one['cut']:,}"
        yield name, words.money(one["month"], way["currency"]), cut, undelivered


def quantities(way: Document) -> Iterator[tuple[str, str]]:
    """Yield what each meter counted of the trace, to be held to the vendor's console, to a few decimals."""
    for meter, counted in way["quantities"].items():
        yield meter, words.quantity(str(round_fraction(Fraction(counted), 6)))


def markdown_of(document: Document) -> str:
    """Write the report as Markdown."""
    parts = []
    for way in document["platforms"]:
        parts += [
            f"## {markdown.escape(title(document, way))}",
            markdown.table(LINES, lines(document, way)),
            outcomes(way) + ".",
        ]
        if way["policies"]:
            parts.append(markdown.table(POLICIES, policies(way)))
        parts.append(markdown.table(("meter", "counted of the trace"), quantities(way)))
        parts.append("\n".join(f"- {markdown.escape(translated(note))}" for note in way["notes"]))
    parts += [f"> {markdown.escape(translated(one['message']))}" for one in document["warnings"]]
    return "\n\n".join(parts) + "\n"


def csv_of(document: Document) -> str:
    """Write the report as CSV, a row a line and way, amounts exact."""
    out = io.StringIO()
    writer = SafeWriter(out)
    names = (
        *("catalog", "item", "quantity", "unit", "free", "unit_price", "amount", "amount_exact"),
        *("source", "checked_on", "confidence"),
    )
    writer.writerow(("name", *names, "currency"))
    for way in document["platforms"]:
        for line in way["lines"]:
            cells = ("unknown" if line[name] is None else line[name] for name in names)
            writer.writerow((way["name"], *cells, way["currency"]))
    return out.getvalue()
