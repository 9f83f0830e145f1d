"""What keeps to limits that no timeouts keep to: each change beyond them alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from scfcost.analysis.known import OF_MONEY, SILENCES, Unknown, lacks
from scfcost.analysis.sweep.bench import Bench, Lever
from scfcost.analysis.sweep.constraints import broken, meets
from scfcost.analysis.sweep.judge import Judged, judge
from scfcost.analysis.sweep.levers import heartbeats, levers
from scfcost.analysis.sweep.question import Question, with_timeouts
from scfcost.analysis.sweep.sharing import tried
from scfcost.analysis.sweep.sweep import cost_column, row_of
from scfcost.config.function import FunctionConfig


def meeting(
    question: Question, judged: Judged, nearest: Mapping[str, Any], unknown: tuple[Unknown, ...]
) -> tuple[Lever, ...]:
    """Return the changes beyond the timeouts that keep to what was asked, where no timeouts do.

    Parameters
    ----------
    question : Question
        What is asked.
    judged : Judged
        Every setting, none of which keeps to it.
    nearest : mapping
        The row that is nearest to the limits.
    unknown : tuple of Unknown
        What the input does not tell: nothing is judged by a part of its cost.
    """
    if lacks(unknown, SILENCES, *OF_MONEY):
        return ()
    limits = question.constraints
    lives = judged.allowed & meets(judged.whole, question.trace, replace(limits, budget=None))
    base = with_timeouts(
        question.function, _cheapest(judged, lives) or nearest
    )  # what costs less may leave lives alone
    return tuple(one for one in _tried(question, base) if not broken(one.row, question.trace, limits))


def _tried(question: Question, base: FunctionConfig) -> Iterator[Lever]:
    def best(other: FunctionConfig) -> FunctionConfig:
        about = question.about(other)
        found = judge(about, about.grid(about.trace))
        row = _cheapest(found, found.fitting)
        return other if row is None else with_timeouts(other, row)

    bench = Bench(question.trace, question.terms, question.population, knows_silences=True)
    shared = [one for one in tried(bench, base) if not broken(one.row, question.trace, question.constraints)]
    yield from levers(bench, base, best, beats=False, shared=shared[:1])
    if base.function_type == "web-ws":
        kept = [one for one in heartbeats(bench, base) if not broken(one.row, question.trace, question.constraints)]
        yield from sorted(kept, key=lambda one: one.cost)[:1]


def _cheapest(judged: Judged, among: np.ndarray) -> dict[str, Any] | None:
    if not among.any():
        return None
    frame = judged.whole.frame
    costs = frame[cost_column(frame)].tolist()
    return row_of(frame, min(np.flatnonzero(among).tolist(), key=lambda place: costs[place]))
