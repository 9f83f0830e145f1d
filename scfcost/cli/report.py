"""`scfcost report`: the interactive page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.on_platform import guesses_of
from scfcost.cli.output import loudness, note, progress, write
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate

_AXES = "Sliders"
_SUFFIXES = (".html", ".htm")

MATTER = (
    "reconnect",
    "idle",
    "execution",
    "memories",
    "output",
    "idle_timeout",
    "exec_timeout",
    "memory",
    "region",
    "title",
)
"""Parameters that the short help shows."""


@options.takes(
    options.FUNCTION, options.CLIENTS, options.PRICES, options.LIMITS, options.GUESSES, options.READING, options.SAID
)
def report(
    paths: list[str],
    flags: dict[str, Any],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write; - for standard output.", rich_help_panel="Output")
    ] = Path("report.html"),
    idle: Annotated[
        str | None,
        typer.Option("--idle", help="Idle timeouts: a range such as 10s:5m:10s, or a list. [default: 10 to 600]",
                     rich_help_panel=_AXES),
    ] = None,
    execution: Annotated[
        str | None,
        typer.Option("--exec", help="Execution timeouts: a range or a list. [default: 30 to 900]",
                     rich_help_panel=_AXES),
    ] = None,
    memories: Annotated[
        str | None, typer.Option(help="Memories, in MB: a list. [default: 64 to 2048]", rich_help_panel=_AXES)
    ] = None,
    shared: Annotated[
        str | None,
        typer.Option(help="Connections an instance holds: a list; each setting is then replayed by itself. "
                     "[default: the present one]", rich_help_panel=_AXES),
    ] = None,
    replications: options.Replications = None,
    rate: options.Rate = None,
    title: Annotated[
        str | None, typer.Option(help="What stands above the page.", rich_help_panel="Output", show_default=False)
    ] = None,
) -> None:  # fmt: skip
    """Write one HTML file to explore offline: sliders over an exact sweep, charts, the bill and what was assumed.

    scfcost report traces.csv --reconnect on-demand -o report.html

    scfcost report traces.csv --idle 10s:5m:10s --exec 1m:15m:1m -o report.html

    scfcost report traces.csv --lang zh --title "聊天室" -o report.html
    """
    if str(output) != "-" and output.suffix.lower() not in _SUFFIXES and (output.is_file() or not output.exists()):
        raise ConfigError(f"{output}: the report is a page of HTML: end its name with .html")
    from scfcost.analysis.sweep.explore import explore
    from scfcost.cli.again import again
    from scfcost.cli.inputs import deployed_name, one_setting_of, plan_of, trace_of
    from scfcost.config.axes import seconds_axis, whole_axis
    from scfcost.report.page.render import render

    wishes: dict[str, Any] = {
        "idle_ms": seconds_axis(idle, "idle") if idle else None,
        "exec_ms": seconds_axis(execution, "exec") if execution else None,
        "memory_mb": whole_axis(memories, "memories") if memories else None,
        "max_concurrency": whole_axis(shared, "shared") if shared else None,
        "made": plan_of(paths, flags),
        "replications": replications,
        "advise": True,
        "beside": lambda found: _elsewhere(found, rate, flags),
    }
    base, pricing = one_setting_of(flags)
    trace = trace_of(paths, flags)
    say = loudness(flags)
    with progress("sweeping", say=say) as advance:
        found = explore(
            trace, base, progress=advance, notice=lambda text: note(text, say=say), **wishes, pricing=pricing
        )
    document = found.to_dict(lambda command, added: again(command, added, paths, flags), deployed_name(flags))
    if found.beside:
        document = {**document, "platforms": found.beside}
    write(render(document, title=title, made_on=datetime.now().astimezone().date()), output)
    if str(output) != "-":
        note(f"{output} is written: open it in a browser", say=say)


def _elsewhere(here: TraceEstimate, rate: list[str] | None, flags: dict[str, Any]) -> dict[str, Any] | None:
    """Return the trace on every platform, as plain data; None where there is no month, or no WebSockets."""
    from scfcost.analysis.compare.table import Asked, compare_platforms, rates_of

    if here.factor is None or any(config.function_type != "web-ws" for config in here.functions.values()):
        return None
    asked = Asked(rates=rates_of(rate or ()), guesses=guesses_of(flags), plan=flags.get("plan"))
    return compare_platforms([("as set", here)], asked).to_dict()
