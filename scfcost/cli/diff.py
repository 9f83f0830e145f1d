"""`scfcost diff`: two saved estimates side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scfcost.cli import options
from scfcost.cli.output import as_json, chosen_format, drawn, write
from scfcost.errors import ConfigError


def diff(
    base: Annotated[Path, typer.Argument(help="A saved estimate (JSON) to compare with.")],
    head: Annotated[Path, typer.Argument(help="The saved estimate that is new.")],
    output: options.Output = None,
    format: options.FormatOption = None,  # noqa: A002
) -> None:
    """Show what differs between two estimates saved with --format json.

    scfcost diff base.json head.json --format markdown
    """
    form = chosen_format(format, output)
    if form is options.Format.CSV:
        raise ConfigError("a difference is given as table, json or markdown")
    from scfcost.diffing import diff as compared
    from scfcost.diffing import load_document

    document = compared(load_document(base), load_document(head)).to_dict()
    if form is options.Format.JSON:
        write(as_json(document), output)
        return
    from scfcost.report import choices, console_choice

    if form is options.Format.MARKDOWN:
        write(choices.diff_markdown(document), output)
        return
    write(drawn(lambda screen: console_choice.render_diff(document, screen), to_file=output is not None), output)
