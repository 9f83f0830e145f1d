"""No output takes the place of an input, however a command comes to read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scfcost.cli.outputs import check_outputs
from scfcost.core.errors import ConfigError

ARCHITECTURE = (
    '[functions.chat]\ntraffic = "in.csv"\n[functions.other]\ntraffic = "deep/load.toml"\ncommand = "run me.py"\n'
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deep").mkdir()
    for name in ("in.csv", "in.csv.window", "me.py", "book.toml", "deep/more.csv", "a.csv", "b.csv"):
        Path(name).write_text("")
    Path("a.toml").write_text(ARCHITECTURE)
    Path("deep/load.toml").write_text('observed = ["more.csv"]\n')
    Path("scfcost.toml").write_text('catalog = "book.toml"\n')
    Path("link.csv").symlink_to("in.csv")
    Path("hard.csv").hardlink_to("in.csv")


@pytest.mark.parametrize(
    "output",
    ["a.toml", "in.csv", "./deep/../in.csv", "link.csv", "hard.csv", "in.csv.window", "deep/load.toml", "deep/more.csv",
     "me.py", "scfcost.toml", "book.toml"],
)  # fmt: skip
@pytest.mark.parametrize("flag", ["output", "rejects", "timeline", "plot"])
def test_what_an_input_names_is_an_input(output: str, flag: str) -> None:
    with pytest.raises(ConfigError, match=f"--{flag}: .* is an input"):
        check_outputs({"paths": ["a.toml"], flag: Path(output)})


def test_files_of_options_patterns_and_settings_are_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCFCOST_CATALOG", "a.csv")
    for flags in (
        {"paths": ["*.csv"]},
        {"cls": ["b.csv", "a.csv"]},
        {"bill": Path("a.csv")},
        {"other": [("x", "a.csv")]},
        {},
    ):
        with pytest.raises(ConfigError, match=r"--output: a\.csv is an input"):
            check_outputs({**flags, "output": Path("a.csv")})


def test_the_window_beside_an_output_is_an_output() -> None:
    with pytest.raises(ConfigError, match=r"--output: in\.csv\.window is an input"):
        check_outputs({"paths": ["in.csv.window"], "output": Path("in.csv")})


def test_what_nothing_names_may_be_written() -> None:
    Path("broken.toml").write_text("[" * 2_000)
    check_outputs({"paths": ["a.toml", "broken.toml"], "output": Path("new.csv"), "plot": Path("b.csv")})
    check_outputs({"paths": ["a.toml"], "output": Path("-")})
    check_outputs({"paths": ["x" * 5_000, "nul\0", "https://example.org/a.csv"], "output": Path("a.csv")})
