"""Parts of a trace, each a run of whole sessions of about the same work, on every core."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

from scfcost.trace.model import Trace

SMALL = 50_000
"""Sessions and messages below which one thread is quicker than two. [1]"""
Part = TypeVar("Part")


def workers() -> int:
    """Return how many threads to use: one a core."""
    return os.cpu_count() or 1


def split(trace: Trace, count: int) -> Iterator[tuple[int, int]]:
    """Split the sessions into at most `count` parts of about the same work.

    Parameters
    ----------
    trace : Trace
        n connections.
    count : int
        Parts, at most. [1]

    Returns
    -------
    iterator of (begin, end)
        First session of each part, and the one after its last.
    """
    work = trace.offsets[1:] + np.arange(1, trace.connections + 1)
    edges = np.searchsorted(work, np.linspace(0, work[-1], count + 1)[1:-1])
    bounds = [0, *(int(edge) for edge in edges), trace.connections]
    return ((begin, end) for begin, end in pairwise(bounds) if begin < end)


def run_parts(trace: Trace, run: Callable[[int, int], Part]) -> list[Part]:
    """Run a compiled function, which holds no lock, over every part of a trace.

    Parameters
    ----------
    trace : Trace
        n connections.
    run : callable
        Called with the first session of a part, and the one after its last.
    """
    if trace.connections + trace.messages < SMALL:
        return [run(0, trace.connections)]
    with ThreadPoolExecutor(workers()) as pool:
        return list(pool.map(lambda part: run(*part), split(trace, workers())))


def ahead(made: Iterator[Part]) -> Iterator[Part]:
    """Yield what an iterator yields, the next one made in a thread beside while the last one is used.

    Parameters
    ----------
    made : iterator
        Yields anything but None; what it shares with its user, that one leaves alone until the end.
    """
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, made, None)
        while (one := coming.result()) is not None:
            coming = beside.submit(next, made, None)
            yield one


def each(run: Callable[[Part], None], parts: Sequence[Part]) -> None:
    """Run a function, whose loops hold no lock, over some parts at once.

    Parameters
    ----------
    run : callable
        Called with each part.
    parts : sequence
        What it is called with; one alone needs no thread.
    """
    if len(parts) == 1:
        run(parts[0])
        return
    with ThreadPoolExecutor(workers()) as pool:
        list(pool.map(run, parts))
