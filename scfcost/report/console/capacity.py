"""What the settings carry, on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from scfcost.report import capacity
from scfcost.report.console.estimate import WIDEST, heading

_BARS = " ▁▂▃▄▅▆▇█"


def render_capacity(document: Mapping[str, Any], console: Console) -> None:
    """Print how much traffic the settings carry."""
    console.print(Group(*_parts(document)), width=min(console.width, WIDEST))


def _parts(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    currency = document["currency"]
    refused = any(document["loads"][0]["refused"].values())
    yield Text(capacity.headline(document), style="bold red" if refused else "bold")
    yield Text(capacity.settings(document))
    for sentence in capacity.reached(document):
        yield Text(f"• {sentence}", style="yellow")
    yield heading("More traffic")
    yield _table((*capacity.LOAD_HEADER, f"month, {currency}"), capacity.load_rows(document))
    if any(document["cold_starts_by_hour"]):
        yield heading(f"Cold starts by hour of the day · {document['time_zone']}")
        yield Text(f"  {_bars(document['cold_starts_by_hour'])}", style="cyan")
        yield Text(f"  {'0':<18}{'6':<18}{'12':<18}{'18':<18}", style="dim")
    if document["remedies"]:
        yield heading(capacity.remedies_title(document))
        yield _table((*capacity.REMEDY_HEADER, f"month, {currency}"), capacity.remedy_rows(document))
        yield Text("✓ nothing is refused; of two placements the dearer is shown", style="dim")


def _bars(counts: Sequence[int]) -> str:
    """Draw a bar three columns wide for each count."""
    most = max(counts)
    return "".join((_BARS[-(-count * (len(_BARS) - 1) // most)]) * 2 + " " for count in counts)


def _table(header: Iterable[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for number, title in enumerate(header):
        table.add_column(title.replace(" ", "\n"), justify="right" if number else "left", no_wrap=number > 0)
    for row in rows:
        table.add_row(*row)
    return table
