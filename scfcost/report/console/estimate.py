"""The answer on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from scfcost.report import words

_BAR_WIDTH = 24
_INDENT = 2
WIDEST = 110
"""Columns beyond which a report does not stretch: long lines are hard to read. [1]"""


def render(document: Mapping[str, Any], insights: Mapping[str, Any], console: Console) -> None:
    """Print an estimate.

    Parameters
    ----------
    document : mapping
        The plain data of `Estimate.to_dict`.
    insights : mapping
        What `advice.insights` says of it.
    console : Console
        Where to print.
    """
    console.print(Group(*_parts(document, insights)), width=min(console.width, WIDEST))


def render_steps(title: str, steps: Sequence[str], console: Console) -> None:
    """Print how the figures of a bill came about, a step a line."""
    body = [Padding(Text(step), (0, 0, 0, _INDENT)) for step in steps]
    console.print(Group(heading(title), *body), width=min(console.width, WIDEST))


def _parts(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[RenderableType]:
    trace = document["trace"]
    yield Text.assemble((words.source(trace), "bold"), "  ", words.extent(trace))
    yield from _settings(document)
    yield _bill(document)
    if "uncertainty" in document:
        month = words.money(document["monthly"]["total"], document["bill"]["currency"])
        yield _indented("A month", f"{month} ({words.sureness(document)})")
        yield _indented("", words.drawn(document), "dim")
    if "growth" in document:
        yield _indented("Later", words.growth(document))
    if "bounds" in document:
        yield _bounds(document)
    yield _outcomes(document, insights["rates"])
    yield from _money(document, insights)
    yield _indented("Peak", words.peak(document["concurrency"]))
    if (refused := words.refusals(document["concurrency"])) is not None:
        yield _indented("Refused", refused, "red")
    if "billed_ms_bounds" in document["concurrency"]:
        low, high = (words.duration(value) for value in document["concurrency"]["billed_ms_bounds"])
        yield _indented("Shared instances", f"busy time lies between {low} and {high} for any placement")
    yield from _findings(document, insights)
    if insights["reconnect_policies"]:
        yield _policies(document, insights["reconnect_policies"])
    yield _indented("Not in the figure", "; ".join(insights["not_included"]), "dim")
    yield _indented("Assumed", "; ".join(insights["assumptions"]), "dim")
    if "message_limits" in document:
        yield heading("Connections beyond the message limits, the worst first")
        yield _excess(document["message_limits"])
    for warning in document["warnings"]:
        yield _indented("Note", warning["message"], "yellow")


def _settings(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    if "functions" not in document:
        yield Text(words.settings(document["function"]))
        yield Text(words.timeouts(document["function"]))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for title in words.FUNCTION_HEADER:
        stacked = title.replace(" ", "\n")
        table.add_column(stacked, justify="left" if title == "function" else "right", overflow="fold")
    for row in words.function_rows(document):
        table.add_row(*row)
    yield table


def heading(title: str) -> Rule:
    """Return the line above a part of a report."""
    return Rule(Text(title, style="bold"), align="left", style="dim")


def _indented(title: str, text: str, style: str = "") -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=18, style=style or "bold")
    grid.add_column(style=style)
    grid.add_row(title, Text(text))
    return grid


def _bill(document: Mapping[str, Any]) -> Group:
    bill, monthly = document["bill"], document["monthly"]
    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), show_footer=True, header_style="dim", footer_style="bold"
    )
    table.add_column("line", footer=words.total_label(document), no_wrap=True)
    table.add_column("use a month" if monthly else "quantity", justify="right", no_wrap=True)
    table.add_column("unit", style="dim", no_wrap=True)
    table.add_column("free", justify="right")
    table.add_column("unit price", justify="right", no_wrap=True)
    footer = words.money(bill["total"])
    if monthly:
        table.add_column(
            "month", footer=words.money(monthly["total"]), justify="right", style="bold", footer_style="bold green"
        )
    table.add_column("trace", footer=footer, justify="right", no_wrap=True)
    for row in words.lines(document):
        cells = [row[name] for name in ("item", "quantity", "unit", "free", "unit_price")]
        table.add_row(*cells, *([row["month"]] if monthly else []), row["trace"])
    plan = (monthly or bill)["plan"]
    return Group(heading(f"Bill · {bill['catalog']} · plan {plan}"), table)


def _bounds(document: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in ("low", "point", "high"):
        table.add_column(name, justify="right")
    low, high = document["bounds"]["low"], document["bounds"]["high"]
    for title, key in (("this trace", "bill"), ("a month", "monthly")):
        if document[key] is not None:
            totals = [part[key]["total"] for part in (low, document, high)]
            table.add_row(f"{title}, {document['bill']['currency']}", *(words.money(total) for total in totals))
    return table


def _outcomes(document: Mapping[str, Any], rates: Mapping[str, float]) -> Group:
    impact, count = document["impact"], document["usage"]["invocations"]
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right", style="bold")
    table.add_column(justify="right")
    table.add_column(justify="right", style="dim")
    table.add_column()
    for code, number in document["outcomes"].items():
        share = f"{number / count:.1%}" if count else ""
        table.add_row(code, f"{number:,}", share, words.MEANING[code])
    harm = Text(f"{impact['cut_harmful']:,} harmful", style="red" if impact["cut_harmful"] else "")
    often = f" ({rates['harmful_cuts_per_session']:.2f} a session)" if impact["cut_harmful"] else ""
    cut = Text.assemble((f"{impact['cut']:,} cut", "bold"), ": ", harm, f"{often}, {impact['cut_harmless']:,} harmless")
    cut.append(
        f" · messages lost {impact['messages_lost']:,}, delayed {impact['messages_delayed']:,}, "
        f"pushes missed {impact['pushes_missed']:,} · reconnects {impact['reconnects']:,}"
    )
    if impact["reconnects"]:
        cut.append(f" ({rates['reconnects_per_session']:.2f} a session, {rates['reconnects_per_hour']:.2f} an hour)")
    return Group(heading("How invocations ended"), table, cut)


def _excess(limits: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for number, title in enumerate(words.EXCESS_HEADER):
        table.add_column(title, justify="right" if number else "left", overflow="fold")
    for row in words.excess_rows(limits):
        table.add_row(*row)
    return table


def _money(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[RenderableType]:
    currency = document["bill"]["currency"]
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "right", "right", "left"):
        table.add_column(justify=justify)
    for part in insights["time"]:
        bar = Text(("█" * round(part["share"] * _BAR_WIDTH)).ljust(_BAR_WIDTH, "·"), style="cyan")
        table.add_row(bar, f"{part['share']:.1%}", words.money(part["amount"]), part["label"])
    if any(part["ms"] for part in insights["time"]):
        yield Group(heading(f"Where the connection time goes · resource, this trace, {currency}"), table)
    if insights["per_1000_connection_hours"]:
        yield _indented(
            "Rate", f"{words.money(insights['per_1000_connection_hours'], currency)} for 1,000 connection-hours"
        )
    guess = insights["mean_calculator"]
    if guess:
        yield _indented("Mean calculator", words.mean_calculator(guess, currency))


def _findings(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[RenderableType]:
    currency = document["bill"]["currency"]
    grid = Table.grid(padding=(0, 1))
    for finding in insights["findings"]:
        saving = f"saves {words.money(finding['saving'], currency)} a month"
        grid.add_row("•", Text.assemble(finding["text"], ": ", (saving, "bold green")))
    if insights["findings"]:
        yield Group(heading("Worth changing"), grid)


def _policies(document: Mapping[str, Any], policies: Sequence[Mapping[str, Any]]) -> Group:
    table = Table(box=None, pad_edge=False)
    for title in words.policy_header(document["bill"]["currency"]):
        table.add_column(title, justify="left" if title == "reconnect" else "right")
    for row in words.policy_rows(policies):
        table.add_row(*row)
    return Group(heading("If clients came back (--reconnect was not given, so the bill takes none)"), table)
