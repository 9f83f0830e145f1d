"""What quantities cost under each plan, as tables in plain text, Markdown and CSV."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from scfcost.core.language import _, translated
from scfcost.core.text import SafeWriter
from scfcost.report import markdown, words

Document = Mapping[str, Any]
HEADER = ("line", "quantity", "free", "a unit", "amount")
_CALLED = {"egress": "traffic", "provisioned_idle": "provisioned instances"}
_DIGITS = 20
"""Decimals of a quantity that are shown: all that can be stated. [1]"""


def title(document: Document, bill: Document) -> str:
    """Say what one bill of a quotation is and what it comes to.

    Parameters
    ----------
    document : mapping
        The plain data of `Quoted.to_dict`.
    bill : mapping
        One of its plans.
    """
    total = words.money(bill["total"], document["currency"])
    known = "" if bill["complete"] else _("known part, without what has no known price: ")
    return _("{known}{total} a month · plan {plan} · {catalog} · {region}").format(
        known=known, total=total, plan=bill["plan"], catalog=bill["catalog"], region=document["region"]
    )


def rows(bill: Document) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a bill as `HEADER` names them."""
    for line in bill["lines"]:
        unit_price = "unknown" if line["unit_price"] is None else line["unit_price"]
        yield (
            words.ITEM.get(line["item"], line["item"].replace("_", " ")),
            f"{words.quantity(line['quantity'], _DIGITS)} {line['unit']}", words.quantity(line["free"], _DIGITS),
            unit_price, words.money(line["amount"]),
        )  # fmt: skip


def notes(document: Document) -> list[str]:
    """Say which plans are for a time alone, which lines have no known price, and what would tell it."""
    ending = [
        _(
            "Plan {plan} is for a time: {lasts}. What a month costs after it stands with the other plans (--plan all)."
        ).format(plan=bill["plan"], lasts=translated(bill["lasts"]))
        for bill in document["plans"]
        if bill["lasts"]
    ]
    missing = dict.fromkeys(
        (bill["catalog"].partition("/")[0], line["item"])
        for bill in document["plans"]
        for line in bill["lines"]
        if line["amount"] is None
    )
    own = "a price book of your own (--catalog FILE)"
    return ending + [
        words.not_known(
            {
                "message": f"{book} has no price for {_CALLED.get(item, item)} in {document['region']}: "
                "totals are without it",
                "remedy": f"--traffic-price PRICE, or {own}" if item == "egress" else own,
            }
        )
        for book, item in missing
    ]


def plan_rows(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each plan and its total, the cheapest first."""
    for bill in document["plans"]:
        yield bill["plan"], words.money(bill["total"]) + ("" if bill["complete"] else _(" (known part)"))


def markdown_of(document: Document) -> str:
    """Write a quotation as Markdown."""
    parts = [(f"**{title(document, bill)}**", markdown.table(HEADER, rows(bill))) for bill in document["plans"]]
    known = [markdown.escape(text) for text in notes(document)]
    return "\n\n".join([*(part for pair in parts for part in pair), *known]) + "\n"


def csv_of(document: Document) -> str:
    """Write a quotation as CSV, a row a line and plan, amounts exact."""
    out = io.StringIO()
    writer = SafeWriter(out)
    names = ("item", "quantity", "unit", "free", "unit_price", "amount", "amount_exact")
    writer.writerow(("plan", *names, "currency"))
    for bill in document["plans"]:
        for line in bill["lines"]:
            values = (
                line[name] for name in ("item", "quantity", "unit", "free", "unit_price", "amount", "amount_exact")
            )
            writer.writerow((bill["plan"], *values, document["currency"]))
    return out.getvalue()
