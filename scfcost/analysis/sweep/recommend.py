"""Which setting to deploy: three that keep to what the user can bear, one put forward, and what changes more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scfcost.analysis.estimate.estimate import message_bounds
from scfcost.analysis.estimate.warnings import refusal
from scfcost.analysis.evaluate import compare_setting, month_factor
from scfcost.analysis.forecast.uncertainty import bootstrap_setting
from scfcost.analysis.known import PRICE, SILENCES, Unknown, knows_silences, lacks, not_known
from scfcost.analysis.sweep.choose import (
    BEARABLE,
    WORTH,
    Candidate,
    Harm,
    Population,
    candidates,
    check_strategy,
    choose,
)
from scfcost.analysis.sweep.constraints import Constraints, binding, broken, meets, nearest_place
from scfcost.analysis.sweep.grid import replays_each
from scfcost.analysis.sweep.levers import Bench, Lever, levers
from scfcost.analysis.sweep.sizing import Provisioning, Sharing, placements, provisioning, sharings
from scfcost.analysis.sweep.sweep import SweepResult, cost_column, plain_value, row_of, sweep
from scfcost.billing.pricing import Bill, cheapest_plans
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.limits import common_range
from scfcost.catalog.schema import PriceBook
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_SECOND
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.message_limits import message_excess
from scfcost.lifecycle.run import refusals
from scfcost.platforms.tencent_scf import NOT_EXPRESSED, api_request, tccli_command
from scfcost.report import choices, html
from scfcost.trace.assumption import point
from scfcost.trace.censoring import describe, is_bound
from scfcost.trace.inputs import TraceLike, takes_trace
from scfcost.trace.model import Trace
from scfcost.trace.reading.inside import starting_inside

if TYPE_CHECKING:
    import pandas as pd

LEAST_SESSIONS = 50
"""Sessions that each part of a trace needs for the limits to be held on both. [1]"""
EARLIER_PART = Fraction(2, 3)
"""Share of the window that is the earlier part. [1]"""
_FRONTIER_SHOWN = 8


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Recommendation:
    """A setting to deploy, or the nearest one where none keeps to the limits. Made by `recommend`."""

    current: dict[str, Any]
    """The row of the present setting."""
    chosen: dict[str, Any] | None
    """The row of the setting that is put forward, None where there is none."""
    cheapest: dict[str, Any] | None
    balanced: dict[str, Any] | None
    safest: dict[str, Any] | None
    """Rows of the three settings between which to choose, None where nothing keeps to the limits."""
    nearest: dict[str, Any] | None
    """The row that is nearest to the limits, where none keeps to them."""
    strategy: str
    worth: Decimal
    population: Population
    keeps_whole: bool | None
    """Whether some timeouts deliver all but 1 % of the messages; None where that is not known."""
    levers: tuple[Lever, ...]
    """What changes more than timeouts, each alone."""
    frontier: pd.DataFrame
    """Settings that nothing beats in both cost and harm."""
    reasons: tuple[str, ...]
    """Why this one, which limits bind, and what the parts of the trace say."""
    binding: tuple[str, ...]
    """Where nothing fits: how near one can get to each limit alone."""
    interval: tuple[Decimal, Decimal] | None
    """80 % interval of the chosen month, see `uncertainty.bootstrap`. [currency]"""
    plans: tuple[tuple[str, Decimal, Decimal | None], ...]
    """Plans for the chosen month, the cheapest first: name, total, and the GBs from which a package pays alone."""
    sharings: tuple[Sharing, ...]
    """Connections an instance with the memory they need, the cheapest first; empty where the need is not known."""
    provisioning: Provisioning | None
    """The provisioned instances for a target of cold starts, None where there is no target."""
    config: FunctionConfig
    """The settings to deploy, or the present ones."""
    currency: str
    not_known: tuple[Unknown, ...]
    """What the input does not tell."""
    sweep: SweepResult

    @property
    def answers(self) -> bool:
        """Whether a setting can be put forward that keeps to what was asked."""
        return self.chosen is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the recommendation as plain data, amounts as strings."""
        return {
            "schema": "scfcost.recommend/1",
            "currency": self.currency,
            "strategy": self.strategy,
            "worth": f"{self.worth:f}",
            "function_type": self.config.function_type,
            "current": self._plain(self.current),
            "recommended": self._plain(self.chosen),
            "cheapest": self._plain(self.cheapest),
            "balanced": self._plain(self.balanced),
            "safest": self._plain(self.safest),
            "nearest": self._plain(self.nearest),
            "keeps_whole": self.keeps_whole,
            "levers": [_plain(one.to_dict()) for one in self.levers],
            "frontier": [self._plain(row_of(self.frontier, k)) for k in range(len(self.frontier))],
            "reasons": list(self.reasons),
            "binding": list(self.binding),
            "interval_80": None if self.interval is None else [str(end) for end in self.interval],
            "plans": [
                {"plan": plan, "total": str(amount), "pays_from_gbs": None if gbs is None else f"{gbs:f}"}
                for plan, amount, gbs in self.plans
            ],
            "sharings": [
                {"max_concurrency": one.max_concurrency, "memory_mb": one.memory_mb, "amount": str(one.amount)}
                for one in self.sharings
            ],
            "provisioning": None if self.provisioning is None else self.provisioning.to_dict(),
            "not_known": [one.to_dict() for one in self.not_known],
            "deploy": {
                "api": api_request(self.config),
                "tccli": tccli_command(self.config),
                "note": NOT_EXPRESSED,
            },
        }

    def _plain(self, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if row is None:
            return None
        shares = {} if lacks(self.not_known, SILENCES) else Harm.of(row, self.population).to_dict()
        return _plain({**row, **shares})

    def __repr__(self) -> str:
        """Return what to set, for a console."""
        return f"<Recommendation: {choices.headline(self.to_dict())}>"

    def _repr_html_(self) -> str:
        return html.recommendation(self.to_dict())


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a trace, the present settings, and what can be borne."""

    trace: Trace
    function: FunctionConfig
    constraints: Constraints
    pricing: Pricing
    terms: Terms
    allow_unverified: bool = False

    def swept(self, trace: Trace, **axes: Any) -> SweepResult:
        """Sweep; where an instance holds several connections, under both placements, each row the dearer of the two."""
        one, *other = (sweep(trace, config, pricing=self.pricing, **axes) for config in placements(self.function))
        for result in other:
            cost = cost_column(one.frame)
            dearer = result.frame[cost] > one.frame[cost]
            frame = one.frame.copy()
            frame.loc[dearer] = result.frame.loc[dearer]
            one = replace(one, frame=frame)
        return one

    def grid(self, trace: Trace, progress: Callable[[float], None] | None = None) -> SweepResult:
        """Sweep over every pair of timeouts that is tried.

        Parameters
        ----------
        trace : Trace
            The trace, or a part of it.
        progress : callable, optional
            Called with the share of the work done.
        """
        dense = not replays_each(self.function, trace)
        idle, execution = candidate_axes(
            self.terms.book, self.function, allow_unverified=self.allow_unverified, dense=dense
        )
        return self.swept(trace, idle_ms=idle, exec_ms=execution, progress=progress)

    def at(self, trace: Trace, function: FunctionConfig) -> dict[str, Any]:
        """Return the row of one setting.

        Parameters
        ----------
        trace : Trace
            The trace, or a part of it.
        function : FunctionConfig
            The setting.
        """
        axes = {"idle_ms": [function.idle_timeout_ms], "exec_ms": [function.exec_timeout_ms]}
        return row_of(self.swept(trace, **axes).frame, 0)

    def allowed(self, result: SweepResult) -> NDArray[np.bool_]:
        """Whether each setting is documented, unless that does not matter, and fits its memory."""
        frame = result.frame
        tried = np.ones(len(frame), np.bool_) if self.allow_unverified else frame["valid"].to_numpy(dtype=np.bool_)
        return tried & frame["fits_memory"].to_numpy(dtype=np.bool_) if "fits_memory" in frame.columns else tried


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


@takes_trace
def recommend(
    trace: TraceLike,
    function: FunctionConfig,
    constraints: Constraints | None = None,
    *,
    strategy: str = "balanced",
    worth: Decimal = WORTH,
    reconnect_price: Decimal = Decimal(0),
    allow_unverified: bool = False,
    max_cold_starts: Fraction | None = None,
    pricing: Pricing | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recommendation:
    """Find timeouts that keep to the limits: the cheapest, the safest and the balanced ones, and put one forward.

    Money alone nearly always favours the shortest idle timeout, so what the settings do to people is weighed against
    it: a tenth of the harm is worth twice the money, or `worth` times.

    Parameters
    ----------
    trace : Trace, files or DataFrame
        n connections.
    function : FunctionConfig
        The present settings; `reconnect` must be stated where there are silences.
    constraints : Constraints, optional
        What the user can bear; anything otherwise.
    strategy : {"balanced", "cheapest", "safest"}
        Which of the three is put forward.
    worth : Decimal
        Times the money that a tenth of the harm is worth, more than 1.
    reconnect_price : Decimal
        What a reconnect costs beside the bill, in pain. [currency]
    allow_unverified : bool
        Whether to try timeouts outside what the vendor documents.
    max_cold_starts : Fraction, optional
        Most invocations that may start cold / invocations: the provisioned instances for that are looked for.
    pricing : Pricing, optional
        As in `estimate`. Settings are compared without limits: what quota and burst refuse is no part of the bill.
    progress : callable, optional
        Called with the share of the work done.

    Returns
    -------
    Recommendation
        The setting, the three to choose from, what changes more, and the reasons.

    Raises
    ------
    ConfigError
        If the reconnect policy is not stated, the strategy is not known, or `worth` is not more than 1.
    """
    check_strategy(strategy, worth)
    if function.reconnect is None and function.function_type == "web-ws":
        raise ConfigError(
            "what clients do after a cut decides the answer: state --reconnect none, on-demand or immediate"
        )
    pricing = pricing or Pricing()
    limits = replace(pricing.platform(pricing.terms()), refuses=False)
    pricing = replace(pricing, quota_mb=None, burst_per_minute=None, on_quota="report")
    terms = pricing.terms()
    question = Question(trace, function, constraints or Constraints(), pricing, terms, allow_unverified)
    known = knows_silences(has_messages=trace.has_messages, configs=[function])
    judged = judge(question, question.grid(trace, progress))
    unknown = not_known_of(question)
    found, reasons = _chosen(question, judged, Fraction(reconnect_price), worth, unknown=unknown)
    if strategy in found and known:
        reasons += _of_choice(question, judged, found[strategy])
    chosen = found.get(strategy)
    reasons += _not_carried(question, function if chosen is None else _with(function, chosen), limits)
    config = function if chosen is None else _with(function, chosen)
    bench = Bench(trace, terms, Population.of(trace), known)
    placed = point(trace, dict.fromkeys(trace.functions, config))
    nothing_fits = not judged.allowed.any() or (known and not judged.fitting.any())
    frontier = judged.whole.pareto(valid_only=not allow_unverified) if known else judged.whole.frame.iloc[:0]
    safest = found.get("safest")
    whole = Harm.of(safest, bench.population).undelivered <= BEARABLE if known and safest else None
    best = None if whole is not False else lambda other: _best(replace(question, function=other), worth)
    return Recommendation(
        current=question.at(trace, function),
        chosen=chosen,
        cheapest=found.get("cheapest") if known else None,
        balanced=found.get("balanced") if known else None,
        safest=safest if known else None,
        nearest=_nearest(question, judged) if nothing_fits else None,
        strategy=strategy,
        worth=worth,
        population=bench.population,
        keeps_whole=whole,
        levers=tuple(levers(bench, config, best)) if chosen is not None and known else (),
        frontier=_thin(frontier),
        reasons=tuple(reasons),
        binding=tuple(_binding(question, judged)) if nothing_fits else (),
        interval=_interval(trace, config, chosen, pricing) if known else None,
        plans=tuple(_plans(bench, config)) if chosen is not None and known else (),
        sharings=tuple(sharings(placed, config, terms, terms.platform())),
        provisioning=None
        if max_cold_starts is None
        else provisioning(placed, config, terms, terms.platform(), max_cold_starts),
        config=config,
        currency=terms.book.currency,
        not_known=unknown,
        sweep=judged.whole,
    )


def _best(question: Question, worth: Decimal) -> FunctionConfig:
    """Return the settings of a question with its own balanced timeouts, whatever the limits."""
    result = question.grid(question.trace)
    among = candidates(result, Population.of(question.trace), question.allowed(result))
    if not among:
        return question.function
    return _with(question.function, row_of(result.frame, choose(among, worth)["balanced"].place))


def not_known_of(question: Question) -> tuple[Unknown, ...]:
    """Return what the input of a question does not tell."""
    trace, function = question.trace, question.function
    configs = dict.fromkeys(trace.functions, function)
    case = compare_setting(point(trace, configs), configs, question.terms, question.terms.platform())
    bounds = is_bound(trace, function.idle_timeout_ms, function.exec_timeout_ms)
    return not_known(
        [function], question.terms, has_messages=trace.has_messages, bill=case.monthly or case.bill,
        warnings=trace.provenance.warnings, censored=describe(trace) if bounds else None,
    )  # fmt: skip


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
    earlier, later = split(trace)
    if not knows_silences(has_messages=trace.has_messages, configs=[question.function]):
        none = np.zeros(len(whole), np.bool_)
        return Judged(whole, allowed, none, none, None, None, None)
    on_whole = allowed & meets(whole, trace, limits)
    if earlier is None or not limits.stated():
        return Judged(whole, allowed, on_whole, on_whole, earlier, later, None)
    by_part = question.grid(earlier)
    on_both = on_whole & meets(by_part, earlier, limits)
    return Judged(whole, allowed, on_whole, on_both if on_both.any() else on_whole, earlier, later, by_part)


def _chosen(
    question: Question, judged: Judged, reconnect_price: Fraction, worth: Decimal, *, unknown: tuple[Unknown, ...]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return the rows of the three settings, and why these."""
    trace, limits = question.trace, question.constraints
    if not judged.allowed.any():
        return {}, []
    if lacks(unknown, SILENCES):
        return _kept(question)
    if not judged.fitting.any():
        return {}, []
    price = reconnect_price * (month_factor(trace) or 1)
    population = Population.of(trace)
    among = candidates(judged.whole, population, judged.fitting, price)
    named = choose(among, worth)
    if question.function.function_type != "web-ws":  # nothing speaks for another execution timeout but money or harm
        named = {name: _present(question, judged, among, one) for name, one in named.items()}
    found = {name: row_of(judged.whole.frame, one.place) for name, one in named.items()}
    if lacks(unknown, PRICE):
        text = "settings are not compared by a part of their cost: state the price of traffic with --traffic-price"
        return {}, [text]
    reasons = [f"{len(among):,} settings keep to what was asked" if limits.stated() else _without_limits(among)]
    reasons += _what_binds(question, judged, found["cheapest"])
    return found, reasons


def _present(question: Question, judged: Judged, among: Sequence[Candidate], chosen: Candidate) -> Candidate:
    """Return the present setting where it is as good as the chosen one."""
    lives = judged.whole.frame["exec_timeout_s"]
    here = [one for one in among if lives.iloc[one.place] == question.function.exec_timeout_s]
    return next((one for one in here if (one.cost, one.harm) == (chosen.cost, chosen.harm)), chosen)


def _of_choice(question: Question, judged: Judged, row: Mapping[str, Any]) -> Iterator[str]:
    """Say what is to be known of the setting that is put forward."""
    config = _with(question.function, row)
    if is_bound(question.trace, config.idle_timeout_ms, config.exec_timeout_ms):
        yield describe(question.trace)
    if config.beats_too_late:
        beat, idle = config.heartbeat_s, config.idle_timeout_s
        yield f"the heartbeat of {beat:g} s is not shorter than {idle:g} s: it keeps nothing open there"
    if question.constraints.stated():
        yield from _check_parts(question, judged, row)


def _not_carried(question: Question, config: FunctionConfig, limits: Platform) -> Iterator[str]:
    """Say what the platform would refuse at a setting, and which connections it would not carry at any."""
    trace, book = question.trace, question.terms.book
    excess = message_excess(trace, message_bounds(book.limits.messages))
    if excess:
        yield excess.sentence(trace.connections, book.limits.messages.source)
    configs = dict.fromkeys(trace.functions, config)
    counts = refusals(point(trace, configs), configs, limits)
    if any(counts.values()):
        yield f"at these settings {refusal(counts, refuses=False)}: scfcost capacity shows what carries them"


def _without_limits(among: list[Any]) -> str:
    text = "no limit was given (--max-harmful-cuts, --max-reconnects, --max-lost, --max-missed, --budget)"
    return f"{len(among):,} settings were compared; {text}"


def _kept(question: Question) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Keep the present timeouts where nobody knows whom others would cut off; harm that was limited is not judged."""
    idle = question.function.idle_timeout_s
    text = (
        f"the timeouts stay as they are (idle timeout {idle:g} s): the trace has no message rows, so nobody knows how "
        "long connections are silent, nor whom a shorter timeout would cut off"
    )
    row = question.at(question.trace, question.function)
    limits = question.constraints
    harmful = [name for name in limits.stated() if name != "budget"]
    if harmful:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in harmful)
        return {}, [text, f"{names} cannot be judged without message rows"]
    high, low = (row.get(f"monthly_amount_{which}") for which in ("high", "low"))
    if limits.budget is not None and high is not None and low is not None and high > limits.budget:
        verdict = "is broken" if low > limits.budget else "cannot be judged"
        return {}, [text, f"the budget of {limits.budget} {verdict}: the month lies between {low} and {high}"]
    return dict.fromkeys(("cheapest", "balanced", "safest"), row), [text]


def _what_binds(question: Question, judged: Judged, cheapest: Mapping[str, Any]) -> Iterator[str]:
    """Name the limits that cheaper settings break, on the whole trace and on its earlier part."""
    frame, trace = judged.whole.frame, question.trace
    cost = cost_column(frame)
    costs = frame[cost].tolist()
    cheaper = [k for k in np.flatnonzero(judged.allowed).tolist() if costs[k] < cheapest[cost]]
    beyond = [k for k in cheaper if not judged.on_whole[k]]
    if beyond:
        row = row_of(frame, min(beyond, key=lambda k: costs[k]))
        faults = "; ".join(broken(row, trace, question.constraints))
        yield f"what binds: {_named(row)} would cost {row[cost]} a month, but {faults}"
    by_part = [k for k in cheaper if judged.on_whole[k]]
    if by_part and judged.by_part is not None and judged.earlier is not None:
        best = min(by_part, key=lambda k: costs[k])
        faults = "; ".join(broken(row_of(judged.by_part.frame, best), judged.earlier, question.constraints))
        row = row_of(frame, best)
        yield (
            f"what binds on the earlier two thirds of the trace: {_named(row)} would cost {row[cost]} a "
            f"month and keeps to the limits on the whole, but there {faults}"
        )


def _named(row: Mapping[str, Any]) -> str:
    return f"an idle timeout of {row['idle_timeout_s']:g} s and an execution timeout of {row['exec_timeout_s']:g} s"


def _check_parts(question: Question, judged: Judged, row: Mapping[str, Any]) -> Iterator[str]:
    """Say whether the limits hold on the earlier and the later part of the trace, each by itself."""
    if judged.earlier is None or judged.later is None:
        yield f"the trace is too short to hold the limits on a part of it (each needs {LEAST_SESSIONS} sessions)"
        return
    faults = broken(question.at(judged.later, _with(question.function, row)), judged.later, question.constraints)
    if faults:
        yield f"the limits hold on the whole trace, but the later third breaks them: {'; '.join(faults)}"
        return
    yield "the limits hold on the earlier two thirds and on the later third of the trace, each by itself"


def _nearest(question: Question, judged: Judged) -> dict[str, Any] | None:
    if not judged.allowed.any():
        return None
    place = nearest_place(judged.whole, question.trace, question.constraints, judged.allowed)
    return row_of(judged.whole.frame, place)


def _binding(question: Question, judged: Judged) -> list[str]:
    """Say how near one can get to each limit alone, or why no setting was tried."""
    if judged.allowed.any():
        return binding(judged.whole, question.trace, question.constraints, judged.allowed)
    function = question.function
    if function.fits_memory:
        return ["no setting that was tried lies inside what the vendor documents (--allow-unverified)"]
    held, needed = function.max_concurrency, function.memory_needed_mb
    text = f"an instance of {function.memory_mb:,} MB does not hold {held} connections, which need {needed:g} MB"
    return [f"{text}: raise --memory or lower --max-concurrency"]


def candidate_axes(
    book: PriceBook, function: FunctionConfig, *, allow_unverified: bool, dense: bool = True
) -> tuple[list[int], list[int]]:
    """Return the timeouts that are tried, and the present ones. [ms]

    Parameters
    ----------
    book : PriceBook
        Whose ranges bound them.
    function : FunctionConfig
        The present settings.
    allow_unverified : bool
        Whether to go beyond what every page of the vendor allows.
    dense : bool
        Whether to try many, as where one pass prices them all.
    """
    low, high = common_range(book.limits.idle_timeout_s)
    least, most = common_range(book.limits.exec_timeout_s)
    if allow_unverified:
        low, high = (
            pick(getattr(r, end) for r in book.limits.idle_timeout_s)
            for pick, end in ((min, "lowest"), (max, "highest"))
        )
        most = max(most, high)
    step = (5, 30) if dense else (60, 180)
    idle = {*range(int(low), 61, 1 if dense else 10), *range(60, 601, step[0]), *range(600, int(high) + 1, 300)}
    execution = {*range(60, 901, step[1]), *range(900, int(most) + 1, 300), int(most)}
    if function.function_type != "web-ws":
        idle = set()
    idle_ms = {one * MS_PER_SECOND for one in idle if low <= one <= high} | {function.idle_timeout_ms}
    exec_ms = {one * MS_PER_SECOND for one in execution if least <= one <= most} | {function.exec_timeout_ms}
    return sorted(idle_ms), sorted(exec_ms)


def split(trace: Trace) -> tuple[Trace | None, Trace | None]:
    """Split a trace by time, to hold limits on each part by itself; None where it is too short."""
    edge = trace.start_ms + int(trace.window_ms * EARLIER_PART)
    first = int((trace.connect_ms <= edge).sum())
    if min(first, trace.connections - first) < LEAST_SESSIONS:
        return None, None
    return starting_inside(trace, (trace.start_ms, edge)), starting_inside(trace, (edge + 1, trace.end_ms))


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
    sure = bootstrap_setting(trace, config, pricing)
    return None if sure is None else sure.interval(80)


def _plans(bench: Bench, config: FunctionConfig) -> list[tuple[str, Decimal, Decimal | None]]:
    factor, terms = month_factor(bench.trace), bench.terms
    if factor is None:
        return []
    usage = bench.price(config).usage.project(factor.numerator, factor.denominator)
    resource = terms.rate("resource")
    rate = None if resource is None else resource.graduated()[0].price
    bills: list[Bill] = cheapest_plans(usage, terms)
    return [(bill.plan, bill.total, _pays_from(terms, bill.plan, rate)) for bill in bills]


def _pays_from(terms: Terms, plan: str, rate: Decimal | None) -> Decimal | None:
    """Return the resource usage from which a package costs less than the same usage at the unit price. [GBs]"""
    package = terms.period.plans.get(plan)
    return None if package is None or not rate else (package.fee / rate).quantize(Decimal(1))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain_value(value) for key, value in row.items()}
