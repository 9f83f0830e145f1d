"""`scfcost formats`: the logs that can be read, and what each can and cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scfcost.cli import completion
from scfcost.cli.output import drawn, write
from scfcost.core.comments import commented
from scfcost.core.language import translated

if TYPE_CHECKING:
    from rich.console import Console

    from scfcost.trace.formats.base import Format

_COLUMNS = {
    "start": "start",
    "end": "end",
    "bytes_out": "bytes out",
    "message_times": "messages",
    "direction": "direction",
    "close_code": "close code",
    "idle_cut": "idle cut",
    "client": "client",
}
"""What a format may know, and the head of its column."""


def formats(
    name: Annotated[
        str | None,
        typer.Argument(help="A format, to see how to get the most out of it.", autocompletion=completion.formats),
    ] = None,
) -> None:
    """List the log formats with what each can tell; with a name, say how to record it; `mapping` describes any other.

    scfcost formats

    scfcost formats nginx

    scfcost formats mapping
    """
    from scfcost.trace.formats import FORMATS, by_name

    if name == "mapping":
        from scfcost.trace.formats.mapping_example import EXAMPLE

        write(commented(EXAMPLE), None)
        return
    chosen = [by_name(name)] if name else list(FORMATS)
    write(drawn(lambda screen: _render(chosen, screen, with_advice=name is not None), to_file=False), None)


def _render(chosen: list[Format], screen: Console, *, with_advice: bool) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    for title in ("format", *_COLUMNS.values(), "bytes are"):
        table.add_column(translated(title).replace(" ", "\n"), overflow="fold")
    for one in chosen:
        known = (translated("yes") if getattr(one.knows, field) else "–" for field in _COLUMNS)
        table.add_row(one.name, *known, translated(one.knows.bytes_are))
    screen.print(table)
    for one in chosen:
        screen.print(f"{one.name}: {translated(one.title)}")
        if with_advice:
            screen.print(translated(one.advice), soft_wrap=True)  # lines to copy stay whole
