"""`scfcost diff`: two saved estimates side by side."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import FAILED, Loudness, deliver, form_for, note
from scfcost.config.limits import amount, rate
from scfcost.core.errors import ConfigError


def diff(
    base: Annotated[Path, typer.Argument(help="A saved estimate (.json) or a configuration (.toml) to compare with.")],
    head: Annotated[Path, typer.Argument(help="The saved estimate or configuration that is new.")],
    trace: Annotated[
        list[str] | None, typer.Option(help="Trace that configurations are estimated on.", show_default=False)
    ] = None,
    only_above: Annotated[
        str | None, typer.Option(help="Show only figures that change by more, such as 5%.", show_default=False)
    ] = None,
    fail_above: Annotated[
        str | None,
        typer.Option(help="Exit code 1 where the month rises by more: 5%, or an amount.", show_default=False),
    ] = None,
    output: options.Output = None,
    format: options.FormatOption = None,  # noqa: A002
) -> None:
    """Show what differs between two estimates saved with --format json, or between two configurations.

    scfcost diff base.json head.json

    scfcost diff base.json head.json --format markdown --fail-above 5%

    scfcost diff base.toml head.toml --trace traces.csv
    """
    flags = {"format": format, "output": output}
    form = form_for("diff", flags)
    from scfcost.analysis.estimate.diff import diff as compared

    least = _least(only_above)
    most = _limit(fail_above)
    found = compared(_document(base, trace), _document(head, trace))
    deliver((found if least is None else found.only_above(least)).to_dict(), form, flags)
    rises = False if most is None else found.rises_above(most)
    if rises is not False:
        reason = "the month rises by more" if rises else "what the months do not hold leaves it open"
        note(f"--fail-above {fail_above}: {reason}", say=Loudness.NORMAL)
        raise typer.Exit(FAILED)


def _least(text: str | None) -> Fraction | None:
    """Return the share that a figure has to change by; a bare 5 could be 5 % or five times."""
    if text is not None and not text.strip().endswith("%"):
        raise ConfigError(f"--only-above: {text!r} is no share in per cent, such as 5%")
    return rate(text, "--only-above")


def _limit(text: str | None) -> Fraction | Decimal | None:
    """Return a share of the month, or an amount, that it may rise by."""
    if text is None or text.strip().endswith("%"):
        return rate(text, "--fail-above")
    return amount(text, "--fail-above")


def _document(path: Path, trace: list[str] | None) -> dict[str, Any]:
    """Load a saved estimate, or estimate the trace under a configuration."""
    from scfcost.analysis.estimate.diff import load_document

    if path.suffix != ".toml":
        return load_document(path)
    if not trace:
        raise ConfigError(f"{path}: name the trace to estimate under it with --trace")
    from scfcost.cli.inputs import estimate_of

    return estimate_of(trace, {"config": path, "quiet": True}).to_dict()
