"""A forecast against SCF's own log and bill: by line, clock hour and status code, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scfcost.analysis.estimate import document
from scfcost.analysis.reconcile import causes as why
from scfcost.analysis.reconcile.activity import Hour, Side, forecast_side, logged_side
from scfcost.analysis.reconcile.bill_file import BillFile, read_bill
from scfcost.analysis.reconcile.bill_units import in_units_of_the_log
from scfcost.analysis.reconcile.causes import Activity
from scfcost.analysis.reconcile.lines import PLACES, Line, compare_lines
from scfcost.analysis.reconcile.scope import common_time, covered_by, idle_instances, left_out, of_functions
from scfcost.core.errors import TraceError
from scfcost.core.money import plain, round_fraction, round_parts, round_ratio
from scfcost.core.warning import Warned
from scfcost.lifecycle.outcomes import CLIENT_CLOSE, OK, SERVER_CLOSE, UNKNOWN_CLOSE, name
from scfcost.report import html
from scfcost.trace.formats.scf_records import LoggedInvocation

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate

SCHEMA = "scfcost.reconcile/1"
"""Name and version of the JSON document."""
FIXED = ("plan", "provisioned_idle")
"""Lines that no traffic lifts: where the forecast has none, they are no reason to multiply it."""
CLOSED = "closed"
"""The outcomes of a close together, where the trace does not tell how connections closed."""


@dataclass(frozen=True, eq=False)
class Reconciliation:
    """A forecast beside what happened. Made by `reconcile`."""

    estimate: TraceEstimate
    period_ms: tuple[int, int]
    """What is compared: the time that trace and log share, or the whole log where they share none. [ms]"""
    scale: Fraction | None
    """What the forecast was multiplied by, None where trace and log share a time."""
    forecast: Side
    """Of the period; with `scale` not yet multiplied by it."""
    logged: Side
    refused: Mapping[str, int]
    """Requests of the log that never ran, by status code. [1]"""
    cold_starts: int
    """Initialisations in the log. [1]"""
    memory_mb: tuple[int, ...]
    """Memory that was configured, as the log tells it. [MB]"""
    used_mb: Decimal | None
    """Most memory that a request used, None where the log does not tell. [MB]"""
    lines: tuple[Line, ...]
    warnings: tuple[Warned, ...]

    @property
    def comparable(self) -> list[Line]:
        """The lines of which it is known what happened."""
        return [line for line in self.lines if line.found_amount is not None]

    @property
    def totals(self) -> tuple[Fraction, Fraction]:
        """What was forecast and what happened, over the comparable lines. [currency]"""
        found = sum((line.found_amount or Fraction(0) for line in self.comparable), Fraction(0))
        return sum((line.forecast_amount for line in self.comparable), Fraction(0)), found

    @property
    def factor(self) -> Fraction | None:
        """What happened over what was forecast, None where nothing was; fees that it lacks grow with nothing."""
        forecast, found = self.totals
        found -= sum(
            (
                line.found_amount or Fraction(0)
                for line in self.lines
                if line.item in FIXED and not line.forecast_amount
            ),
            Fraction(0),
        )
        return found / forecast if forecast else None

    @property
    def factor_per_call(self) -> Fraction | None:
        """The factor of the cost of one call: what is left of it when traffic is known otherwise."""
        calls, found = self._calls(), self.logged.activity.all_calls
        return self.factor * calls / found if self.factor is not None and found else None

    def _calls(self) -> int:
        return _scaled(self.forecast.activity.all_calls, self.scale)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of `scfcost reconcile --format json`, as plain data."""
        month = self.estimate.monthly
        corrected = None if month is None or self.factor is None else Fraction(month.total) * self.factor
        return {
            "schema": SCHEMA,
            "trace": document.of_trace(self.estimate.trace),
            "currency": self.estimate.bill.currency,
            "catalog": self.estimate.bill.catalog,
            "period": {
                "start": document.instant(self.period_ms[0]),
                "end": document.instant(self.period_ms[1]),
                "scale": None if self.scale is None else f"{self.scale.numerator}/{self.scale.denominator}",
            },
            "calls": {"forecast": self._calls(), "logged": self.logged.activity.all_calls},
            "cold_starts": self.cold_starts,
            "memory": {
                "configured_mb": list(self.memory_mb),
                "used_mb": None if self.used_mb is None else plain(self.used_mb),
            },
            "refused": dict(self.refused),
            "lines": [line.to_dict() for line in self.lines],
            "total": self._total(),
            "causes": list(self._causes()),
            "outcomes": list(self._outcomes()),
            "hours": list(self._hours()),
            "factor": _factor(self.factor),
            "factor_per_call": _factor(self.factor_per_call),
            "month": {
                "forecast": None if month is None else plain(month.total),
                "corrected": None if corrected is None else plain(round_fraction(corrected)),
            },
            "warnings": [{"code": one.code, "message": one.message} for one in self.warnings],
        }

    def _repr_html_(self) -> str:
        return html.reconciliation(self.to_dict())

    def _total(self) -> dict[str, str]:
        forecast, found = self.totals
        whole, difference = round_parts([forecast, found - forecast], PLACES)
        return {
            "forecast": plain(whole),
            "found": plain(round_fraction(found, PLACES)),
            "difference": plain(difference),
        }

    def _causes(self) -> Iterator[dict[str, Any]]:
        """Yield what each cause adds, so rounded that the causes add up to the difference."""
        amounts = {cause: Fraction(0) for cause in why.CAUSES}
        for line in self.comparable:
            for cause, amount in line.steps:
                amounts[cause] += amount
        kept = {cause: amount for cause, amount in amounts.items() if amount}
        rounded = round_parts([self.totals[0], *kept.values()], PLACES)[1:]
        for cause, added in zip(kept, rounded, strict=True):
            yield {"cause": cause, "amount": plain(added), "items": self._items(cause)}

    def _items(self, cause: str) -> list[str]:
        return [line.item for line in self.comparable if any(one == cause and amount for one, amount in line.steps)]

    def _outcomes(self) -> Iterator[dict[str, Any]]:
        forecast, found = self.forecast.activity, self.logged.activity
        for code in sorted({*forecast.calls, *found.calls}):
            yield {
                "code": code,
                "forecast": _scaled(forecast.calls.get(code, 0), self.scale),
                "logged": found.calls.get(code, 0),
                "forecast_mean_ms": _mean(forecast, code),
                "logged_mean_ms": _mean(found, code),
            }

    def _hours(self) -> Iterator[dict[str, Any]]:
        forecast, found = (
            _by_clock(side.hours, of_day=self.scale is not None) for side in (self.forecast, self.logged)
        )
        for hour in sorted({*forecast, *found}):
            one, other = forecast.get(hour, Hour()), found.get(hour, Hour())
            yield {
                "hour": hour,
                "forecast": {
                    "invocations": _scaled(one.invocations, self.scale),
                    "resource_mb_ms": _scaled(one.resource_mb_ms, self.scale),
                },
                "logged": {"invocations": other.invocations, "resource_mb_ms": other.resource_mb_ms},
            }


def reconcile(
    estimate: TraceEstimate,
    log: Sequence[LoggedInvocation],
    *,
    functions: Sequence[str] = (),
    period: tuple[int, int] | None = None,
    bill: Path | None = None,
) -> Reconciliation:
    """Compare a forecast with what the function's own log, and its bill, say.

    Where trace and log share a time, what starts in it is compared as it stands; otherwise the forecast is scaled by
    the lengths of both, and hours of the day are compared.

    Parameters
    ----------
    estimate : TraceEstimate
        The forecast, under the settings that were deployed.
    log : sequence of LoggedInvocation
        The log.
    functions : sequence of str
        Names in the log that the trace stands for; told from the trace where none are given.
    period : tuple of int, optional
        Start and end of what the log covers; its first start and last end otherwise. [ms]
    bill : Path, optional
        The vendor's bill, as CSV (see `bill_file`).

    Returns
    -------
    Reconciliation
        Lines, causes, outcomes, hours and factors.

    Raises
    ------
    ResultError
        If the bill cannot be read.
    ConfigError
        If it is not clear which functions of the log to compare.
    TraceError
        If the log holds nothing to compare, or trace or log are too short to be scaled.
    """
    kept, warnings = of_functions(log, functions, estimate)
    ran = [row for row in kept if row.ran and row.start_ms is not None]
    if not ran:
        raise TraceError("the log holds no request that ran and whose start is known")
    covered = period or covered_by(ran)
    compared, scale = common_time(estimate, covered)
    inside = [row for row in ran if compared[0] <= (row.start_ms or 0) <= compared[1]]
    if not inside:
        raise TraceError("no request of the log starts in the time that trace and log share")
    forecast = forecast_side(estimate, None if scale else compared)
    logged = logged_side(inside, estimate, covered[1])
    forecast, logged = _alike(forecast, logged)
    usage = forecast.usage if scale is None else forecast.usage.project(scale.numerator, scale.denominator)
    billed = _read_bill(bill, estimate, compared)
    if billed is not None:
        billed, units = in_units_of_the_log(billed, logged.usage, usage["egress_bytes"])
        warnings += units
    warnings += [*left_out(estimate, kept, inside, billed), *idle_instances(estimate, billed)]
    lines = compare_lines(
        estimate.terms, (usage, logged.usage), (forecast.activity, logged.activity), billed,
        traffic_known=estimate.usage["egress_bytes"] > 0 or not _bytes_unknown(estimate),
    )  # fmt: skip
    return Reconciliation(
        estimate, compared, scale, forecast, logged, _refused(kept), sum(row.cold_start for row in inside),
        tuple(sorted({row.memory_mb for row in inside if row.memory_mb is not None})),
        max((row.used_mb for row in inside if row.used_mb is not None), default=None),
        tuple(lines), tuple(warnings),
    )  # fmt: skip


def _bytes_unknown(estimate: TraceEstimate) -> bool:
    return any(one.code == "bytes_unknown" for one in estimate.warnings)


def _read_bill(path: Path | None, estimate: TraceEstimate, period_ms: tuple[int, int]) -> BillFile | None:
    if path is None:
        return None
    return read_bill(path, estimate.bill.currency, period_ms=period_ms, time_zone=estimate.terms.book.time_zone)


def _alike(forecast: Side, logged: Side) -> tuple[Side, Side]:
    """Take the closes together on both sides where either does not tell how connections closed."""
    if name(UNKNOWN_CLOSE) not in {*forecast.activity.calls, *logged.activity.calls}:
        return forecast, logged
    return _closes_together(forecast), _closes_together(logged)


def _closes_together(side: Side) -> Side:
    closes = {name(code) for code in (OK, SERVER_CLOSE, CLIENT_CLOSE, UNKNOWN_CLOSE)}
    calls: dict[str, int] = {}
    lasted: dict[str, int] = {}
    for code, count in side.activity.calls.items():
        shown = CLOSED if code in closes else code
        calls[shown] = calls.get(shown, 0) + count
        lasted[shown] = lasted.get(shown, 0) + side.activity.connection_ms[code]
    return replace(side, activity=replace(side.activity, calls=calls, connection_ms=lasted))


def _refused(rows: Sequence[LoggedInvocation]) -> dict[str, int]:
    codes = sorted(str(row.status) for row in rows if not row.ran)
    return {code: codes.count(code) for code in dict.fromkeys(codes)}


def _scaled(value: int, scale: Fraction | None) -> int:
    return value if scale is None else round_ratio(value, scale.numerator, scale.denominator)


def _by_clock(hours: Mapping[str, Hour], *, of_day: bool) -> dict[str, Hour]:
    found: dict[str, Hour] = {}
    for hour, ran in hours.items():
        key = hour[-5:] if of_day else hour
        found[key] = found.get(key, Hour()) + ran
    return found


def _mean(activity: Activity, code: str) -> int | None:
    count = activity.calls.get(code, 0)
    return round_ratio(activity.connection_ms[code], 1, count) if count else None


def _factor(value: Fraction | None) -> str | None:
    return None if value is None else plain(round_fraction(value, 6))
