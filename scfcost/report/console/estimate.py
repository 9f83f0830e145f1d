"""The answer on one screen of a terminal: what matters first, the rest where more is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scfcost.core.language import _, translated
from scfcost.report import words
from scfcost.report.console import layout

_BAR_WIDTH = 24
_INDENT = 2


def render(
    document: Mapping[str, Any],
    console: Console,
    *,
    insights: Mapping[str, Any],
    steps: Sequence[str] = (),
    verbose: bool = False,
) -> None:
    """Print an estimate.

    Parameters
    ----------
    document : mapping
        The plain data of `Estimate.to_dict`.
    console : Console
        Where to print.
    insights : mapping
        What `insights.insights` says of it.
    steps : sequence of str
        How the figures came about, where that is wanted.
    verbose : bool
        Whether to say what is always assumed and left out, and where the time goes.
    """
    width = layout.width_of(console)
    layout.show(console, *_head(document, insights))
    wrong = insights["lead"]["wrong"]
    if wrong is not None:
        layout.show(console, Text(translated(wrong["text"]), style="bold yellow"))
        layout.command(f"  {wrong['command']}", console)
    layout.show(console, *_parts(document, insights, width), *(_rest(document, insights, width) if verbose else ()))
    if not verbose:
        layout.show(
            console, Text(_("Where the time goes, what is assumed and what is left out: --verbose"), style="dim")
        )
    if steps:
        body = [Padding(Text(translated(step)), (0, 0, 0, _INDENT)) for step in steps]
        layout.show(console, layout.heading("How the figures came about"), *body)


def _head(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[RenderableType]:
    trace = document["trace"]
    yield Text.assemble((words.source(trace), "bold"), "  ", words.extent(trace))
    if "functions" not in document:
        yield Text(f"{words.settings(document['function'])} · {words.timeouts(document['function'])}")
    if months := insights["lead"]["months"]:
        yield Text(words.policy_months(months, document["bill"]["currency"]), style="bold")


def _parts(document: Mapping[str, Any], insights: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    if "functions" in document:
        hidden = ("resource GBs", "initialisation timeout")
        shape = layout.columns(words.FUNCTION_HEADER, words=("function",), gives_way=hidden)
        yield layout.fitted(shape, words.function_rows(document), width)
    if "bounds" in document:
        yield layout.fitted(
            layout.columns(("", "low", "point", "high"), words=("",)), words.bound_rows(document), width
        )
    yield from _bill(document, width)
    if "uncertainty" in document:
        yield layout.indented("A month", f"{words.month_of(document)} ({words.sureness(document)})")
    if (short := words.short_window(document["trace"])) is not None:
        yield layout.indented("Short", short, "yellow")
    if "growth" in document:
        yield layout.indented("Later", words.growth(document))
    yield from _outcomes(document, width)
    yield layout.indented("Peak", words.peak(document["concurrency"]))
    if (refused := words.refusals(document["concurrency"])) is not None:
        yield layout.indented("Refused", refused, "red")
    yield from _findings(document, insights)
    if insights["reconnect_policies"]:
        yield from _policies(document, insights["reconnect_policies"], width)
    lead = insights["lead"]["wrong"] or {}
    for one in document["not_known"]:
        if one["what"] == lead.get("about"):
            continue
        yield layout.indented(
            words.NOT_KNOWN.capitalize(),
            _("{message}; what would tell: {remedy}").format(
                message=translated(one["message"]), remedy=translated(one["remedy"])
            ),
            "yellow",
        )
    said = {one["message"] for one in document["not_known"]}
    left_out = {"no_messages", "price_unknown", lead.get("about")}
    for warning in document["warnings"]:
        if warning["message"] not in said and warning["code"] not in left_out:
            yield layout.indented("Note", warning["message"], "yellow")


def _rest(document: Mapping[str, Any], insights: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """Yield what is the same in most reports."""
    if "uncertainty" in document:
        yield layout.indented("How sure", words.drawn(document))
    if often := words.often(insights["rates"]):
        yield layout.indented("How often", often)
    yield from _money(document, insights)
    if "billed_ms_bounds" in document["concurrency"]:
        low, high = (words.duration(value) for value in document["concurrency"]["billed_ms_bounds"])
        yield layout.indented(
            "Shared instances",
            _("busy time lies between {low} and {high} for any placement").format(low=low, high=high),
        )
    yield layout.indented("Not in the figure", _("; ").join(map(translated, insights["not_included"])))
    yield layout.indented("Assumed", _("; ").join(map(translated, insights["assumptions"])))
    for one in document["warnings"]:
        if one["code"] == "no_messages":
            yield layout.indented("Note", one["message"], "yellow")
    if rows := list(words.message_rows(document)):
        yield layout.heading("Messages and minutes, as other platforms meter them")
        yield layout.fitted(layout.columns(words.MESSAGES_HEADER, words=("delivered",)), rows, width)
    if "message_limits" in document:
        yield layout.heading("Connections beyond the message limits, the worst first")
        shape = layout.columns(words.EXCESS_HEADER, words=("connection",))
        yield layout.fitted(shape, words.excess_rows(document["message_limits"]), width)


def _bill(document: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    bill, monthly = document["bill"], document["monthly"]
    names = ("item", "quantity", "unit", "free", "unit_price", *(("month",) if monthly else ()), "trace")
    titles = ("line", "use a month" if monthly else "quantity", "unit", "free", "unit price", *names[5:])
    shape = layout.columns(titles, words=("line", "unit"), gives_way=("free", "unit price", "unit", titles[1]))
    totals = [words.money(part["total"]) for part in (monthly, bill) if part]
    total = [words.total_label(document), *[""] * (len(titles) - 1 - len(totals)), *totals]
    yield layout.heading(
        _("Bill · {catalog} · plan {plan}").format(catalog=bill["catalog"], plan=(monthly or bill)["plan"])
    )
    yield layout.fitted(shape, ([row[name] for name in names] for row in words.lines(document)), width, total=total)


def _outcomes(document: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    header = words.outcome_header(document)
    yield layout.heading("How invocations ended")
    shape = layout.columns(header, words=(header[-1],), gives_way=(header[-1], "share"))
    yield layout.fitted(shape, words.outcome_rows(document), width)
    if not words.without_idle(document) or document["outcomes"]["433"]:
        noticed = document["impact"] is not None and document["impact"]["cut_harmful"]
        yield Text(words.impact(document), style="red" if noticed else "")


def _money(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[RenderableType]:
    currency = document["bill"]["currency"]
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "right", "right", "left"):
        table.add_column(justify=justify, no_wrap=justify == "right", overflow="fold")
    parts = insights["time"]
    for part, share in zip(parts, words.shares(part["ms"] for part in parts), strict=True):
        bar = Text(("█" * round(part["share"] * _BAR_WIDTH)).ljust(_BAR_WIDTH, "·"), style="cyan")
        table.add_row(bar, share, words.money(part["amount"]), translated(part["label"]))
    if any(part["ms"] for part in parts):
        title = _("Where the connection time goes · resource, this trace, {currency}").format(currency=currency)
        yield Group(layout.heading(title), table)
    if insights["per_1000_connection_hours"]:
        rate = words.money(insights["per_1000_connection_hours"], currency)
        yield layout.indented("Rate", _("{rate} for 1,000 connection-hours").format(rate=rate))


def _findings(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[RenderableType]:
    currency = document["bill"]["currency"]
    if insights["findings"]:
        yield layout.heading("Worth changing")
    for finding in insights["findings"]:
        saving = _("saves {saving} a month").format(saving=words.money(finding["saving"], currency))
        yield Text.assemble("• ", translated(finding["text"]), ": ", (saving, "bold green"))


def _policies(
    document: Mapping[str, Any], policies: Sequence[Mapping[str, Any]], width: int
) -> Iterator[RenderableType]:
    yield layout.heading("What clients do after a cut (--reconnect was not given: the bill takes none)")
    header = words.policy_header(document["bill"]["currency"])
    shape = layout.columns(header, words=("reconnect",), gives_way=("reconnects", "late"))
    yield layout.fitted(shape, words.policy_rows(policies), width)
