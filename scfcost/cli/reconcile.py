"""`scfcost reconcile`: a forecast against what the deployed function's own log and bill say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import deliver, form_for, loudness, status

if TYPE_CHECKING:
    from scfcost.analysis.reconcile.reconcile import Reconciliation

_REALITY = "What happened"

MATTER = (
    "cls",
    "bill",
    "log_function",
    "log_period",
    "idle_timeout",
    "exec_timeout",
    "memory",
    "region",
    "output",
    "format",
)
"""Parameters that the short help shows."""


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

    scfcost reconcile trace.parquet --cls scf-logs.json

    scfcost reconcile trace.parquet --cls scf-logs.json --bill bill.csv

    scfcost reconcile trace.parquet --cls scf-logs.json --log-function chat --format markdown
    """
    form = form_for("reconcile", flags)
    deliver(_reconciled(paths, flags, cls, bill, log_function or [], log_period).to_dict(), form, flags)


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
