"""Why a setting is put forward, which limits bind, and what is to be known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from scfcost.analysis.estimate.estimate import message_bounds
from scfcost.analysis.estimate.warnings import refusal
from scfcost.analysis.sweep.choose import Candidate, Harm
from scfcost.analysis.sweep.constraints import broken
from scfcost.analysis.sweep.judge import LEAST_SESSIONS, Judged
from scfcost.analysis.sweep.question import Question, with_timeouts
from scfcost.analysis.sweep.sweep import cost_column, row_of
from scfcost.config.function import FunctionConfig
from scfcost.core.money import round_fraction
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR
from scfcost.lifecycle.message_limits import message_excess
from scfcost.lifecycle.outcomes import MOST_UNDELIVERED
from scfcost.lifecycle.run import refusals
from scfcost.trace.assumption import point
from scfcost.trace.censoring import describe, is_bound
from scfcost.trace.model import Trace


def of_choice(question: Question, judged: Judged, row: Mapping[str, Any]) -> Iterator[str]:
    """Say what is to be known of the setting that is put forward.

    Parameters
    ----------
    question : Question
        What is asked.
    judged : Judged
        Which settings keep to it.
    row : mapping
        The row of the setting.
    """
    config = with_timeouts(question.function, row)
    if is_bound(question.trace, config.idle_timeout_ms, config.exec_timeout_ms):
        yield describe(question.trace)
    if config.beats_too_late:
        beat, idle = config.heartbeat_s, config.idle_timeout_s
        yield f"the heartbeat of {beat:g} s is not shorter than {idle:g} s: it keeps nothing open there"
    can_be_borne = Harm.of(row, question.population).undelivered <= MOST_UNDELIVERED  # else the headline speaks of it
    if config.reconnect_policy == "on-demand" and row["pushes_missed"] and can_be_borne:
        yield (
            f"clients come back only with their own next message, so whatever is pushed to one that is silent for "
            f"{config.idle_timeout_s:g} s is missed ({row['pushes_missed']:,} here): where such pushes matter, however "
            "few they are, take --strategy safest or let clients come back at once (--reconnect immediate)"
        )
    yield from _restless(question, row)
    if question.constraints.stated():
        yield from _check_parts(question, judged, row)


def _restless(question: Question, row: Mapping[str, Any]) -> Iterator[str]:
    """Say how often connections break where that is often, and more often than now: batteries and networks notice."""
    population = question.population
    if not population.hours:
        return
    often, now = (
        Fraction(int(one["reconnects"])) / population.hours
        for one in (row, question.at(question.trace, question.function))
    )
    if often >= OFTEN and often > now:
        yield (
            f"connections break and come back {round_fraction(often, 1):,} times an hour of their life, now "
            f"{round_fraction(now, 1):,}: where devices or batteries mind, bound it by --max-reconnects"
        )


def not_carried(question: Question, config: FunctionConfig) -> Iterator[str]:
    """Say what the platform would refuse at a setting, and which connections it would not carry at any.

    Parameters
    ----------
    question : Question
        What is asked.
    config : FunctionConfig
        The setting.
    """
    trace, book = question.trace, question.terms.book
    excess = message_excess(trace, message_bounds(book.limits.messages))
    if excess:
        yield excess.sentence(trace.connections, book.limits.messages.source)
    configs = dict.fromkeys(trace.functions, config)
    counts = refusals(point(trace, configs), configs, question.limits)
    if any(counts.values()):
        yield f"at these settings {refusal(counts, refuses=False)}: scfcost capacity shows what carries them"


def short_month(window_ms: int) -> Iterator[str]:
    """Say what a month is made of where a trace is shorter than a day."""
    if 0 < window_ms < MS_PER_DAY:
        hours = round_fraction(Fraction(window_ms, MS_PER_HOUR), 1 if window_ms >= MS_PER_HOUR else 3)
        yield f"the month is 30 days like these {hours} h: other hours of the day, and other days, are not in it"


OFTEN = 10
"""Reconnects an hour of natural life from which a recommendation speaks of them. [1/h]"""
MONTHS = ("part_of_a_week", "cold_scenario")
"""Codes of warnings that say what a month of a generated trace is made of."""


def made_of(trace: Trace) -> Iterator[str]:
    """Say what a month is made of where the trace holds less than a whole week of its hours, or starts empty."""
    yield from short_month(trace.window_ms)
    yield from (one.message for one in trace.provenance.warnings if one.code in MONTHS)


def without_limits(among: Sequence[Candidate]) -> str:
    """Say of how many settings these are where no limit was given."""
    text = "no limit was given (--max-harmful-cuts, --max-reconnects, --max-lost, --max-missed, --budget)"
    return f"{len(among):,} settings were compared; {text}"


def what_binds(question: Question, judged: Judged, cheapest: Mapping[str, Any]) -> Iterator[str]:
    """Name the limits that cheaper settings break, on the whole trace and on its earlier part.

    Parameters
    ----------
    question : Question
        What is asked.
    judged : Judged
        Which settings keep to it.
    cheapest : mapping
        The row of the cheapest of them.
    """
    frame, trace = judged.whole.frame, question.trace
    cost = cost_column(frame)
    costs = frame[cost].tolist()
    cheaper = [k for k in np.flatnonzero(judged.allowed).tolist() if costs[k] < cheapest[cost]]
    beyond = [k for k in cheaper if not judged.on_whole[k]]
    if beyond:
        row = row_of(frame, min(beyond, key=lambda k: costs[k]))
        faults = "; ".join(broken(row, trace, question.constraints))
        yield f"what binds: {_named(row)} would cost {row[cost]:,} a month, but {faults}"
    by_part = [k for k in cheaper if judged.on_whole[k]]
    if by_part and judged.by_part is not None and judged.earlier is not None:
        best = min(by_part, key=lambda k: costs[k])
        faults = "; ".join(broken(row_of(judged.by_part.frame, best), judged.earlier, question.constraints))
        row = row_of(frame, best)
        yield (
            f"what binds on the earlier two thirds of the trace: {_named(row)} would cost {row[cost]:,} a "
            f"month and keeps to the limits on the whole, but there {faults}"
        )


def _named(row: Mapping[str, Any]) -> str:
    return f"an idle timeout of {row['idle_timeout_s']:g} s and an execution timeout of {row['exec_timeout_s']:g} s"


def _check_parts(question: Question, judged: Judged, row: Mapping[str, Any]) -> Iterator[str]:
    """Say whether the limits hold on the earlier and the later part of the trace, each by itself."""
    if judged.earlier is None or judged.later is None:
        yield f"the trace is too short to hold the limits on a part of it (each needs {LEAST_SESSIONS} sessions)"
        return
    faults = broken(
        question.at(judged.later, with_timeouts(question.function, row)), judged.later, question.constraints
    )
    if faults:
        yield f"the limits hold on the whole trace, but the later third breaks them: {'; '.join(faults)}"
        return
    yield "the limits hold on the earlier two thirds and on the later third of the trace, each by itself"
