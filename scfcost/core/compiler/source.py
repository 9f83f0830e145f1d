"""What a loop says: a plain Python function, what it calls, and the constants that both read."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any


class Source:
    """A function that numba can compile.

    Parameters
    ----------
    function : callable
        Plain Python over arrays and whole numbers.
    options : dict of str to Any
        Those of numba.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self.function, self.options = function, options
        self.numba: Any = None
        """As numba knows it, once something was compiled that needs it."""
        self.__doc__, self.__name__, self.__qualname__ = function.__doc__, function.__name__, function.__qualname__
        self.__module__, self.__wrapped__ = function.__module__, function

    @property
    def name(self) -> str:
        """Module and name, as files are named by."""
        return f"{self.function.__module__}.{self.function.__qualname__}"

    def digest(self) -> str:
        """Return a digest of what the loop says, what it calls and the constants that both read."""
        said = sha256()
        for part in sorted(self._parts({})):
            said.update(part)
        return said.hexdigest()[:16]

    def _parts(self, seen: dict[str, bytes]) -> list[bytes]:
        if self.name not in seen:
            code, known = self.function.__code__, self.function.__globals__
            seen[self.name] = b""
            read = [(name, known[name]) for name in code.co_names if name in known]
            plain = [(name, value) for name, value in read if isinstance(value, int | tuple | str)]
            seen[self.name] = repr(
                (self.name, code.co_code, code.co_consts, code.co_names, code.co_varnames, plain)
            ).encode()
            for _, value in read:
                if isinstance(value, Source):
                    value._parts(seen)  # noqa: SLF001 (it is one of its own)
        return list(seen.values())
