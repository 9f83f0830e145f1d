"""`scfcost` alone leads on: three questions and the commands that answer them."""

from __future__ import annotations

import shlex
import sys

import pytest
from typer.main import get_command

from scfcost.cli import app
from scfcost.cli.start import first_words
from scfcost.core import language


def test_alone_it_asks_three_questions(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["scfcost"])
    with pytest.raises(SystemExit) as left:
        app.main()
    shown = capsys.readouterr()
    assert (left.value.code, shown.err) == (0, "")
    assert shown.out == first_words()


def test_its_commands_are_there_with_their_flags() -> None:
    commands = get_command(app.app).commands  # type: ignore[attr-defined]
    shown = [shlex.split(line) for line in first_words().splitlines() if line.startswith("  scfcost ")]
    assert [words[1] for words in shown] == ["estimate", "recommend", "sample"]
    for words in shown:
        flags = {flag for parameter in commands[words[1]].params for flag in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= flags


def test_in_chinese_the_commands_stay_as_they_are() -> None:
    with language.speaking("zh"):
        told = first_words()
    english = [line for line in first_words().splitlines() if line.startswith("  ")]
    assert [line for line in told.splitlines() if line.startswith("  ")] == english
    assert "一个月多少钱" in told
