"""The compiler of the loops.

A loop is a plain Python function marked with `njit`. The first call with arguments of a shape compiles it with numba
and keeps the machine code in a file; later processes load that file as it is, with llvmlite alone. Loading numba and
what it reads to call its own cached code takes longer than most answers.
"""

from __future__ import annotations

from scfcost.core.compiler.build import own_process
from scfcost.core.compiler.loop import Loop, njit, on_compile

__all__ = ["Loop", "njit", "on_compile", "own_process"]
