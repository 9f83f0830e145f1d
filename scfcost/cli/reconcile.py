"""`scfcost reconcile`: a forecast against what the deployed function's own log and bill say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import as_json, chosen_format, drawn, loudness, status, write
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.reconcile.reconcile import Reconciliation

_REALITY = "What happened"


@options.takes(options.FUNCTION, options.CLIENTS, options.PRICES, options.READING, options.OUTPUT)
def reconcile(
    paths: list[str],
    flags: dict[str, Any],
    cls: Annotated[
        list[str],
        typer.Option("--cls", help="SCF's own log as exported from CLS: files or globs.", rich_help_panel=_REALITY),
    ],
    bill: Annotated[
        Path | None,
        typer.Option(
            help="The bill as CSV: item,quantity,amount or Tencent Cloud's bill details.",
            rich_help_panel=_REALITY,
            show_default=False,
        ),
    ] = None,
    log_function: Annotated[
        list[str] | None,
        typer.Option(help="Function of the log that the trace stands for.", rich_help_panel=_REALITY),
    ] = None,
    log_period: Annotated[
        str | None,
        typer.Option(
            help="START/END that the log covers. [default: first start to last end]", rich_help_panel=_REALITY
        ),
    ] = None,
) -> None:
    """Compare what was forecast from a trace with what SCF logged and billed, and explain the difference.

    scfcost reconcile trace.parquet --cls scf-logs.json --bill bill.csv
    """
    form = chosen_format(flags["format"], flags["output"])
    if form is options.Format.CSV:
        raise ConfigError("a reconciliation is given as table, json or markdown")
    document = _reconciled(paths, flags, cls, bill, log_function or [], log_period).to_dict()
    if form is options.Format.JSON:
        write(as_json(document), flags["output"])
        return
    if form is options.Format.MARKDOWN:
        from scfcost.report import reconciliation

        write(reconciliation.markdown(document), flags["output"])
        return
    from scfcost.report.console.reconciliation import render_reconciliation

    write(drawn(lambda screen: render_reconciliation(document, screen), to_file=bool(flags["output"])), flags["output"])


def _reconciled(
    paths: list[str], flags: dict[str, Any], cls: list[str], bill: Path | None, functions: list[str], period: str | None
) -> Reconciliation:
    from scfcost.analysis.reconcile.reconcile import reconcile as compared
    from scfcost.cli.inputs import estimate_of
    from scfcost.trace.formats.scf_files import read_log
    from scfcost.trace.window import parse_window

    estimate = estimate_of(paths, flags)
    with status("reading the log", say=loudness(flags)):
        log = read_log(cls)
    return compared(estimate, log, functions=functions, period=parse_window(period) if period else None, bill=bill)
