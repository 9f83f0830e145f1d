"""What is known of some parts of a trace: sums that add up, and the worst of each."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scfcost.core.errors import ResultError
from scfcost.core.pieces import Listed, is_intact, seal, unseal
from scfcost.lifecycle.message_limits import WORST
from scfcost.lifecycle.records import Stretch
from scfcost.trace.model import Int64, Trace

_WORST, _LIVES, _SUM = "worst", "lives", "sum "
"""How the arrays of a file are called, or what their names begin with."""


@dataclass(slots=True)
class Partial:
    """Sums over some parts of a trace. Adding two is adding integers, in whatever order."""

    sums: dict[str, Int64] = field(default_factory=dict)
    """Sums by name; those of one name have one shape."""
    worst: list[tuple[float, str, dict[str, int]]] = field(default_factory=list)
    """Connections that go furthest beyond a limit of messages: how far, their id and what they reach."""
    lives: list[Listed] = field(default_factory=list)
    """Files of the lives of these parts, in their order, with what each has to hold."""

    def __add__(self, other: Partial) -> Partial:
        names = {**self.sums, **other.sums}
        sums = {one: _added(self.sums.get(one), other.sums.get(one)) for one in names}
        return Partial(
            sums, sorted([*self.worst, *other.worst], key=lambda one: -one[0])[:WORST], [*self.lives, *other.lives]
        )

    def count(self, name: str, number: int) -> None:
        """Add a single sum.

        Parameters
        ----------
        name : str
            What is summed up.
        number : int
            What is added.
        """
        self.sums[name] = np.array(self.number(name) + number, np.int64)

    def number(self, name: str) -> int:
        """Return a single sum, 0 where nothing was counted."""
        return int(self.sums[name]) if name in self.sums else 0

    def save(self, path: Path) -> None:
        """Write the sums to a file that is whole or not there, and tells whether it is as it was written."""
        seal(path, self.pack(), ResultError, of=path.name)

    def pack(self) -> bytes:
        """Return the sums as bytes, for an engine that carries nothing else."""
        arrays: dict[str, Any] = {_WORST: _packed(self.worst), _LIVES: _packed(self.lives)}
        arrays |= {_SUM + name: values for name, values in self.sums.items()}
        file = io.BytesIO()
        np.savez(file, **arrays)
        return file.getvalue()

    @staticmethod
    def load(source: bytes) -> Partial:
        """Read the sums that `pack` gave."""
        with np.load(io.BytesIO(source), allow_pickle=False) as file:
            worst, lives = (json.loads(file[name].tobytes()) for name in (_WORST, _LIVES))
            sums = {name.removeprefix(_SUM): file[name] for name in file.files if name.startswith(_SUM)}
        return Partial(sums, [(far, name, peaks) for far, name, peaks in worst], [Listed(*one) for one in lives])

    @staticmethod
    def kept(path: Path) -> Partial | None:
        """Read the sums that `save` wrote, None where they, or any of their lives, are not as they were written."""
        content = unseal(path, of=path.name)
        if content is None:
            return None
        found = Partial.load(content)
        return found if is_intact(path.parent, found.lives) else None


def _packed(value: Any) -> Any:
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def _added(one: Int64 | None, other: Int64 | None) -> Int64:
    if one is None or other is None:
        return other if one is None else one  # type: ignore[return-value]
    return one + other


@dataclass(frozen=True, slots=True)
class Answer:
    """The sums of all parts, and what has to be put on instances together."""

    hollow: Trace
    """A trace without connections that has the window and the functions of the whole."""
    total: Partial
    lives: Callable[[str], Iterator[Stretch]]
    """Gives the lives of a case, in the order of their starts."""
    rows: Callable[[str], Iterator[Int64]]
    """Gives whatever columns were kept of a case, in the order of time, and the number of the file of each."""
