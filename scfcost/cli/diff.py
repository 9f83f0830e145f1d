"""`scfcost diff`: two saved estimates side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import as_json, chosen_format, drawn, write
from scfcost.core.errors import ConfigError


def diff(
    base: Annotated[Path, typer.Argument(help="A saved estimate (.json) or a configuration (.toml) to compare with.")],
    head: Annotated[Path, typer.Argument(help="The saved estimate or configuration that is new.")],
    trace: Annotated[
        list[str] | None, typer.Option(help="Trace that configurations are estimated on.", show_default=False)
    ] = None,
    output: options.Output = None,
    format: options.FormatOption = None,  # noqa: A002
) -> None:
    """Show what differs between two estimates saved with --format json, or between two configurations.

    scfcost diff base.json head.json --format markdown
    """
    form = chosen_format(format, output)
    if form is options.Format.CSV:
        raise ConfigError("a difference is given as table, json or markdown")
    from scfcost.analysis.estimate.diff import diff as compared

    document = compared(_document(base, trace), _document(head, trace)).to_dict()
    if form is options.Format.JSON:
        write(as_json(document), output)
        return
    from scfcost.report import choices
    from scfcost.report.console import choices as console

    if form is options.Format.MARKDOWN:
        write(choices.diff_markdown(document), output)
        return
    write(drawn(lambda screen: console.render_diff(document, screen), to_file=output is not None), output)


def _document(path: Path, trace: list[str] | None) -> dict[str, Any]:
    """Load a saved estimate, or estimate the trace under a configuration."""
    from scfcost.analysis.estimate.diff import load_document

    if path.suffix != ".toml":
        return load_document(path)
    if not trace:
        raise ConfigError(f"{path}: name the trace to estimate under it with --trace")
    from scfcost.cli.inputs import estimate_of

    return estimate_of(trace, {"config": path, "quiet": True}).to_dict()
