"""Whatever breaks while a file is taken apart is one message, and says whose fault it is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scfcost.cli.app import main
from scfcost.core.errors import TraceError
from scfcost.core.guard import OF_SHAPE, taking_apart
from scfcost.trace.reading import diagnose


@pytest.mark.parametrize("fault", [ValueError("no number"), OSError("gone"), ZeroDivisionError("by 0")])
def test_a_damaged_file_is_told_as_one(fault: Exception) -> None:
    with (
        pytest.raises(TraceError, match=f"^t: cannot be read as a log: {fault}$"),
        taking_apart("t", "a log", TraceError),
    ):
        raise fault


@pytest.mark.parametrize("fault", [KeyError("host"), AttributeError("None has no x"), TypeError("x"), IndexError("x")])
def test_a_fault_of_our_own_is_told_as_ours(fault: Exception) -> None:
    with (
        pytest.raises(TraceError, match="fault of scfcost, not of your file") as caught,
        taking_apart("t", "a log", TraceError),
    ):
        raise fault
    assert type(fault).__name__ in str(caught.value)


def test_a_caller_says_which_faults_are_the_files() -> None:
    words = "cannot be read as an estimate: 'bill'"
    with pytest.raises(TraceError, match=words), taking_apart("t", "an estimate", TraceError, *OF_SHAPE):
        raise KeyError("bill")
    ours = pytest.raises(TraceError, match="fault of scfcost")
    with ours, taking_apart("t", "a table", TraceError, RuntimeError, ours=(RuntimeError,)):
        raise RuntimeError("no such column")


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_fault_of_our_own_ends_in_words(
    debug: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.csv").write_text("connection_id,timestamp,event\na,x,connect\n")
    monkeypatch.setattr(diagnose, "read", lambda *_: {}["gone"])
    monkeypatch.setattr(sys, "argv", ["scfcost", "estimate", str(tmp_path / "t.csv")])
    monkeypatch.setenv("SCFCOST_DEBUG", debug)
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert (left.value.code, "fault of scfcost" in said, "Traceback" in said) == (2, True, bool(debug))
