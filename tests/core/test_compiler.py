"""The compiler of the loops: what a process of our own loads of it, and when kept code is taken."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scfcost.core.compiler import Loop, machine, njit, store
from scfcost.core.compiler.build import Code

NUMBA = "import sys; from scfcost.core.compiler import build; {own}; build.load_numba(); {then}"
NUMBERS = np.arange(12, dtype=np.int64)
STEP = 2


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_process_of_our_own_loads_no_linear_algebra_and_finds_it_when_asked() -> None:
    then = "print('scipy.linalg' in sys.modules); import scipy.linalg; print(scipy.linalg.norm)"
    assert run(NUMBA.format(own="build.own_process()", then=then)).startswith("False\n<function norm")


def test_elsewhere_numba_is_loaded_whole() -> None:
    then = "from numba.np import arraymath; print(arraymath._HAVE_BLAS)"
    assert run(NUMBA.format(own="pass", then=then)) == "True"


@njit()
def twice(values: Any, number: int) -> Any:
    total = 0
    for k in range(values.shape[0]):
        total += values[k] * STEP
    return total, number // values[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path / "scfcost"


def fresh() -> Loop:
    return Loop(twice.function, {})


def test_kept_code_answers_as_python_does_and_is_not_compiled_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fresh()
    assert first(NUMBERS + 1, -7) == twice.function(NUMBERS + 1, -7) == (156, -7)
    (kept,) = folder.iterdir()
    before = kept.read_bytes()
    monkeypatch.setattr("scfcost.core.compiler.loop.build", None)
    assert fresh()(NUMBERS + 1, 5) == (156, 5)
    assert fresh()(NUMBERS.reshape(6, 2)[:, 0] + 1, 9) == (72, 9)
    assert kept.read_bytes() == before


def test_a_division_by_zero_is_told(folder: Path) -> None:
    with pytest.raises(ArithmeticError, match="division by zero"):
        fresh()(NUMBERS, 1)


@pytest.mark.parametrize(("arguments", "error"), [((NUMBERS, 2**63), OverflowError), ((NUMBERS, 0.5), TypeError)])
def test_what_a_loop_does_not_take_is_refused(arguments: tuple[Any, ...], error: type[Exception], folder: Path) -> None:
    with pytest.raises(error):
        fresh()(*arguments)


@pytest.mark.parametrize("harm", ["cut short", "another byte", "no head"])
def test_a_file_that_is_not_whole_is_not_taken(harm: str, folder: Path) -> None:
    loop, shapes = fresh(), ("int",)
    store.keep(loop, shapes, Code("name", "q", b"machine code"))
    assert store.kept(loop, shapes) == Code("name", "q", b"machine code")
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes({"cut short": whole[:-1], "another byte": whole[:-1] + b"!", "no head": whole[4:]}[harm])
    assert store.kept(loop, shapes) is None


def test_code_is_compiled_anew_where_a_constant_that_it_reads_has_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep(twice, ("int",), Code("name", "q", b"as it was"))
    monkeypatch.setitem(globals(), "STEP", 3)
    assert store.kept(twice, ("int",)) is None
    store.keep(twice, ("int",), Code("name", "q", b"as it is"))
    assert len(list(folder.iterdir())) == 1  # what it said before is gone


def test_where_kept_code_was_never_tried_numba_calls_the_loop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "can_load", lambda: False)
    assert fresh()(NUMBERS + 1, -7) == (156, -7)
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null")
    store.keep(twice, ("int",), Code("name", "q", b""))
    assert store.folder() is None
    assert store.kept(twice, ("int",)) is None
