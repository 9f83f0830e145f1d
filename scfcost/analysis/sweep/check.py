"""Limits held against an estimate: kept, broken, or not judged where the input does not tell enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.analysis.capacity.worst import bounding_quota
from scfcost.analysis.capacity.worst import worst_case as worst_of
from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.estimate.lead import Again, likely_policy, shortfalls
from scfcost.analysis.known import BYTES, LIVES, OF_MONEY, PRICE, SILENCES, Unknown, lacks
from scfcost.analysis.sweep.constraints import WORDS, Constraints, rates, shown
from scfcost.core.errors import ConfigError

KEPT, BROKEN, NOT_JUDGED = "kept", "broken", "not judged"
"""Verdicts."""


_LOOK = "what scfcost recommend finds with these limits, where anything does"
_CHEAPER = (
    "less memory or more connections an instance (scfcost sweep --memory 64,128 --max-concurrency 1,10 prices them), "
    "or another plan"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one limit comes to."""

    limit: str
    """Its name, such as `budget`."""
    asked: Fraction | Decimal
    found: Fraction | Decimal | None
    """What it is held against; the known part of it where not all is known; None where nothing is."""
    verdict: str
    missing: tuple[Unknown, ...] = ()
    """What kept it from being judged."""
    remedy: str = ""
    """What would keep to it."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, in the unit of the limit."""
        return {
            "limit": self.limit,
            "what": WORDS[self.limit],
            "asked": shown(self.limit, self.asked),
            "found": None if self.found is None else shown(self.limit, self.found),
            "verdict": self.verdict,
            "would_judge": [one.remedy for one in self.missing],
            "remedy": self.remedy or None,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """Every limit that was stated, and the month. Made by `check`."""

    currency: str
    monthly: Decimal | None
    """The month; of a trace without message rows that of the point. [currency]"""
    verdicts: tuple[Verdict, ...]
    not_known: tuple[Unknown, ...]
    shortfalls: tuple[str, ...] = ()
    """What keeps the settings from delivering, whatever limits they keep."""
    command: str | None = None
    """What shows how the broken limits could be kept, to be pasted; None where nothing would, or nobody can say."""

    @property
    def verdict(self) -> str:
        """`broken` where one limit is, else `not judged` where one is not, else `kept`."""
        found = {one.verdict for one in self.verdicts}
        return next((one for one in (BROKEN, NOT_JUDGED) if one in found), KEPT)

    def to_dict(self) -> dict[str, Any]:
        """Return the check as plain data."""
        return {
            "schema": "scfcost.check/1",
            "verdict": self.verdict,
            "currency": self.currency,
            "monthly": None if self.monthly is None else str(self.monthly),
            "limits": [one.to_dict() for one in self.verdicts],
            "shortfalls": list(self.shortfalls),
            "command": self.command,
            "not_known": [one.to_dict() for one in self.not_known],
        }


def check(
    found: TraceEstimate, limits: Constraints, *, worst_case: Decimal | None = None, again: Again | None = None
) -> Check:
    """Hold an estimate against limits.

    Parameters
    ----------
    found : TraceEstimate
        A priced trace.
    limits : Constraints
        Limits of the settings.
    worst_case : Decimal, optional
        What a month may cost at most, whatever happens; one limit at least has to be stated. [currency]
    again : callable, optional
        Writes a command that asks another question of the same input under the same limits.

    Raises
    ------
    ConfigError
        If no limit is stated.
    """
    if not limits.stated() and worst_case is None:
        raise ConfigError("nothing to check: give --budget or another limit, or a [check] table in scfcost.toml")
    verdicts = [_budget(found, limits) if one == "budget" else _harm(found, limits, one) for one in limits.stated()]
    if worst_case is not None:
        verdicts.append(_worst(found, worst_case))
    month = found.monthly
    total = None if month is None else month.total
    command = None if again is None else _command(found, verdicts, again)
    return Check(found.bill.currency, total, tuple(verdicts), found.not_known, shortfalls(found), command)


def _command(found: TraceEstimate, verdicts: Sequence[Verdict], again: Again) -> str | None:
    """Write what looks for settings that keep to the limits, where it has an answer."""
    if not any(one.remedy == _LOOK for one in verdicts):
        return None
    flags = []
    if found.first.reconnect is None and found.first.function_type == "web-ws":
        flags.append(f"--reconnect {likely_policy(found)}")
    if lacks(found.not_known, PRICE):
        flags.append("--traffic-price PRICE")
    if lacks(found.not_known, BYTES):
        flags.append("--strategy safest")
    return again("recommend", " ".join(flags))


def _harm(found: TraceEstimate, limits: Constraints, name: str) -> Verdict:
    asked = getattr(limits, name)
    if not found.knows_silences:
        return Verdict(name, asked, None, NOT_JUDGED, tuple(lacks(found.not_known, SILENCES)))
    value = rates(found.impact_row(), found.trace)[name]
    if value > asked:
        return Verdict(name, asked, value, BROKEN, remedy=_LOOK)
    missing = tuple(lacks(found.not_known, LIVES))
    return Verdict(name, asked, value, NOT_JUDGED if missing else KEPT, missing)


def _budget(found: TraceEstimate, limits: Constraints) -> Verdict:
    asked = limits.budget or Decimal(0)
    months = [case.monthly for case in (found.case, *found.bounds.values())]
    totals = [month.total for month in months if month is not None]
    if not totals:
        window = Unknown("window", "the window is 0 ms long, so there is no month", "--window START/END")
        return Verdict("budget", asked, None, NOT_JUDGED, (window,))
    if min(totals) > asked:
        return Verdict("budget", asked, min(totals), BROKEN, remedy=_LOOK if found.knows_silences else _CHEAPER)
    missing = lacks(found.not_known, *OF_MONEY, LIVES)
    if max(totals) > asked:
        missing += lacks(found.not_known, SILENCES)
    verdict = NOT_JUDGED if missing else KEPT
    return Verdict("budget", asked, max(totals), verdict, tuple(missing))


def _worst(found: TraceEstimate, asked: Decimal) -> Verdict:
    worst = worst_of(found.terms, found.quota_mb)
    if worst is None:
        missing = Unknown("quota", "the quota of the region is not known, so nothing bounds a month", "--quota-mb")
        return Verdict("worst_case", asked, None, NOT_JUDGED, (missing,))
    if worst.monthly <= asked:
        return Verdict("worst_case", asked, worst.monthly, KEPT)
    return Verdict("worst_case", asked, worst.monthly, BROKEN, remedy=_bounding(found, asked, worst.quota_mb))


def _bounding(found: TraceEstimate, asked: Decimal, quota_mb: int) -> str:
    """Say which quota would bound a month to an amount, and whether the traffic fits into it."""
    quota, needed = bounding_quota(found.terms, asked, quota_mb), found.result.packing.peak_memory_mb
    least = min(config.memory_mb for config in found.functions.values())
    if quota is None or quota < least:
        return "no quota bounds it so low (calls and traffic left out)"
    text = f"a quota of {quota:,} MB, now {quota_mb:,} MB (calls and traffic left out)"
    if quota < needed:
        return f"{text}; but this traffic needs {needed:,} MB at its peak, and what goes beyond the quota is refused"
    return f"{text}; this traffic needs {needed:,} MB at its peak"
