"""Which setting to deploy: three that keep to what the user can bear, one put forward, and what changes more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.analysis.known import BYTES, OF_MONEY, SILENCES, Unknown, lacks
from scfcost.analysis.sweep.bench import Bench, Lever
from scfcost.analysis.sweep.choose import STRATEGIES, WORTH, Harm, Population, candidates, check_strategy, choose
from scfcost.analysis.sweep.constraints import Constraints
from scfcost.analysis.sweep.judge import Judged, how_near, judge, nearest_row
from scfcost.analysis.sweep.levers import levers
from scfcost.analysis.sweep.meeting import meeting
from scfcost.analysis.sweep.month import interval_of, plans_of
from scfcost.analysis.sweep.question import Question, ask, not_known_of, with_timeouts
from scfcost.analysis.sweep.reasons import made_of, not_carried, of_choice
from scfcost.analysis.sweep.sharing import fewest, is_long, months, together, tried, whole_and_shared
from scfcost.analysis.sweep.sizing import Provisioning, Sharing, provisioning, sharings
from scfcost.analysis.sweep.sweep import SweepResult, plain_value, row_of
from scfcost.analysis.sweep.three import Taste, three_settings
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.outcomes import MOST_UNDELIVERED
from scfcost.platforms.tencent_scf import FUNCTION, NOT_EXPRESSED, api_request, tccli_command
from scfcost.report import html, recommendation
from scfcost.trace.assumption import point
from scfcost.trace.inputs import TraceLike, takes_trace

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
    """What changes more than timeouts, each alone; where no timeouts keep to what was asked, the changes that do."""
    frontier: pd.DataFrame
    """Settings that nothing beats in both cost and harm."""
    reasons: tuple[str, ...]
    """Why this one, which limits bind, and what the parts of the trace say."""
    binding: tuple[str, ...]
    """Where nothing fits: how near one can get to each limit alone."""
    interval: tuple[Decimal, Decimal] | None
    """80 % interval of the chosen month, see `uncertainty.bootstrap`. [currency]"""
    plans: tuple[tuple[str, Decimal, Decimal | None], ...]
    """Plans for the chosen month, the cheapest first: name, total, and the GBs from which a package pays for itself."""
    sharings: tuple[Sharing, ...]
    """Connections an instance with the memory they need, the cheapest first; empty where the need is not known."""
    provisioning: Provisioning | None
    """The provisioned instances for a target of cold starts, None where there is no target."""
    config: FunctionConfig
    """The settings to deploy, or the present ones."""
    currency: str
    region: str | None
    """The region that was stated, None where it was not."""
    not_known: tuple[Unknown, ...]
    """What the input does not tell."""
    sweep: SweepResult

    @property
    def knows_harm(self) -> bool:
        """Whether it is known what people notice of a setting."""
        return self.population.messages > 0 and not lacks(self.not_known, SILENCES)

    @property
    def answers(self) -> bool:
        """Whether a setting can be put forward that keeps to what was asked."""
        return self.chosen is not None

    def to_dict(self, function_name: str | None = None) -> dict[str, Any]:
        """Return the recommendation as plain data, amounts as strings; a name of the function to deploy where known."""
        name = function_name or FUNCTION
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
                "function": function_name,
                "api": api_request(self.config, name),
                "tccli": tccli_command(self.config, name, self.region),
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
        return f"<Recommendation: {recommendation.headline(self.to_dict())}>"

    def _repr_html_(self) -> str:
        return html.recommendation(self.to_dict())


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
    question = ask(trace, function, constraints, pricing, allow_unverified=allow_unverified)
    judged = judge(question, question.grid(trace, progress))
    unknown, taste = not_known_of(question, judged.whole), Taste(worth, Fraction(reconnect_price))
    found, reasons = three_settings(question, judged, unknown, taste)
    chosen, known = found.get(strategy), question.knows_silences
    if chosen is not None and known:
        reasons += of_choice(question, judged, chosen)
    config = function if chosen is None else with_timeouts(function, chosen)
    nothing_fits = judged.nothing_fits(question)
    nearest = nearest_row(question, judged) if nothing_fits else None
    with ThreadPoolExecutor(1) as pool:  # placing within the limits takes one core
        refused = pool.submit(lambda: list(not_carried(question, config)))
        beside = _beside(question, config, found if chosen is not None and known else {}, taste, unknown)
    reasons += refused.result()
    reasons += made_of(trace)
    if max_cold_starts is not None and not known:
        reasons.append("--max-cold-starts cannot be judged without message rows")
    reasons += beside.pop("shared")
    if nearest is not None:
        beside["levers"] = meeting(question, judged, nearest, unknown)
    three: dict[str, Any] = {name: found.get(name) if known else None for name in STRATEGIES}
    return Recommendation(
        current=row_of(judged.whole.frame, judged.at(function)),
        chosen=chosen,
        **three,
        nearest=nearest,
        strategy=strategy,
        worth=worth,
        population=question.population,
        frontier=_frontier(question, judged, unknown),
        reasons=tuple(reasons),
        binding=tuple(how_near(question, judged)) if nothing_fits else (),
        config=config,
        currency=question.terms.book.currency,
        region=question.pricing.region,
        not_known=unknown,
        sweep=judged.whole,
        **beside,
        **_on_instances(question, config, max_cold_starts),
    )


def advised(question: Question, strategy: str = "balanced", taste: Taste | None = None) -> FunctionConfig | None:
    """Return the settings that would be put forward, None where there are none, or nobody knows whom they would cut.

    Where no limit says what can be borne and no setting delivers, none is put forward either.

    Parameters
    ----------
    question : Question
        What is asked.
    strategy : {"balanced", "cheapest", "safest"}
        Which of the three is put forward.
    taste : Taste, optional
        How money is weighed against what people notice.
    """
    if not question.knows_silences:
        return None
    judged = judge(question, question.grid(question.trace))
    found = three_settings(question, judged, not_known_of(question, judged.whole), taste)[0]
    if strategy not in found:
        return None
    is_whole = Harm.of(found["safest"], question.population).undelivered <= MOST_UNDELIVERED
    if question.constraints == Constraints() and not is_whole:
        return None
    return with_timeouts(question.function, found[strategy])


def _beside(
    question: Question,
    config: FunctionConfig,
    found: Mapping[str, dict[str, Any]],
    taste: Taste,
    unknown: tuple[Unknown, ...],
) -> dict[str, Any]:
    """Return what is told beside a choice of which everything is known: what changes more, its month and plans."""
    if not found:
        return {"keeps_whole": None, "levers": (), "shared": [], "interval": None, "plans": ()}
    bench = Bench(question.trace, question.terms, question.population, knows_silences=True)
    whole = Harm.of(found["safest"], bench.population).undelivered <= MOST_UNDELIVERED
    shared = tried(bench, config)
    one = fewest(bench.lever("", "", "", config), shared)
    best = None if whole and is_long(question.trace) else lambda other: best_timeouts(question.about(other), taste)
    changes = list(levers(bench, config, best, shared=[] if one is None else [one]))
    if not whole:
        changes += whole_and_shared(bench, config, tuple(changes))
    elif one is not None:
        changes += together(bench, config, one.row["max_concurrency"], found["safest"])
    if lacks(unknown, BYTES):
        changes = [one for one in changes if _sends_the_same(one, config, whole=found["safest"])]
    return {
        "keeps_whole": whole,
        "levers": tuple(changes),
        "shared": [months(shared)] if len(shared) > 1 else [],
        "interval": interval_of(question, config),
        "plans": tuple(plans_of(bench, config)),
    }


def _sends_the_same(lever: Lever, config: FunctionConfig, whole: Mapping[str, Any]) -> bool:
    """Whether a change sends clients what the settings do: it leaves their lives alone, or both deliver everything."""
    names = ("idle_timeout_s", "exec_timeout_s", "heartbeat_s")
    alike = all(lever.row[name] == getattr(config, name) for name in names)
    nothing_lost = lever.harm is not None and lever.harm.undelivered == 0
    return (alike and lever.row["reconnect"] == config.reconnect_policy) or (
        nothing_lost and not whole["messages_lost"] + whole["pushes_missed"]
    )


def _on_instances(question: Question, config: FunctionConfig, max_cold_starts: Fraction | None) -> dict[str, Any]:
    """Return how many connections an instance should hold, and how many are to be started in advance."""
    if not question.knows_silences:  # how many run at once is not known, nor what they cost
        return {"sharings": (), "provisioning": None}
    placed, terms = point(question.trace, dict.fromkeys(question.trace.functions, config)), question.terms
    ahead = None
    if max_cold_starts is not None:
        ahead = provisioning(placed, config, terms, terms.platform(), max_cold_starts)
    return {"sharings": tuple(sharings(placed, config, terms, terms.platform())), "provisioning": ahead}


def best_timeouts(question: Question, taste: Taste) -> FunctionConfig:
    """Return the settings of a question with its own balanced timeouts, whatever the limits.

    They are looked for with one connection an instance, which one pass prices: what people notice is the same.

    Parameters
    ----------
    question : Question
        What is asked.
    taste : Taste
        How money is weighed against what people notice.
    """
    function = question.function
    alone = question if function.is_coupled else question.about(function.replace(max_concurrency=1, provisioned=0))
    result = alone.grid(question.trace)
    among = candidates(result, question.population, alone.allowed(result))
    if not among:
        return function
    return with_timeouts(function, row_of(result.frame, choose(among, taste.worth)["balanced"].place))


def _frontier(question: Question, judged: Judged, unknown: tuple[Unknown, ...]) -> pd.DataFrame:
    """Return a few of the settings that nothing beats, none where harm or a part of the cost is not known."""
    if lacks(unknown, SILENCES, *OF_MONEY):
        return judged.whole.frame.iloc[:0]
    against = "cut_harmful" if question.population.requests else None
    return _thin(judged.whole.pareto(against, valid_only=not question.allow_unverified))


def _thin(frontier: pd.DataFrame) -> pd.DataFrame:
    """Keep a few rows of the frontier, both ends among them."""
    if len(frontier) <= _FRONTIER_SHOWN:
        return frontier
    return frontier.iloc[np.unique(np.linspace(0, len(frontier) - 1, _FRONTIER_SHOWN).astype(int))].reset_index(
        drop=True
    )


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: plain_value(value) for key, value in row.items()}
