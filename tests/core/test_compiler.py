"""The compiler of the loops: what a process of our own loads of it."""

from __future__ import annotations

import subprocess
import sys

LOAD = "import sys; from scfcost.core import compiler; {own}; from scfcost.lifecycle.kernels import heaps; {then}"


def run(own: str, then: str) -> str:
    command = [sys.executable, "-c", LOAD.format(own=own, then=then)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_process_of_our_own_loads_no_linear_algebra_and_finds_it_when_asked() -> None:
    then = "print('scipy.linalg' in sys.modules, 'numba' in sys.modules); import scipy.linalg; print(scipy.linalg.norm)"
    assert run("compiler.own_process()", then).startswith("False True\n<function norm")


def test_elsewhere_numba_is_loaded_whole() -> None:
    assert run("pass", "from numba.np import arraymath; print(arraymath._HAVE_BLAS)") == "True"
