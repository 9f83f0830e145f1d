"""`scfcost emulate`: the user's own server under the platform's rules."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.constraint_options import CONSTRAINTS
from scfcost.cli.output import FAILED, as_json, write
from scfcost.core.errors import ConfigError

_RUN, _SILENT = "Run", "Where the vendor is silent"


class Mode(StrEnum):
    """What is done about a connection that reaches a timeout."""

    RECORD = "record"
    SHADOW = "shadow"
    CUT = "cut"


class Isolation(StrEnum):
    """How each instance comes to a port of its own."""

    AUTO = "auto"
    SECCOMP = "seccomp"
    HOOK = "hook"
    PORT = "port"


class EndAt(StrEnum):
    """When an invocation ends by itself."""

    HANDSHAKE = "handshake"
    FIRST = "first"
    TCP = "tcp"


class Limits(StrEnum):
    """What happens beyond the limits of messages."""

    WARN = "warn"
    OFF = "off"
    CLOSE = "close"


class EmulateFormat(StrEnum):
    """Forms of the report at the end."""

    TABLE = "table"
    JSON = "json"


_Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="COMMAND...",
        help="A command (after --), a folder with an scf_bootstrap, or an architecture (.toml).",
        show_default=False,
    ),
]
_FUNCTION = {
    name: annotation
    for name, annotation in options.FUNCTION.items()
    if name not in ("init_ms", "bill_init", "memory_base", "memory_per_connection")
}
_CLIENTS = {name: options.CLIENTS[name] for name in ("reconnect", "reconnect_delay", "max_retries", "buffer_pushes")}

MATTER = (
    "idle_timeout",
    "exec_timeout",
    "memory",
    "max_concurrency",
    "output",
    "mode",
    "listen",
    "upstream",
    "for_",
    "check",
)
"""Parameters that the short help shows."""


@options.takes(
    _FUNCTION, _CLIENTS, CONSTRAINTS, options.PRICES, options.LIMITS, {"config": options.ConfigFile},
    {"quiet": options.Quiet}, files=_Words, required=False,
)  # fmt: skip
def emulate(
    paths: list[str] | None,
    flags: dict[str, Any],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Trace to record: .parquet or .csv.", rich_help_panel=_RUN),
    ] = Path("emulated.parquet"),
    form: Annotated[
        EmulateFormat, typer.Option("--format", help="Form of the report at the end.", rich_help_panel=_RUN)
    ] = EmulateFormat.TABLE,
    mode: Annotated[
        Mode, typer.Option(help="Cut at the timeouts, judge alone, or only record.", rich_help_panel=_RUN)
    ] = Mode.CUT,
    listen: Annotated[
        str, typer.Option(help="Address of the first function; others follow.", rich_help_panel=_RUN)
    ] = "127.0.0.1:8000",
    expose: Annotated[
        bool, typer.Option("--expose", help="Allow an address that other machines reach.", rich_help_panel=_RUN)
    ] = False,
    upstream: Annotated[
        str | None,
        typer.Option(help="A server that already runs, such as ws://127.0.0.1:9000.", rich_help_panel=_RUN),
    ] = None,
    isolation: Annotated[
        Isolation, typer.Option(help="How each instance comes to a port 9000 of its own.", rich_help_panel=_RUN)
    ] = Isolation.AUTO,
    env: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE for the server; may be repeated.", rich_help_panel=_RUN)
    ] = None,
    env_file: Annotated[
        Path | None, typer.Option(help="File of NAME=VALUE lines for the server.", rich_help_panel=_RUN)
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=HOST:PORT of a service to count, such as redis=127.0.0.1:6379: the server finds it at NAME_URL.",
            rich_help_panel=_RUN,
        ),
    ] = None,
    client: Annotated[
        str | None,
        typer.Option(help="What names a client: cookie:NAME, header:NAME or query:NAME.", rich_help_panel=_RUN),
    ] = None,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Start instances anew when a file changes: 439 for all.", rich_help_panel=_RUN),
    ] = False,
    for_: Annotated[
        str | None, typer.Option("--for", help="End after so long, such as 90s, 5m or 1h.", rich_help_panel=_RUN)
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Exit with 1 unless scfcost finds every live verdict in the recording, and limits are kept.",
            rich_help_panel=_RUN,
        ),
    ] = False,
    logs: Annotated[bool, typer.Option("--logs", help="Show what the server writes.", rich_help_panel=_RUN)] = False,
    cut_close: Annotated[
        str, typer.Option(help="What a client sees at a cut: drop, reset or a close code.", rich_help_panel=_SILENT)
    ] = "drop",
    end_at: Annotated[
        EndAt,
        typer.Option(help="When an invocation ends: both close frames, the first, or TCP.", rich_help_panel=_SILENT),
    ] = EndAt.HANDSHAKE,
    freeze: Annotated[
        str,
        typer.Option(help="Freeze instances without connections: off, on, or after MS.", rich_help_panel=_SILENT),
    ] = "off",
    limits: Annotated[
        Limits, typer.Option(help="Beyond the documented limits of messages.", rich_help_panel=_SILENT)
    ] = Limits.WARN,
) -> None:
    """Run your own server under the platform's rules, and show the bill, the cuts and the proof.

    scfcost emulate -- node app.js

    scfcost emulate --idle-timeout 60s --exec-timeout 15m -o run.parquet -- python server.py

    scfcost emulate --mode record --upstream ws://127.0.0.1:9000
    """
    if sys.platform == "win32":
        raise ConfigError("emulate needs Linux or macOS; on Windows run it in WSL")
    from scfcost.cli.emulate_asked import Asked
    from scfcost.cli.emulate_report import failed, keep_settings, reported
    from scfcost.cli.emulate_screen import screen
    from scfcost.cli.emulate_setup import clear_live, setup_of
    from scfcost.emulate.run import run

    own = Asked(
        paths or [], output, mode.value, listen, upstream, isolation.value, env or [], env_file, service or [], client,
        for_, cut_close, end_at.value, freeze, limits.value, expose=expose, watch=watch, logs=logs,
    )  # fmt: skip
    ran = run(setup_of(own, flags))
    clear_live()
    report = reported(ran, own, flags)
    keep_settings(report)
    write(as_json(report.document) if form is EmulateFormat.JSON else screen(report), None)
    if not any(one.host.instances.ever_ready or not one.host.instances.failures for one in ran):
        raise ConfigError("no instance ever listened on port 9000: see the warnings above")
    if reasons := failed(report, checks=check):
        print("".join(f"scfcost: {reason}\n" for reason in reasons), end="", file=sys.stderr)
        raise typer.Exit(FAILED)
