"""`scfcost scenario`: the presets that an idea of the traffic can start from."""

from __future__ import annotations

from typing import Annotated

import typer

from scfcost.cli import completion
from scfcost.cli.help import App
from scfcost.cli.output import write
from scfcost.core.comments import commented
from scfcost.core.language import translated

app = App(
    help="""Look at scenarios to start from where there is no trace yet.

    scfcost scenario list

    scfcost scenario show chat-room > my.toml

    scfcost estimate my.toml
    """
)


@app.command("list")
def list_presets() -> None:
    """List the presets, and how much traffic each stands for as it is.

    scfcost scenario list

    scfcost scenario list --lang zh

    scfcost estimate my.toml
    """
    from rich.cells import cell_len

    from scfcost.workload.generate import DAYS, plan
    from scfcost.workload.presets import preset, preset_names

    titles = (translated(title) for title in ("sessions a day", "open at once", "messages each"))
    lines = [" " * 24 + "".join(" " * (16 - cell_len(title)) + title for title in titles)]
    for name in preset_names():
        scenario = preset(name)
        size = plan(scenario).size
        daily, each = size.arrivals / DAYS, size.messages / (size.arrivals or size.sessions)
        lines += [
            f"{name:24}{daily:>16,.0f}{size.concurrent:>16,.1f}{each:>16,.0f}",
            f"  {translated(scenario.description)}",
        ]
    show, price = "write one down; change what is marked as a guess", "what it costs, and how sure that is"
    lines += ["", f"scfcost scenario show NAME > my.toml    {translated(show)}"]
    lines += [f"scfcost estimate my.toml                {translated(price)}"]
    write("\n".join(lines) + "\n", None)


@app.command("show")
def show(name: Annotated[str, typer.Argument(help="Name of a preset.", autocompletion=completion.presets)]) -> None:
    """Show the file of a preset, where its figures come from, and which are guesses.

    scfcost scenario show chat-room

    scfcost scenario show chat-room > my.toml

    scfcost scenario show llm-streaming > my.toml
    """
    from scfcost.workload.presets import preset_text

    write(commented(preset_text(name)), None)
