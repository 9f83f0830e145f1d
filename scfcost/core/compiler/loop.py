"""A loop: a plain Python function that runs as machine code when it is called."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from scfcost.core.compiler.arguments import shape_of
from scfcost.core.compiler.build import NeedsNumbaError, build, with_numba
from scfcost.core.compiler.source import Source

_heard: list[Callable[[], None]] = []
_compiling = Lock()


def on_compile(hear: Callable[[], None]) -> None:
    """Have a function called whenever a loop is compiled, before it is."""
    _heard.append(hear)


class Loop(Source):
    """A function that runs as machine code when it is called.

    Parameters
    ----------
    function : callable
        Plain Python over arrays and whole numbers.
    options : dict of str to Any
        Those of numba.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        super().__init__(function, options)
        self._ready: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def __call__(self, *arguments: Any) -> Any:
        """Run the machine code for arguments of these shapes; compile it where there is none yet."""
        shapes = tuple(map(shape_of, arguments))
        ready = self._ready.get(shapes)
        if ready is None:
            with _compiling:
                ready = self._ready.get(shapes) or self._ready.setdefault(shapes, self._made(shapes, arguments))
        return ready(*arguments)

    def _made(self, shapes: tuple[Any, ...], arguments: tuple[Any, ...]) -> Callable[..., Any]:
        """Load what was kept, or compile."""
        from scfcost.core.compiler import machine, store

        if not machine.can_load():
            return self._with_numba()
        code = store.kept(self, shapes)
        if code is None:
            for hear in _heard:
                hear()
            try:
                code = build(self, shapes, arguments)
            except NeedsNumbaError:
                return self._with_numba()
            store.keep(self, shapes, code)
        return machine.load(code.symbol, code.returns, code.machine, shapes)

    def _with_numba(self) -> Callable[..., Any]:
        compiled: Callable[..., Any] = with_numba(self)
        return compiled


def njit(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Mark a function as a loop; with `inline="always"` its text is put into the loops that call it.

    Parameters
    ----------
    **options : Any
        Those of numba.
    """
    return lambda function: Loop(function, options)
