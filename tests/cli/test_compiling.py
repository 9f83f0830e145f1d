"""What a terminal hears when loops are compiled."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from scfcost.cli import compiling
from scfcost.cli.output import Loudness


@pytest.mark.parametrize(("say", "terminal", "told"), [
    (Loudness.NORMAL, True, 1), (Loudness.NORMAL, False, 0), (Loudness.QUIET, True, 0),
])  # fmt: skip
def test_a_terminal_hears_once_that_loops_are_compiled(
    say: Loudness, terminal: bool, told: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compiling, "_announced", False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    heard: list[Callable[[], None]] = []
    monkeypatch.setattr(compiling, "on_compile", heard.append)
    compiling.announce_compiling(say)
    for hear in heard * 2:
        hear()
    assert capsys.readouterr().err.count("compiling once") == told
