"""Which settings keep to what was asked, on the whole trace and on its earlier part by itself."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.analysis.sweep.constraints import binding, meets, nearest_place
from scfcost.analysis.sweep.question import Question
from scfcost.analysis.sweep.sweep import SweepResult, row_of
from scfcost.config.function import FunctionConfig
from scfcost.trace.model import Trace
from scfcost.trace.reading.inside import starting_inside

LEAST_SESSIONS = 50
"""Sessions that each part of a trace needs for the limits to be held on both. [1]"""
EARLIER_PART = Fraction(2, 3)
"""Share of the window that is the earlier part. [1]"""


@dataclass(frozen=True, slots=True)
class Judged:
    """Which settings keep to the limits, on the whole trace and on its earlier part."""

    whole: SweepResult
    allowed: NDArray[np.bool_]
    on_whole: NDArray[np.bool_]
    fitting: NDArray[np.bool_]
    """On the whole and, where some do, on the earlier part by itself."""
    earlier: Trace | None
    later: Trace | None
    by_part: SweepResult | None
    """The sweep of the earlier part; None without limits, or where the trace is too short."""

    def at(self, function: FunctionConfig) -> int:
        """Return the place of the row at the timeouts of the question, which are among those that are tried."""
        frame = self.whole.frame
        idle, execution = frame["idle_timeout_s"].to_numpy(), frame["exec_timeout_s"].to_numpy()
        here = (idle == function.idle_timeout_s) & (execution == function.exec_timeout_s)
        return int(np.flatnonzero(here)[0])

    def nothing_fits(self, question: Question) -> bool:
        """Whether no setting keeps to what was asked, as far as that is known."""
        return not self.allowed.any() or (question.knows_silences and not self.fitting.any())


def judge(question: Question, whole: SweepResult) -> Judged:
    """Find which settings keep to the limits, on the whole trace and on its earlier part by itself.

    Parameters
    ----------
    question : Question
        What is asked.
    whole : SweepResult
        Every setting on the whole trace.
    """
    trace, limits = question.trace, question.constraints
    allowed = question.allowed(whole)
    if not question.knows_silences:
        none = np.zeros(len(whole), np.bool_)
        return Judged(whole, allowed, none, none, None, None, None)
    on_whole = allowed & meets(whole, trace, limits)
    if not limits.stated():  # then nothing asks for the parts, which take as long as the reading of a file
        return Judged(whole, allowed, on_whole, on_whole, None, None, None)
    earlier, later = split(trace)
    if earlier is None:
        return Judged(whole, allowed, on_whole, on_whole, earlier, later, None)
    by_part = question.grid(earlier)
    on_both = on_whole & meets(by_part, earlier, limits)
    return Judged(whole, allowed, on_whole, on_both if on_both.any() else on_whole, earlier, later, by_part)


def split(trace: Trace) -> tuple[Trace | None, Trace | None]:
    """Split a trace by time, to hold limits on each part by itself; None where it is too short."""
    edge = trace.start_ms + int(trace.window_ms * EARLIER_PART)
    first = int((trace.connect_ms <= edge).sum())
    if min(first, trace.connections - first) < LEAST_SESSIONS:
        return None, None
    return starting_inside(trace, (trace.start_ms, edge)), starting_inside(trace, (edge + 1, trace.end_ms))


def nearest_row(question: Question, judged: Judged) -> dict[str, Any] | None:
    """Return the setting that is nearest to the limits, None where none was tried.

    Parameters
    ----------
    question : Question
        What is asked.
    judged : Judged
        Which settings keep to it.
    """
    if not judged.allowed.any():
        return None
    place = nearest_place(judged.whole, question.trace, question.constraints, judged.allowed)
    return row_of(judged.whole.frame, place)


def how_near(question: Question, judged: Judged) -> list[str]:
    """Say how near one can get to each limit alone, or why no setting was tried.

    Parameters
    ----------
    question : Question
        What is asked.
    judged : Judged
        Which settings keep to it.
    """
    if judged.allowed.any():
        return binding(judged.whole, question.trace, question.constraints, judged.allowed)
    function = question.function
    if function.fits_memory:
        return ["no setting that was tried lies inside what the vendor documents (--allow-unverified)"]
    held, needed = function.max_concurrency, function.memory_needed_mb
    text = f"an instance of {function.memory_mb:,} MB does not hold {held} connections, which need {needed:g} MB"
    return [f"{text}: raise --memory or lower --max-concurrency"]
