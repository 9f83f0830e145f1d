"""`scfcost config`: where each setting came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scfcost.cli import options
from scfcost.cli.help import App
from scfcost.cli.output import as_json, drawn, write

if TYPE_CHECKING:
    from scfcost.config.function import FunctionConfig

app = App(
    help="""Show the settings in force.

    scfcost config show

    scfcost config show --config prod.toml

    scfcost config show --format json
    """
)


@app.command("show")
def show(config: options.ConfigFile = None, format: options.FormatOption = None) -> None:  # noqa: A002
    """Show every setting, its value, and where it came from: environment, file and line, or default.

    scfcost config show

    scfcost config show --config prod.toml

    scfcost config show --format json
    """
    from scfcost.config.settings import gather

    settings = gather({}, config)
    common = settings.function()
    rows = [(name, _read(common, name, one.value), one.origin) for name, one in settings.values.items()]
    for function, config_of in settings.named_functions().items():
        for name, one in settings.functions[function].items():
            rows.append((f"functions.{function}.{name}", _read(config_of, name, one.value), one.origin))
    if format is options.Format.JSON:
        write(as_json({name: {"value": _shown(value), "origin": origin} for name, value, origin in rows}), None)
        return
    from scfcost.report.console.layout import Listing

    table = Listing("setting", "value", "from")
    for name, value, origin in rows:
        table.add_row(name, str(_shown(value)), origin)
    write(drawn(lambda screen: screen.print(table), to_file=False), None)


def _read(function: FunctionConfig, name: str, written: object) -> object:
    """Return a setting of a function as it was understood, any other as it was written."""
    from scfcost.config.settings import FUNCTION_FIELDS

    return getattr(function, FUNCTION_FIELDS[name]) if name in FUNCTION_FIELDS else written


def _shown(value: object) -> object:
    if value is None:
        return "not set"
    return value if isinstance(value, bool | int | float) else str(value)
