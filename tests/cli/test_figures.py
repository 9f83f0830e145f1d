"""A figure is written in the reader's language, or it is said why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from scfcost import plots
from scfcost.cli import figures
from scfcost.core import language
from scfcost.plots import style


@pytest.mark.parametrize(("flags", "said"), [({}, 1), ({"quiet": True}, 0)])
def test_a_font_that_is_missing_is_named_once(
    flags: dict[str, bool],
    said: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(style, "chinese_font", lambda: None)
    with language.speaking("zh"):
        figures.save(plots.new_axes(), tmp_path / "one.png", flags)
    assert capsys.readouterr().err.count("apt install fonts-noto-cjk") == said
    assert (tmp_path / "one.png").exists()


def test_in_english_no_font_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(style, "chinese_font", lambda: None)
    figures.save(plots.new_axes(), tmp_path / "one.svg", {})
    assert capsys.readouterr().err == ""
