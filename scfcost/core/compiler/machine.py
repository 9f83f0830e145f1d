"""Machine code that was kept, into functions that can be called: llvmlite links it, `ctypes` calls it."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from scfcost.core.compiler.arguments import kinds_of, words_of

_NUMBERS = {
    "q": ctypes.c_int64, "?": ctypes.c_bool, "B": ctypes.c_uint8, "h": ctypes.c_int16, "Q": ctypes.c_uint64,
    "i": ctypes.c_int32,
}  # fmt: skip
_NEVER_CALLED = "NRT_MemInfo_call_dtor"
"""What frees memory of numba's. A loop is handed numpy's, so that it never comes to this, but the linker wants it."""


def can_load() -> bool:
    """Whether kept code is loaded on this kind of machine: where it was tried."""
    return sys.platform == "linux" and platform.machine() == "x86_64" and sys.implementation.name == "cpython"


@cache
def processor() -> tuple[str, str]:
    """Return name and features of this processor: code for one may not run on another."""
    import llvmlite.binding as llvm

    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


@cache
def _engine() -> Any:
    """Return what links machine code in this process."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    if llvm.address_of_symbol(_NEVER_CALLED) is None:
        llvm.add_symbol(_NEVER_CALLED, ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value)
    module = llvm.parse_assembly("")
    target = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault", jit=True)
    return llvm.create_mcjit_compiler(module, target)


def load(symbol: str, returns: str, code: bytes, shapes: tuple[Any, ...]) -> Callable[..., Any]:
    """Link a loop, and return what calls it.

    Parameters
    ----------
    symbol : str
        Its name in the machine code.
    returns : str
        What it returns, see `build.Code`.
    code : bytes
        The object file.
    shapes : tuple
        Shapes of its arguments.
    """
    import llvmlite.binding as llvm

    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    kinds = [kind for shape in shapes for kind in kinds_of(shape)]
    native = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *kinds)(
        engine.get_function_address(symbol)
    )
    is_tuple, letters = returns.startswith("("), returns.strip("()") or "q"
    fields = [(f"_{place}", _NUMBERS[letter]) for place, letter in enumerate(letters)]
    answer = type("Answer", (ctypes.Structure,), {"_fields_": fields})

    def call(*arguments: Any) -> Any:
        words: list[Any] = []
        for argument in arguments:
            words_of(argument, words)
        result, fault = answer(), ctypes.c_void_p()
        status = native(ctypes.addressof(result), ctypes.addressof(fault), *words)  # the lock is free meanwhile
        if status > 0 or status == _FAILED:
            raise ArithmeticError(f"a compiled loop came to a division by zero (code {status})")
        if not returns:
            return None
        numbers = tuple(getattr(result, name) for name, _ in fields)
        return numbers if is_tuple else numbers[0]

    return call


_FAILED = -1
"""Status of a loop that raised; others below 0 tell of an answer without value."""
