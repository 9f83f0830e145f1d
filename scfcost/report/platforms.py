"""A trace on several platforms, as rows and sentences, for every form of output."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from scfcost.core.language import _, translated
from scfcost.core.text import SafeWriter
from scfcost.report import markdown, words
from scfcost.report.settings import percent

Document = Mapping[str, Any]


def header(document: Document) -> list[str]:
    """Return the titles of the table; with a common column where a rate was given."""
    common = [_("month in {currency}").format(currency=document["currency"])] if document["rates"] else []
    return ["platform", "month", "low to high", *common, "cut", "undelivered", "reconnects an hour", "what decides"]


def rows(document: Document) -> Iterator[list[str]]:
    """Yield the rows of the table as `header` names them."""
    for one in document["platforms"]:
        month, outcomes = one["month"], one["outcomes"]
        common = [_known(one["common"], "") if month["complete"] else words.NOT_KNOWN] if document["rates"] else []
        share = outcomes["undelivered_share"]
        yield [
            one["title"],
            words.money(month["point"], one["currency"]) + ("" if month["complete"] else _(" (known part)")),
            span(month), *common, words.NOT_KNOWN if outcomes["cut"] is None else f"{outcomes['cut']:,}",
            words.NOT_KNOWN if share is None else percent(share),
            _often(outcomes["reconnects_an_hour"]), _decides(one["decides"]),
        ]  # fmt: skip


def _reason(said: str) -> str:
    """Show a platform that was left out, and why."""
    name, bracket, reason = said.removesuffix(")").partition(" (")
    return _("{name} ({reason})").format(name=name, reason=translated(reason)) if bracket else said


def _decides(said: str) -> str:
    """Show the part of a bill that decides, and its share."""
    part, comma, share = said.rpartition(", ")
    return _("{part}, {share}").format(part=translated(part), share=share) if comma else translated(said)


def _known(amount: str | None, currency: str) -> str:
    return _("no rate") if amount is None else words.money(amount, currency)


def span(month: Document) -> str:
    """Show what a month lies between, empty where nothing is guessed."""
    if month["high"] is None:
        return _("from {low}").format(low=words.money(month["low"]))
    if month["low"] == month["high"]:
        return ""
    return _("{low} to {high}").format(low=words.money(month["low"]), high=words.money(month["high"]))


def _often(rate: str | None) -> str:
    if rate is None:
        return words.NOT_KNOWN
    value = float(rate)
    return "0" if not value else ("< 0.01" if value < 0.01 else f"{value:.2f}")


def knows_people(document: Document) -> bool:
    """Whether it is known of every platform whom it serves."""
    return all(one["outcomes"]["undelivered_share"] is not None for one in document["platforms"])


def title(document: Document) -> str:
    """Say what the table is."""
    ways = len(document["platforms"])
    if not knows_people(document):
        return _(
            "{ways} ways to serve this trace, a month each: who delivers is not known, as the trace has no message "
            "rows, so no month is a verdict"
        ).format(ways=ways)
    return _("{ways} ways to serve this trace, a month each: who delivers first, then the least money").format(
        ways=ways
    )


def notes(document: Document) -> Iterator[tuple[str, str]]:
    """Yield what to know of each row, by its title."""
    for one in document["platforms"]:
        yield translated(one["title"]), _("; ").join(map(translated, one["notes"]))


def closing(document: Document) -> Iterator[str]:
    """Yield what is to be known of the table as a whole."""
    yield from (translated(one["message"]) for one in document["warnings"])
    if not document["rates"] and len({one["currency"] for one in document["platforms"]}) > 1:
        yield _("No rate is built in: --rate {rate} adds a column in {currency} and sorts by it.").format(
            rate="CNY=0.14" if document["currency"] == "USD" else "USD=7.1", currency=document["currency"]
        )
    yield _("Each platform replays the trace under its own timeouts; free tiers are off unless --plan free is given.")
    yield _("Left out: {left_out}.").format(left_out=_("; ").join(map(_reason, document["left_out"])))


def markdown_of(document: Document) -> str:
    """Write the table as Markdown."""
    known = "\n".join(f"- **{markdown.escape(name)}**: {markdown.escape(text)}" for name, text in notes(document))
    parts = [f"**{title(document)}**", markdown.table(header(document), rows(document)), known, *closing(document)]
    return "\n\n".join(parts) + "\n"


def csv_of(document: Document) -> str:
    """Write the table as CSV, a row a platform, amounts exact."""
    out = io.StringIO()
    writer = SafeWriter(out)
    money = ("low", "point", "high", "exact")
    outcomes = ("cut", "undelivered_share", "reconnects_an_hour", "connections")
    writer.writerow(
        ("name", "title", "kind", "region", "currency", *money, "common", *outcomes, "decides", "notes")
    )  # fmt: skip
    for one in document["platforms"]:
        told = [one["month"][name] for name in money] + [one["common"]] + [one["outcomes"][name] for name in outcomes]
        cells = ["unknown" if cell is None else cell for cell in told]
        known = [one[name] for name in ("name", "title", "kind", "region", "currency")]
        writer.writerow([*known, *cells, one["decides"], "; ".join(one["notes"])])
    return out.getvalue()
