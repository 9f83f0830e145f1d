"""`scfcost estimate`: the bill of a trace."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import as_json, chosen_format, write

if TYPE_CHECKING:
    from scfcost.estimation import Estimate

_FILE_WIDTH = 100
"""Columns of a table that is written to a file. [1]"""


def estimate(
    paths: options.Paths,
    memory: options.Memory = None,
    idle_timeout: options.IdleTimeout = None,
    exec_timeout: options.ExecTimeout = None,
    init_timeout: options.InitTimeout = None,
    max_concurrency: options.MaxConcurrency = None,
    keep_alive: options.KeepAlive = None,
    placement: options.PlacementOption = None,
    function_type: options.FunctionTypeOption = None,
    ping_resets_idle: options.PingResetsIdle = None,
    empty_close_is_normal: options.EmptyCloseIsNormal = None,
    reconnect: options.ReconnectOption = None,
    reconnect_delay: options.ReconnectDelay = None,
    buffer_pushes: options.BufferPushes = None,
    heartbeat: options.Heartbeat = None,
    heartbeat_up_bytes: options.HeartbeatUpBytes = None,
    heartbeat_down_bytes: options.HeartbeatDownBytes = None,
    drop_heartbeats: options.DropHeartbeats = None,
    region: options.Region = None,
    plan: options.Plan = None,
    catalog: options.Catalog = None,
    pricing_date: options.PricingDate = None,
    traffic_rule: options.TrafficRuleOption = None,
    quota_mb: options.QuotaMb = None,
    burst_per_minute: options.BurstPerMinute = None,
    window: options.Window = None,
    time_unit: options.TimeUnitOption = None,
    on_error: options.OnErrorOption = options.OnError.STRICT,
    rejects: options.Rejects = None,
    memory_limit: options.MemoryLimit = None,
    config: options.ConfigFile = None,
    output: options.Output = None,
    format: options.FormatOption = None,  # noqa: A002
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show how each figure came about, with its source.", rich_help_panel="Output"),
    ] = False,
    quiet: options.Quiet = False,
) -> None:
    """Price a trace of WebSocket connections: the bill, the month, and what the timeouts do.

    scfcost estimate traces.csv --memory 256 --idle-timeout 60
    """
    flags = dict(locals())
    form = chosen_format(format, output)
    from scfcost.cli.inputs import estimate_of

    result = estimate_of(paths, flags)
    if form is not options.Format.TABLE and not quiet:
        for warning in result.warnings:
            print(f"scfcost: {warning.message}", file=sys.stderr)
    write(_render(result, form, explain=explain, to_file=output is not None), output)


def _render(result: Estimate, form: options.Format, *, explain: bool, to_file: bool) -> str:
    document = result.to_dict()
    if form is options.Format.JSON:
        return as_json(document)
    if form is options.Format.CSV:
        from scfcost.report import table

        return table.render(document)
    from scfcost.advice import insights

    if form is options.Format.MARKDOWN:
        from scfcost.report import markdown

        return markdown.render(document, insights(result), _steps(result) if explain else [])
    return _screen(document, insights(result), _steps(result) if explain else [], to_file=to_file)


def _steps(result: Estimate) -> list[str]:
    from scfcost.advice import explain

    return explain(result)


def _screen(document: dict[str, Any], said: dict[str, Any], steps: list[str], *, to_file: bool) -> str:
    from rich.console import Console

    from scfcost.report import console

    text = io.StringIO()
    screen = Console(file=text, width=_FILE_WIDTH, no_color=True) if to_file else _like_stdout(text)
    console.render(document, said, screen)
    if steps:
        console.render_steps("How the figures came about", steps, screen)
    return text.getvalue()


def _like_stdout(text: io.StringIO) -> Any:
    """Return a console that writes to memory what it would write to standard output."""
    from rich.console import Console

    out = Console()
    return Console(
        file=text, width=out.width, force_terminal=out.is_terminal, no_color=out.no_color, legacy_windows=False,
        color_system="auto" if out.color_system else None,
    )  # fmt: skip
