"""Commands that are proposed can be pasted: each flag of theirs is one."""

from __future__ import annotations

import pytest
import typer

from scfcost.cli.again import _TAKEN, _flag, again
from scfcost.cli.app import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", _TAKEN)
def test_each_flag_of_a_proposed_command_is_one_of_it(command: str) -> None:
    known = {name for option in COMMANDS[command].params for name in (*option.opts, *option.secondary_opts)}
    assert {_flag(name, one, True) for name, one in _TAKEN[command].items()} <= known


def test_the_mapping_of_a_log_is_named_as_it_was() -> None:
    assert again("recommend", "", ["a b.log"], {"source_format": "m.toml"}) == (
        "scfcost recommend 'a b.log' --from m.toml"
    )
