"""The compiler of the loops, loaded without what none of them calls."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

_UNUSED = ("scipy.linalg", "coverage")
"""What numba loads where it is there: linear algebra, and the coverage of compiled lines."""
_process = {"own": False}


def own_process() -> None:
    """Say that this process runs scfcost alone, so that nobody else in it needs what numba is loaded without."""
    _process["own"] = True


def njit(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a function at its first call, as numba's decorator of this name does.

    Parameters
    ----------
    **options : Any
        Those of numba.
    """
    if _process["own"] and "numba" not in sys.modules:
        _load_lean()
    import numba

    compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = numba.njit(**options)
    return compiled


def _load_lean() -> None:
    """Load numba as if what it does not need here were not installed; later imports find that as ever."""
    hidden = [name for name in _UNUSED if name not in sys.modules]
    hide: dict[str, Any] = dict.fromkeys(hidden)  # None in its place makes an import fail
    sys.modules.update(hide)
    try:
        import numba  # noqa: F401 (loading is all)
    finally:
        for name in hidden:
            sys.modules.pop(name, None)
