"""`scfcost config`: where each setting came from."""

from __future__ import annotations

import typer

from scfcost.cli import options
from scfcost.cli.output import as_json, drawn, write

app = typer.Typer(help="Show the settings in force.", no_args_is_help=True)


@app.command("show")
def show(config: options.ConfigFile = None, format: options.FormatOption = None) -> None:  # noqa: A002
    """Show every setting, its value, and where it came from: environment, file and line, or default."""
    from scfcost.settings import gather

    settings = gather({}, config)
    settings.function()
    settings.named_functions()
    rows = [(name, one.value, one.origin) for name, one in settings.values.items()]
    for function, own in settings.functions.items():
        rows += [(f"functions.{function}.{name}", one.value, one.origin) for name, one in own.items()]
    if format is options.Format.JSON:
        write(as_json({name: {"value": _shown(value), "origin": origin} for name, value, origin in rows}), None)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("setting", "value", "from"):
        table.add_column(title, overflow="fold")
    for name, value, origin in rows:
        table.add_row(name, str(_shown(value)), origin, style="dim" if origin == "default" else "")
    write(drawn(lambda screen: screen.print(table), to_file=False), None)


def _shown(value: object) -> object:
    if value is None:
        return "not set"
    return value if isinstance(value, bool | int | float) else str(value)
