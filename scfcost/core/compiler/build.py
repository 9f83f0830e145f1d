"""Loops into machine code, with numba: once on a machine, and again where what they say has changed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, NamedTuple

from scfcost.core.compiler.source import Source

_UNUSED = ("scipy.linalg", "coverage")
"""What numba loads where it is there: linear algebra, and the coverage of compiled lines."""
_process = {"own": False}
_RETURNS = {"int64": "q", "bool": "?", "uint8": "B", "int16": "h", "uint64": "Q", "int32": "i"}
"""Kinds of numbers that a loop returns, as `ctypes` and `struct` call them."""


class Code(NamedTuple):
    """A loop that was compiled for arguments of one shape."""

    symbol: str
    """Its name in the machine code."""
    returns: str
    """Kinds of the numbers that it returns, in `struct`'s letters; in brackets for a tuple."""
    machine: bytes
    """An object file."""


class NeedsNumbaError(Exception):
    """The code asks for what only numba's own run time gives, such as memory."""


def own_process() -> None:
    """Say that this process runs scfcost alone, so that nobody else in it needs what numba is loaded without."""
    _process["own"] = True


def load_numba() -> None:
    """Load numba; in a process of our own as if what it does not need here were not installed."""
    if "numba" in sys.modules or not _process["own"]:
        import numba

        del numba
        return
    hidden = [name for name in _UNUSED if name not in sys.modules]
    hide: dict[str, Any] = dict.fromkeys(hidden)  # None in its place makes an import fail
    sys.modules.update(hide)
    try:
        import numba

        del numba
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def plain(loop: Source) -> FunctionType:
    """Return the function of a loop, for which what it calls is numba's."""
    load_numba()
    function = loop.function
    called = {
        name: _inner(value) if isinstance(value, Source) else value
        for name, value in function.__globals__.items()
        if name in function.__code__.co_names
    }
    copied = FunctionType(function.__code__, {"__name__": function.__module__, **called}, function.__name__)
    copied.__qualname__ = function.__qualname__
    copied.__module__ = function.__module__
    return copied


def _inner(loop: Source) -> Any:
    """Return a loop as other loops call it: without what Python would call, which takes a third of the compiling."""
    import numba

    if loop.numba is None:
        inner = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **loop.options)(plain(loop))
        typed = inner.get_call_template
        # Else numba compiles it anew for each number that a call writes out: one addition was compiled thirteen times.
        inner.get_call_template = lambda given, named: typed(
            tuple(map(numba.types.unliteral, given)),
            {name: numba.types.unliteral(kind) for name, kind in named.items()},
        )
        loop.numba = inner
    return loop.numba


def with_numba(loop: Source) -> Any:
    """Return a loop that numba compiles and calls by itself."""
    function = plain(loop)
    import numba

    return numba.njit(nogil=True, **loop.options)(function)


def build(loop: Source, shapes: tuple[Any, ...], values: tuple[Any, ...]) -> Code:
    """Compile a loop.

    Parameters
    ----------
    loop : Source
        The loop.
    shapes : tuple
        Shapes of its arguments, see `arguments.shape_of`.
    values : tuple
        The arguments of the call that asks for it; only the classes of tuples are taken from them.

    Raises
    ------
    NeedsNumbaError
        If the code cannot run without numba.
    """
    with _no_collection():
        return _built(loop, shapes, values)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for garbage: numba makes so many objects, nearly all in use, that it takes a tenth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _built(loop: Source, shapes: tuple[Any, ...], values: tuple[Any, ...]) -> Code:
    python = plain(loop)
    from numba.core import compiler
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.registry import cpu_target

    flags = compiler.Flags()
    flags.nrt, flags.error_model = True, "python"
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    with global_compiler_lock:
        typing, target = cpu_target.typing_context, cpu_target.target_context
        typing.refresh()
        target.refresh()
        kinds = tuple(_numba_type(shape, value) for shape, value in zip(shapes, values, strict=True))
        made = compiler.compile_extra(typing, target, python, kinds, None, flags, {})
        library = made.library
        machine = library._get_compiled_object()  # noqa: SLF001 (numba keeps it in its own cache, and gives it nowhere else)
    if b"NRT_MemInfo_alloc" in machine:  # a symbol that it wants
        raise NeedsNumbaError(f"{loop.name} asks for memory of its own")
    return Code(made.fndesc.llvm_func_name, _returned(made.signature.return_type), machine)


def _numba_type(shape: Any, value: Any) -> Any:
    """Return the type of an argument; one that may not be written to is taken as one that may, and left as it is."""
    import numpy as np
    from numba import from_dtype, types

    if shape == "int":
        return types.int64
    if shape == "bool":
        return types.boolean
    if isinstance(value, np.ndarray):
        return types.Array(from_dtype(value.dtype), value.ndim, shape[2])
    members = [_numba_type(one, member) for one, member in zip(shape[1:], value, strict=True)]
    return types.BaseTuple.from_types(members, type(value))


def _returned(kind: Any) -> str:
    from numba import types

    if kind == types.none:
        return ""
    if isinstance(kind, types.BaseTuple):
        return "(" + "".join(_returned(one) for one in kind) + ")"
    if isinstance(kind, types.Literal):
        kind = kind.literal_type
    if kind.name not in _RETURNS:
        raise NeedsNumbaError(f"{kind} is more than numbers")
    return _RETURNS[kind.name]
