"""The three settings between which to choose, and why these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.analysis.evaluate import month_factor
from scfcost.analysis.known import BYTES, PRICE, SILENCES, Unknown, lacks
from scfcost.analysis.sweep.choose import WORTH, Candidate, candidates, choose
from scfcost.analysis.sweep.judge import Judged
from scfcost.analysis.sweep.question import Question
from scfcost.analysis.sweep.reasons import what_binds, without_limits
from scfcost.analysis.sweep.sweep import row_of


@dataclass(frozen=True, slots=True)
class Taste:
    """How money is weighed against what people notice."""

    worth: Decimal = WORTH
    """Times the money that a tenth of the harm is worth, more than 1."""
    reconnect_price: Fraction = Fraction(0)
    """What a reconnect costs beside the bill, in pain. [currency]"""


def three_settings(
    question: Question, judged: Judged, unknown: tuple[Unknown, ...], taste: Taste | None = None
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Find the cheapest, the balanced and the safest of the settings that keep to what was asked.

    Parameters
    ----------
    question : Question
        What is asked.
    judged : Judged
        Which settings keep to it.
    unknown : tuple of Unknown
        What the input does not tell.
    taste : Taste, optional
        How money is weighed against what people notice.

    Returns
    -------
    rows : dict of str to dict
        The row of each, by `cheapest`, `balanced` and `safest`; empty where there is none.
    reasons : list of str
        Why these.
    """
    trace, limits, taste = question.trace, question.constraints, taste or Taste()
    if not judged.allowed.any():
        return {}, []
    if lacks(unknown, SILENCES):
        return _kept(question, judged)
    if not judged.fitting.any():
        return {}, []
    if lacks(unknown, PRICE):
        text = "settings are not compared by a part of their cost: state the price of traffic with --traffic-price"
        return {}, [text]
    price = taste.reconnect_price * (month_factor(trace) or 1)
    among = candidates(judged.whole, question.population, judged.fitting, price)
    if lacks(unknown, BYTES):
        return _without_bytes(question, judged, among, taste)
    found = _rows(question, judged, among, choose(among, taste.worth))
    reasons = [f"{len(among):,} settings keep to what was asked" if limits.stated() else without_limits(among)]
    reasons += what_binds(question, judged, found["cheapest"])
    return found, reasons


def _rows(
    question: Question, judged: Judged, among: Sequence[Candidate], named: Mapping[str, Candidate]
) -> dict[str, dict[str, Any]]:
    frame, place = judged.whole.frame, judged.at(question.function)
    now = next((one for one in among if one.place == place), None)
    kept = {name: one if now is None or not _alike(now, one) else now for name, one in named.items()}
    return {name: row_of(frame, one.place) for name, one in kept.items()}  # no change for nothing


def _alike(one: Candidate, other: Candidate) -> bool:
    return (one.cost, one.harm) == (other.cost, other.harm)


def _without_bytes(
    question: Question, judged: Judged, among: Sequence[Candidate], taste: Taste
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Choose among what sends the same to clients whatever its bytes: the settings that deliver every message.

    Where none does, what is safest is known, and what is cheaper is not.
    """
    if question.constraints.budget is not None:
        return {}, ["--budget cannot be judged: the bytes of messages to clients, and what they cost, are not known"]
    same = [one for one in among if one.harm.undelivered == 0]
    if not same:
        text = "which settings are cheaper is not known, as none delivers everything, and traffic differs between them"
        return _rows(question, judged, among, {"safest": choose(among, taste.worth)["safest"]}), [text]
    text = (
        f"{len(same):,} settings deliver everything, so that their traffic is the same whatever its bytes: these are "
        "compared; whether one that loses messages is cheaper is not known"
    )
    return _rows(question, judged, same, choose(same, taste.worth)), [text]


def _kept(question: Question, judged: Judged) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Keep the present timeouts where nobody knows whom others would cut off; harm that was limited is not judged."""
    idle = question.function.idle_timeout_s
    text = (
        f"the timeouts stay as they are (idle timeout {idle:g} s): the trace has no message rows, so nobody knows how "
        "long connections are silent, nor whom a shorter timeout would cut off"
    )
    row = row_of(judged.whole.frame, judged.at(question.function))
    limits = question.constraints
    harmful = [name for name in limits.stated() if name != "budget"]
    if harmful:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in harmful)
        return {}, [text, f"{names} cannot be judged without message rows"]
    high, low = (row.get(f"monthly_amount_{which}") for which in ("high", "low"))
    if limits.budget is not None and high is not None and low is not None and high > limits.budget:
        verdict = "is broken" if low > limits.budget else "cannot be judged"
        return {}, [text, f"the budget of {limits.budget:,} {verdict}: the month lies between {low:,} and {high:,}"]
    return dict.fromkeys(("cheapest", "balanced", "safest"), row), [text]
