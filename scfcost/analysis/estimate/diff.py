"""Two saved estimates side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from scfcost.analysis.known import OF_MONEY
from scfcost.core.errors import ResultError
from scfcost.core.files import text_of
from scfcost.core.guard import OF_SHAPE, parse_json, taking_apart
from scfcost.core.money import round_fraction
from scfcost.core.units import read_number
from scfcost.report import html

SCHEMA = "scfcost.estimate/1"
"""Name of the documents that can be compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of two results."""

    name: str
    base: str | None
    head: str | None

    @property
    def change(self) -> str:
        """The change with its sign, empty where a figure is no number on both sides."""
        try:
            delta = read_number(self.head or "") - read_number(self.base or "")
        except ValueError:
            return ""
        return f"{delta:+f}" if delta else "0"

    @property
    def share(self) -> Fraction | None:
        """The change in parts of the base, None where a figure is no number on both sides or the base is 0."""
        try:
            base, head = Fraction(read_number(self.base or "")), Fraction(read_number(self.head or ""))
        except ValueError:
            return None
        return (head - base) / abs(base) if base else None

    @property
    def percent(self) -> str:
        """The change as per cent of the base with its sign, empty where there is none."""
        return "" if self.share is None else f"{round_fraction(self.share * 100, 1):+,f} %"


@dataclass(frozen=True, slots=True)
class Diff:
    """Two results side by side. Made by `diff`."""

    currency: str
    base_monthly: str | None
    head_monthly: str | None
    differences: tuple[Difference, ...]
    not_known: tuple[str, ...] = ()
    """What either result does not hold, so that no verdict is drawn from the months."""
    complete: bool = True
    """Whether both months hold every price and all of the traffic; otherwise they are the known part."""
    hidden: int = 0
    """Figures that differ, but by no more than `only_above` was asked for. [1]"""

    @property
    def month(self) -> Difference:
        """The month on both sides."""
        return Difference("month", self.base_monthly, self.head_monthly)

    def only_above(self, share: Fraction) -> Diff:
        """Keep the figures that change by more than a share of the base, and those that are no numbers."""
        kept = tuple(one for one in self.differences if one.share is None or abs(one.share) > share)
        return replace(self, differences=kept, hidden=self.hidden + len(self.differences) - len(kept))

    def rises_above(self, most: Fraction | Decimal) -> bool | None:
        """Whether the month rises by more than a share of the base, or than an amount; None where it is not known."""
        if self.not_known or self.base_monthly is None or self.head_monthly is None:
            return None
        base, head = Decimal(self.base_monthly), Decimal(self.head_monthly)
        limit = Fraction(most) if isinstance(most, Decimal) else Fraction(base) * most
        return Fraction(head) - Fraction(base) > limit

    def to_dict(self) -> dict[str, Any]:
        """Return the differences as plain data."""
        return {
            "schema": "scfcost.diff/1",
            "currency": self.currency,
            "base_monthly": self.base_monthly,
            "head_monthly": self.head_monthly,
            "change": self.month.change,
            "percent": self.month.percent,
            "differences": [
                {"name": one.name, "base": one.base, "head": one.head, "change": one.change, "percent": one.percent}
                for one in self.differences
            ],
            "hidden": self.hidden,
            "not_known": list(self.not_known),
            "complete": self.complete,
        }

    def _repr_html_(self) -> str:
        return html.difference(self.to_dict())


def load_document(path: Path) -> dict[str, Any]:
    """Read what `scfcost estimate --format json` wrote.

    Raises
    ------
    ResultError
        If the file cannot be read or is no such document.
    """
    text = text_of(path, ResultError)
    try:
        document = parse_json(text)
    except ValueError as error:
        raise ResultError(f"{path}: not JSON: {error}") from None
    found = document.get("schema") if isinstance(document, dict) else None
    if found != SCHEMA:
        raise ResultError(f"{path}: is not a saved estimate ({SCHEMA}), but {found or 'something else'}")
    with taking_apart(str(path), "a saved estimate, of which something is missing or damaged", ResultError, *OF_SHAPE):
        diff(document, document)
    return document  # type: ignore[no-any-return]


def diff(base: Mapping[str, Any], head: Mapping[str, Any]) -> Diff:
    """Compare two saved estimates.

    Parameters
    ----------
    base, head : mapping
        The plain data of `Estimate.to_dict`, before and after.

    Raises
    ------
    ResultError
        If they are in different currencies.
    """
    currency = head["bill"]["currency"]
    if base["bill"]["currency"] != currency:
        raise ResultError(f"the results are in different currencies: {base['bill']['currency']} and {currency}")
    figures = [dict(_figures(document)) for document in (base, head)]
    names = list(dict.fromkeys([*figures[0], *figures[1]]))
    rows = (Difference(name, figures[0].get(name), figures[1].get(name)) for name in names)
    totals = [document["monthly"]["total"] if document["monthly"] else None for document in (base, head)]
    unknown = tuple(dict.fromkeys(one for document in (base, head) for one in _not_known(document)))
    differ = tuple(row for row in rows if row.base != row.head)
    return Diff(currency, totals[0], totals[1], differ, unknown, complete=_is_complete(base) and _is_complete(head))


def _is_complete(document: Mapping[str, Any]) -> bool:
    """Whether the month of an estimate holds every price and all of the traffic."""
    bill = document["monthly"] or document["bill"]
    missing = any(one["what"] in OF_MONEY for one in document.get("not_known", ()))
    return not missing and all(line["amount"] is not None for line in bill["lines"])


def _not_known(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an estimate does not tell; one that was saved before it said so is looked at itself."""
    if "not_known" in document:
        yield from (one["message"] for one in document["not_known"])
        return
    bill = document["monthly"] or document["bill"]
    yield from (f"the price of {line['item']} is unknown" for line in bill["lines"] if line["amount"] is None)
    if "bounds" in document:
        yield "the trace has no message rows, so how long connections are silent is not known"


def _amount(text: str | None) -> str | None:
    """Return an amount as it stands, None where its price is unknown; ValueError for what no estimate says."""
    if text is not None:
        read_number(text)
    return text


def _figures(document: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    for scope, bill in (("month", document["monthly"]), ("trace", document["bill"])):
        if bill is not None:
            yield f"{scope}: total", _amount(bill["total"])
            for line in bill["lines"]:
                yield f"{scope}: {line['item']}", _amount(line["amount"])
    for part in ("function", "usage", "outcomes", "impact"):
        for name, value in (document[part] or {}).items():
            yield f"{part}: {name}", None if value is None else str(value)
    concurrency = document["concurrency"]
    for name in ("peak_connections", "peak_instances", "peak_memory_mb", "cold_starts"):
        yield f"concurrency: {name}", str(concurrency[name])
    yield "plan", (document["monthly"] or document["bill"])["plan"]
    yield "catalog", document["bill"]["catalog"]
    for name in ("connections", "messages", "window_s"):
        yield f"trace: {name}", str(document["trace"][name])
