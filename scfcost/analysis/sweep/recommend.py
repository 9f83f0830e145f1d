"""Which setting to deploy: the cheapest one that keeps to what the user can bear, and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.evaluate import compare_setting, month_factor
from scfcost.analysis.forecast.uncertainty import bootstrap
from scfcost.analysis.sweep.constraints import COLUMN, WORDS, Constraints, broken, meets, rates, shown
from scfcost.analysis.sweep.sizing import Provisioning, Sharing, placements, provisioning, sharings
from scfcost.analysis.sweep.sweep import SweepResult, cost_column, row_of, sweep
from scfcost.billing.pricing import Bill, cheapest_plans
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.limits import common_range
from scfcost.catalog.schema import PriceBook
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_SECOND, ms_to_seconds
from scfcost.platforms.tencent_scf import NOT_EXPRESSED, api_request, tccli_command
from scfcost.report import choices, html
from scfcost.trace.assumption import POINT, assume
from scfcost.trace.censoring import describe, is_bound
from scfcost.trace.inputs import TraceLike, takes_trace
from scfcost.trace.model import Trace
from scfcost.trace.reading.draft import cut_to_window

if TYPE_CHECKING:
    import pandas as pd

LEAST_SESSIONS = 50
"""Sessions that each part of a trace needs for the choice to be made on one and checked on the other. [1]"""
EARLIER_PART = Fraction(2, 3)
"""Share of the window on which the choice is made. [1]"""
HEARTBEATS_S = (10, 15, 20, 25, 30, 45, 55, 60, 120, 240)
"""Heartbeat periods that are tried. [s]"""
_FRONTIER_SHOWN = 8


@dataclass(frozen=True, eq=False, repr=False)
class Recommendation:
    """A setting to deploy, or the nearest misses where none keeps to the constraints. Made by `recommend`."""

    current: dict[str, Any]
    """The row of the present setting."""
    chosen: dict[str, Any] | None
    """The row of the setting to deploy, None where nothing keeps to the constraints."""
    cheaper: dict[str, Any] | None
    """The next cheaper row of the frontier."""
    safer: dict[str, Any] | None
    """The next safer row of the frontier."""
    frontier: pd.DataFrame
    """Settings that nothing beats in both cost and harm."""
    reasons: tuple[str, ...]
    """Why this one, where it sits at an end of the range, and what the later part of the trace says."""
    binding: tuple[str, ...]
    """Where nothing fits: each constraint that no setting meets alone, with the nearest one can get."""
    interval: tuple[Decimal, Decimal] | None
    """80 % interval of the chosen month, see `uncertainty.bootstrap`. [currency]"""
    plans: tuple[tuple[str, Decimal, Decimal | None], ...]
    """Plans for the chosen month, the cheapest first: name, total, and the GBs from which a package pays alone."""
    heartbeat: dict[str, Any] | None
    """The heartbeat that keeps users connected at least cost, and its row."""
    sharings: tuple[Sharing, ...]
    """Connections an instance with the memory they need, the cheapest first; empty where the need is not known."""
    provisioning: Provisioning | None
    """The provisioned instances for a target of cold starts, None where there is no target."""
    config: FunctionConfig
    """The settings to deploy, or the present ones."""
    currency: str
    sweep: SweepResult

    def to_dict(self) -> dict[str, Any]:
        """Return the recommendation as plain data, amounts as strings."""
        return {
            "schema": "scfcost.recommend/1",
            "currency": self.currency,
            "current": _plain(self.current),
            "recommended": _plain(self.chosen),
            "next_cheaper": _plain(self.cheaper),
            "next_safer": _plain(self.safer),
            "frontier": [_plain(row_of(self.frontier, k)) for k in range(len(self.frontier))],
            "reasons": list(self.reasons),
            "binding": list(self.binding),
            "interval_80": None if self.interval is None else [str(end) for end in self.interval],
            "plans": [
                {"plan": plan, "total": str(amount), "pays_from_gbs": None if gbs is None else f"{gbs:f}"}
                for plan, amount, gbs in self.plans
            ],
            "heartbeat": _plain(self.heartbeat),
            "sharings": [
                {"max_concurrency": one.max_concurrency, "memory_mb": one.memory_mb, "amount": str(one.amount)}
                for one in self.sharings
            ],
            "provisioning": None
            if self.provisioning is None
            else {
                "number": self.provisioning.number,
                "cold_starts": self.provisioning.cold_starts,
                "cold_share": float(self.provisioning.share),
                "amount": str(self.provisioning.amount),
                "amount_without": str(self.provisioning.without),
                "meets": self.provisioning.meets,
            },
            "deploy": {
                "api": api_request(self.config),
                "tccli": tccli_command(self.config),
                "note": NOT_EXPRESSED,
            },
        }

    def __repr__(self) -> str:
        """Return what to set, for a console."""
        return f"<Recommendation: {choices.headline(self.to_dict())}>"

    def _repr_html_(self) -> str:
        return html.recommendation(self.to_dict())


@takes_trace
def recommend(
    trace: TraceLike,
    function: FunctionConfig,
    constraints: Constraints | None = None,
    *,
    reconnect_price: Decimal = Decimal(0),
    allow_unverified: bool = False,
    max_cold_starts: Fraction | None = None,
    pricing: Pricing | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recommendation:
    """Find the cheapest timeouts that keep to the constraints.

    Money alone nearly always favours the shortest idle timeout, so what the settings do to people is part of the
    answer: as constraints, as a price of each reconnect, and as the frontier beside the choice.

    Parameters
    ----------
    trace : Trace, files or DataFrame
        n connections.
    function : FunctionConfig
        The present settings; `reconnect` must be stated.
    constraints : Constraints, optional
        What the user can bear; anything otherwise.
    reconnect_price : Decimal
        What a reconnect costs beside the bill, in pain. [currency]
    allow_unverified : bool
        Whether to try timeouts outside what the vendor documents.
    max_cold_starts : Fraction, optional
        Most invocations that may start cold / invocations: the provisioned instances for that are looked for.
    pricing : Pricing, optional
        As in `estimate`.
    progress : callable, optional
        Called with the share of the work done.

    Returns
    -------
    Recommendation
        The setting, its neighbours, the frontier and the reasons.

    Raises
    ------
    ConfigError
        If the reconnect policy is not stated.
    """
    constraints = constraints or Constraints()
    if function.reconnect is None:
        raise ConfigError(
            "what clients do after a cut decides the answer: state --reconnect none, on-demand or immediate"
        )
    pricing = pricing or Pricing()
    terms = pricing.terms()
    idle, execution = candidate_axes(terms.book, function, allow_unverified=allow_unverified)
    whole = _swept(trace, function, idle_ms=idle, exec_ms=execution, progress=progress, pricing=pricing)
    present = _swept(
        trace, function, idle_ms=[function.idle_timeout_ms], exec_ms=[function.exec_timeout_ms], pricing=pricing
    )
    earlier, later = split(trace)
    judged = whole if earlier is None else _swept(earlier, function, idle_ms=idle, exec_ms=execution, pricing=pricing)
    scores = _scores(judged, earlier or trace, reconnect_price)
    allowed = _tried(judged, allow_unverified=allow_unverified)
    fitting = allowed & meets(judged, earlier or trace, constraints)
    chosen, reasons, binding = None, [], []
    if fitting.any():
        row = int(np.flatnonzero(fitting)[np.argmin(scores[fitting])])
        chosen = row_of(whole.frame, row)
        reasons = _reasons(chosen, idle, constraints, scores[fitting], reconnect_price)
        if is_bound(trace, *(int(chosen[one] * MS_PER_SECOND) for one in ("idle_timeout_s", "exec_timeout_s"))):
            reasons.append(describe(trace))
        reasons += _check_later(later, function, chosen, constraints, pricing)
    else:
        binding = _binding(judged, earlier or trace, constraints, allowed) if allowed.any() else _too_small(function)
    config = function if chosen is None else _with(function, chosen)
    point, platform = trace if trace.has_messages else assume(trace, POINT), terms.platform()
    shared = sharings(point, config, terms, platform)
    frontier = whole.pareto(valid_only=not allow_unverified)
    cheaper, safer = _neighbours(frontier, chosen)
    return Recommendation(
        current=row_of(present.frame, 0),
        chosen=chosen,
        cheaper=cheaper,
        safer=safer,
        frontier=_thin(frontier),
        reasons=tuple(reasons),
        binding=tuple(binding),
        interval=_interval(trace, config, chosen, pricing),
        plans=tuple(_plans(trace, config, terms)),
        heartbeat=_best_heartbeat(trace, config, constraints, terms, terms.book),
        sharings=tuple(shared),
        provisioning=None if max_cold_starts is None else provisioning(point, config, terms, platform, max_cold_starts),
        config=config,
        currency=terms.book.currency,
        sweep=whole,
    )


def candidate_axes(book: PriceBook, function: FunctionConfig, *, allow_unverified: bool) -> tuple[list[int], list[int]]:
    """Return the timeouts that are tried: dense where they are short, and the present ones. [ms]"""
    low, high = common_range(book.limits.idle_timeout_s)
    least, most = common_range(book.limits.exec_timeout_s)
    if allow_unverified:
        low, high = (
            pick(getattr(r, end) for r in book.limits.idle_timeout_s)
            for pick, end in ((min, "lowest"), (max, "highest"))
        )
        most = max(most, high)
    idle = {*range(int(low), 61), *range(60, 121, 5), *range(120, 601, 20), *range(600, int(high) + 1, 300)}
    execution = {*range(60, int(most) + 1, 60 if most <= 900 else 300), int(most)}
    idle_ms = {one * MS_PER_SECOND for one in idle if low <= one <= high} | {function.idle_timeout_ms}
    exec_ms = {one * MS_PER_SECOND for one in execution if least <= one <= most} | {function.exec_timeout_ms}
    return sorted(idle_ms), sorted(exec_ms)


def split(trace: Trace) -> tuple[Trace | None, Trace | None]:
    """Split a trace by time, to choose on the earlier part and check on the later; None where it is too short."""
    edge = trace.start_ms + int(trace.window_ms * EARLIER_PART)
    first = int((trace.connect_ms <= edge).sum())
    if min(first, trace.connections - first) < LEAST_SESSIONS:
        return None, None
    return cut_to_window(trace, (trace.start_ms, edge)), cut_to_window(trace, (edge + 1, trace.end_ms))


def _tried(result: SweepResult, *, allow_unverified: bool) -> np.ndarray:
    frame = result.frame
    tried = np.ones(len(frame), np.bool_) if allow_unverified else frame["valid"].to_numpy(dtype=np.bool_)
    return tried & frame["fits_memory"].to_numpy(dtype=np.bool_) if "fits_memory" in frame.columns else tried


def _swept(trace: Trace, function: FunctionConfig, **options: Any) -> SweepResult:
    """Sweep; where an instance holds several connections, under both placements, each row the dearer of the two."""
    one, *other = (sweep(trace, config, **options) for config in placements(function))
    for result in other:
        cost = cost_column(one.frame)
        dearer = result.frame[cost] > one.frame[cost]
        frame = one.frame.copy()
        frame.loc[dearer] = result.frame.loc[dearer]
        one = replace(one, frame=frame)
    return one


def _too_small(function: FunctionConfig) -> list[str]:
    if function.fits_memory:
        return ["no setting that was tried lies inside what the vendor documents (--allow-unverified)"]
    held, needed = function.max_concurrency, function.memory_needed_mb
    text = f"an instance of {function.memory_mb:,} MB does not hold {held} connections, which need {needed:g} MB"
    return [f"{text}: raise --memory or lower --max-concurrency"]


def _scores(result: SweepResult, trace: Trace, reconnect_price: Decimal) -> np.ndarray:
    """Return cost plus the price of the reconnects of a month, for choosing only. [currency]"""
    frame = result.frame
    factor = month_factor(trace) or Fraction(1)
    pain = frame["reconnects"].to_numpy(dtype=float) * float(factor) * float(reconnect_price)
    # Among equals in cost the least harm wins: a fraction of a hundredth cannot change the order of amounts.
    harm = frame["cut_harmful"].to_numpy(dtype=float) + frame["reconnects"].to_numpy(dtype=float)
    tie = harm / (harm.max() + 1) * 1e-3
    scores: np.ndarray = frame[cost_column(frame)].astype(float).to_numpy() + pain + tie
    return scores


def _reasons(
    chosen: Mapping[str, Any],
    idle: Sequence[int],
    constraints: Constraints,
    scores: np.ndarray,
    reconnect_price: Decimal,
) -> list[str]:
    reasons = [f"the cheapest of {len(scores):,} settings that keep to what was asked"]
    seconds = chosen["idle_timeout_s"]
    if seconds == ms_to_seconds(idle[0]):
        text = f"the idle timeout sits at the short end, {seconds:g} s: money alone always favours less silence"
        if not constraints.stated() and not reconnect_price:
            text += ", and nothing asked speaks against it (--max-harmful-cuts, --max-reconnects, --reconnect-price)"
        reasons.append(text)
    elif seconds == ms_to_seconds(idle[-1]):
        reasons.append(
            f"the idle timeout sits at the long end, {seconds:g} s: only long silences keep to what was asked"
        )
    return reasons


def _check_later(
    later: Trace | None,
    function: FunctionConfig,
    chosen: Mapping[str, Any],
    constraints: Constraints,
    pricing: Pricing,
) -> list[str]:
    if later is None:
        return [
            f"the trace is too short to choose on one part and check on another (each needs {LEAST_SESSIONS} sessions)"
        ]
    config = _with(function, chosen)
    check = _swept(later, config, idle_ms=[config.idle_timeout_ms], exec_ms=[config.exec_timeout_ms], pricing=pricing)
    faults = broken(row_of(check.frame, 0), later, constraints)
    if faults:
        return [f"chosen on the earlier two thirds of the trace; the later third breaks it: {'; '.join(faults)}"]
    return ["chosen on the earlier two thirds of the trace, and it holds on the later third"]


def _binding(result: SweepResult, trace: Trace, constraints: Constraints, allowed: np.ndarray) -> list[str]:
    """Say how near one can get to each constraint alone."""
    frame = result.frame[allowed]
    found = []
    for name in constraints.stated():
        column = COLUMN.get(name) or cost_column(frame)
        best = row_of(frame, int(np.argmin(frame[column].astype(float).to_numpy())))
        reached = best[column] if name == "budget" else rates(best, trace)[name]
        setting = f"idle timeout {best['idle_timeout_s']:g} s, execution timeout {best['exec_timeout_s']:g} s"
        limit = getattr(constraints, name)
        verdict = "cannot be met" if reached > limit else "can be met alone"
        found.append(
            f"{WORDS[name]} of at most {shown(name, limit)} {verdict}: the least is {shown(name, reached)}, "
            f"at {setting}, for {best[cost_column(frame)]} a month"
        )
    return found


def _neighbours(
    frontier: pd.DataFrame, chosen: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    if chosen is None or frontier.empty:
        return None, None
    cost = cost_column(frontier)
    cheaper = frontier[frontier[cost] < chosen[cost]]
    safer = frontier[frontier["cut_harmful"] < chosen["cut_harmful"]]
    return (
        None if cheaper.empty else row_of(cheaper, -1),
        None if safer.empty else row_of(safer, 0),
    )


def _thin(frontier: pd.DataFrame) -> pd.DataFrame:
    """Keep a few rows of the frontier, both ends among them."""
    if len(frontier) <= _FRONTIER_SHOWN:
        return frontier
    return frontier.iloc[np.unique(np.linspace(0, len(frontier) - 1, _FRONTIER_SHOWN).astype(int))].reset_index(
        drop=True
    )


def _with(function: FunctionConfig, row: Mapping[str, Any]) -> FunctionConfig:
    return function.replace(idle_timeout_s=row["idle_timeout_s"], exec_timeout_s=row["exec_timeout_s"])


def _interval(
    trace: Trace, config: FunctionConfig, chosen: Mapping[str, Any] | None, pricing: Pricing
) -> tuple[Decimal, Decimal] | None:
    """Return where 80 % of the months fall when the traffic is drawn anew, as `estimate` says it."""
    if chosen is None:
        return None
    sure = bootstrap(estimate(trace, config, pricing=pricing))
    return None if sure is None else sure.interval(80)


def _plans(trace: Trace, config: FunctionConfig, terms: Terms) -> list[tuple[str, Decimal, Decimal | None]]:
    factor = month_factor(trace)
    if factor is None:
        return []
    point = trace if trace.has_messages else assume(trace, POINT)
    usage = compare_setting(point, dict.fromkeys(point.functions, config), terms, terms.platform()).usage.project(
        factor.numerator, factor.denominator
    )
    resource = terms.rate("resource")
    rate = None if resource is None else resource.graduated()[0].price
    bills: list[Bill] = cheapest_plans(usage, terms)
    return [(bill.plan, bill.total, _pays_from(terms, bill.plan, rate)) for bill in bills]


def _pays_from(terms: Terms, plan: str, rate: Decimal | None) -> Decimal | None:
    """Return the resource usage from which a package costs less than the same usage at the unit price. [GBs]"""
    package = terms.period.plans.get(plan)
    return None if package is None or not rate else (package.fee / rate).quantize(Decimal(1))


def _best_heartbeat(
    trace: Trace, config: FunctionConfig, constraints: Constraints, terms: Terms, book: PriceBook
) -> dict[str, Any] | None:
    """Find the heartbeat that keeps users connected at least cost, with the shortest idle timeout that it allows."""
    if not trace.has_messages or config.function_type != "web-ws":
        return None
    low, high = common_range(book.limits.idle_timeout_s)
    best: dict[str, Any] | None = None
    for period in HEARTBEATS_S:
        idle = max(period + 5, low)  # room for a heartbeat that comes late
        if idle > min(high, config.exec_timeout_s):
            break
        beating = config.replace(heartbeat_s=period, idle_timeout_s=idle)
        case = compare_setting(trace, dict.fromkeys(trace.functions, beating), terms, terms.platform())
        impact = case.impact
        row = {
            "heartbeat_s": period,
            "idle_timeout_s": idle,
            "monthly_amount": case.amount,
            "cut_harmful": impact.cut_harmful,
            "reconnects": impact.reconnects,
            "messages_lost": impact.messages_lost,
            "pushes_missed": impact.pushes_missed,
        }
        key = (row["cut_harmful"], row["monthly_amount"])
        if best is None or key < (best["cut_harmful"], best["monthly_amount"]):
            best = row
    if best is not None:
        best["keeps_to_constraints"] = not broken(best, trace, constraints)
    return best


def _plain(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        key: str(value) if isinstance(value, Decimal) else value.item() if isinstance(value, np.generic) else value
        for key, value in row.items()
    }
