"""Parts of a trace, each a run of whole sessions of about the same work, on every core."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
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
