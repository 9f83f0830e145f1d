"""The flags that say what a user can bear, and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.config.limits import amount, rate

if TYPE_CHECKING:
    from scfcost.analysis.sweep.constraints import Constraints

_PANEL = "What you can bear"

CONSTRAINTS: dict[str, Any] = {
    "max_harmful_cuts": Annotated[
        str | None,
        typer.Option(help="Harmful cuts per session, such as 1%.", rich_help_panel=_PANEL, show_default=False),
    ],
    "max_reconnects": Annotated[
        str | None,
        typer.Option(
            help="Reconnects per hour of session life, such as 2/h.", rich_help_panel=_PANEL, show_default=False
        ),
    ],
    "max_lost": Annotated[
        str | None,
        typer.Option(help="Share of messages lost, such as 0.1%.", rich_help_panel=_PANEL, show_default=False),
    ],
    "max_missed": Annotated[
        str | None, typer.Option(help="Share of pushes missed, such as 5%.", rich_help_panel=_PANEL, show_default=False)
    ],
    "budget": Annotated[
        str | None,
        typer.Option(help="Cost of a month, in the book's currency.", rich_help_panel=_PANEL, show_default=False),
    ],
}
"""Flags of what a setting may do, and their keys in the `[check]` table of scfcost.toml."""
CHECKED: dict[str, Any] = {
    **CONSTRAINTS,
    "worst_case": Annotated[
        str | None,
        typer.Option(
            help="What a month may cost at most, whatever happens: the quota, busy all month.", rich_help_panel=_PANEL,
            show_default=False,
        ),
    ],
}  # fmt: skip
"""Those, and what the account may allow: all keys of the `[check]` table."""


def constraints_of(flags: dict[str, Any]) -> Constraints:
    """Read what a user can bear from the flags, then from the `[check]` table of the configuration file."""
    from scfcost.analysis.sweep.constraints import Constraints

    values = checked_values(flags)
    return Constraints(
        max_harmful_cuts=rate(values["max_harmful_cuts"], "max_harmful_cuts"),
        max_reconnects=rate(values["max_reconnects"], "max_reconnects", unit="/h"),
        max_lost=rate(values["max_lost"], "max_lost"),
        max_missed=rate(values["max_missed"], "max_missed"),
        budget=amount(values["budget"], "budget"),
    )


def checked_values(flags: dict[str, Any]) -> dict[str, Any]:
    """Return what a user can bear as it is written: in the flags, else in the `[check]` table."""
    from scfcost.config.settings import check_table

    table = check_table(flags.get("config"), CHECKED)
    return {name: flags[name] if flags.get(name) is not None else table.get(name) for name in CHECKED}
