"""Lives of invocations on disk, from where they are put on instances when all parts of a trace are done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.core.errors import ResultError
from scfcost.core.files import whole_stream
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.records import Invocations, Stretch
from scfcost.trace.model import Int64, Trace

_FEWEST, _FROM_EACH = 500_000, 2_048
"""Invocations of a stretch, and of each file in it, at least, about: each stretch opens every file. [1]"""
_SAMPLES = 4
"""Starts of each file that a stretch is told by, about. [1]"""


def lives_of(trace: Trace, invocations: Invocations) -> Stretch:
    """Return when the invocations of a part start and end, in the order of the starts, ties by row.

    Parameters
    ----------
    trace : Trace
        The part.
    invocations : Invocations
        What the replay made of it.
    """
    order = time_order(invocations.start_ms)
    function = trace.function_code[invocations.session[order]]
    return Stretch(invocations.start_ms[order], invocations.end_ms[order], function)


def keep(lives: Sequence[NDArray[Any]], path: Path) -> None:
    """Write columns to a file that is whole or not there: 8 bytes a value, columns one after the other.

    Parameters
    ----------
    lives : sequence of ndarray of int64, shape (k,)
        Instants in ascending order, and what belongs to each; a `Stretch` is one.
    path : Path
        File to write.
    """
    with whole_stream(path, ResultError) as file:
        np.save(file, np.stack([column.astype(np.int64) for column in lives]))


def stretch_rows(files: int, most: int) -> int:
    """Return how many invocations of so many files are worth a stretch, where memory holds so many at most. [1]

    Parameters
    ----------
    files : int
        How many files there are.
    most : int
        How many invocations memory holds. [1]

    Examples
    --------
    >>> stretch_rows(10, 10**7), stretch_rows(1_000, 10**7), stretch_rows(100_000, 10**7)
    (500000, 2048000, 10000000)
    """
    return min(max(_FEWEST, _FROM_EACH * files), max(most, _FEWEST))


def stretches(paths: Sequence[Path], rows: int) -> Iterator[Stretch]:
    """Yield the lives of some files in the order of their starts, ties by file and row, so many at once, about.

    Only a stretch is in memory. All that starts at one instant is in one stretch.

    Parameters
    ----------
    paths : sequence of Path
        Files as `keep` writes them.
    rows : int
        How many invocations a stretch has, about. [1]
    """
    for start, end_ms, function, *_ in merged(paths, rows):
        yield Stretch(start, end_ms, function.astype(np.int16))


def merged(paths: Sequence[Path], rows: int) -> Iterator[Int64]:
    """Yield the columns of some files in the order of time, and as their last row the number of the file of each.

    Parameters
    ----------
    paths : sequence of Path
        Files as `keep` writes them.
    rows : int
        How many instants are in memory at once, about. [1]

    Yields
    ------
    ndarray of int64, shape (columns + 1, k)
        Ties by file and row; all of one instant together.
    """
    step = max(rows // (_SAMPLES * len(paths)), 1) if paths else 1
    sampled = [np.array(_read(path)[0, ::step]) for path in paths]
    starts = np.sort(np.concatenate(sampled)) if sampled else np.zeros(0, np.int64)
    bounds = np.unique(starts[max(rows // step, 1) :: max(rows // step, 1)])
    begins = [0] * len(paths)
    for bound in (*bounds.tolist(), None):
        pieces = []
        for number, path in enumerate(paths):
            lives = _read(path)  # opened anew, so that no page of it stays in memory
            end = lives.shape[1] if bound is None else int(np.searchsorted(lives[0], bound, side="left"))
            own = np.array(lives[:, begins[number] : end])
            pieces.append(np.vstack((own, np.full((1, own.shape[1]), number))))
            begins[number] = end
        together = np.concatenate(pieces, axis=1) if pieces else np.zeros((1, 0), np.int64)
        if together.shape[1]:
            yield together[:, time_order(together[0])]


def _read(path: Path) -> Int64:
    """Return what `keep` wrote, still on disk. Shape (columns, k)."""
    lives: Int64 = np.load(path, mmap_mode="r", allow_pickle=False)
    return lives
