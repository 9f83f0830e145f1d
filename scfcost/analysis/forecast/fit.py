"""How well a scenario stands for the trace that it was fitted to: the month and the cuts of both, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scfcost.analysis.evaluate import Impact, compare_setting
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MS_PER_DAY
from scfcost.lifecycle.environment import Platform
from scfcost.trace.inputs import TraceLike, takes_trace
from scfcost.trace.model import Trace
from scfcost.workload.fitting import Fit
from scfcost.workload.generate import plan, simulate
from scfcost.workload.observed import Observed, carried_in, observe
from scfcost.workload.schema import Scenario, parse_scenario
from scfcost.workload.writing import lines_of

IDLE_TIMEOUTS_S = (15, 60, 300)
"""Idle timeouts at which both are compared. [s]"""
POLICIES = ("none", "on-demand")
"""Reconnect policies with which both are compared."""
RUNS = 3
"""Runs of the scenario whose mean is compared. [1]"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Trace and scenario at one setting."""

    reconnect: str
    idle_timeout_s: int
    month: float
    """Of the trace. [currency]"""
    scenario_month: float
    """Mean of the scenario's runs. [currency]"""
    cut_rate: float
    """Harmful cuts a session of the trace. [1]"""
    scenario_cut_rate: float

    @property
    def miss(self) -> float:
        """How far the scenario is off, in the month or in the cuts, whichever is more. [1]"""
        pairs = ((self.month, self.scenario_month), (self.cut_rate, self.scenario_cut_rate))
        return max(abs(found / wanted - 1) if wanted else abs(found) for wanted, found in pairs)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A scenario that stands for a trace, and how well it does."""

    observed: Observed
    scenario: Scenario
    comparisons: tuple[Comparison, ...]

    @property
    def miss(self) -> float:
        """Largest deviation of month or cuts at any of the settings. [1]"""
        return max(one.miss for one in self.comparisons)

    def to_toml(self) -> str:
        """Return the scenario's file, which says how each distribution was found and how well the whole does."""
        notes = {key: words_of(fit) for key, fit in self.observed.fits.items()}
        head = [
            f"# Fitted to a trace. Month and harmful cuts are within {self.miss:.0%} of the trace's at idle timeouts",
            f"# of {', '.join(str(one) for one in IDLE_TIMEOUTS_S)} s, without reconnects and with on-demand ones.",
        ]
        return "\n".join([*head, *lines_of(self.observed.tables, notes)]) + "\n"


def words_of(fit: Fit) -> str:
    """Say which families were tried on some values and how far each is from them."""
    tried = ", ".join(f"{one.family} {one.ks:.3f}" for one in fit.candidates) or "none"
    open_ = f", {fit.censored:,} of them cut short" if fit.censored else ""
    return f"{fit.values:,} values{open_}; KS distances by likelihood: {tried}"


@takes_trace
def fit_scenario(trace: TraceLike, name: str, base: FunctionConfig, terms: Terms, *, seed: int = 0) -> Fitted:
    """Fit a scenario to a trace, with and without a pace of each session, and keep the one that stands for it better.

    Parameters
    ----------
    trace : Trace, files or DataFrame
        Connections with message rows.
    name : str
        What the scenario is called.
    base : FunctionConfig
        Settings at which both are priced; idle timeout and reconnect policy are varied.
    terms : Terms
        What decides the bill beside them; its book's clock is that of the scenario.
    seed : int
        Seed of the scenario's runs.

    Raises
    ------
    TraceError
        If the trace has no messages, no extent or too few sessions.
    """
    platform, zone = terms.platform(), terms.book.time_zone
    wanted = _measured(trace, base, terms, platform)
    found = []
    for with_pace in (False, True):
        observed = observe(trace, name, time_zone=zone, with_pace=with_pace)
        if with_pace and "pace" not in observed.tables["session"]:
            continue
        scenario = parse_scenario("\n".join(lines_of(observed.tables, {})), name)
        runs = _runs(trace, scenario, base, terms, platform, seed)
        found.append(Fitted(observed, scenario, tuple(_compared(wanted, runs))))
    return min(found, key=lambda one: one.miss)


Measured = Mapping[tuple[str, int], tuple[float, float]]
"""Month [currency] and harmful cuts a session, by reconnect policy and idle timeout [s]."""


def _measured(trace: Trace, base: FunctionConfig, terms: Terms, platform: Platform) -> Measured:
    found = {}
    for policy in POLICIES:
        for idle_s in IDLE_TIMEOUTS_S:
            config = base.replace(reconnect=policy, idle_timeout_s=idle_s)
            case = compare_setting(trace, dict.fromkeys(trace.functions, config), terms, platform)
            found[policy, idle_s] = _figures(trace, case.impact, case.monthly or case.bill)
    return found


def _figures(trace: Trace, impact: Impact, bill: Bill) -> tuple[float, float]:
    return float(bill.total), impact.cut_harmful / trace.connections


def _runs(
    trace: Trace, scenario: Scenario, base: FunctionConfig, terms: Terms, platform: Platform, seed: int
) -> list[Measured]:
    made = plan(scenario, days=trace.window_ms / MS_PER_DAY, cold=not carried_in(trace).any())
    return [_measured(simulate(made, seed + run), base, terms, platform) for run in range(RUNS)]


def _compared(wanted: Measured, runs: list[Measured]) -> Iterator[Comparison]:
    for (policy, idle_s), (month, rate) in wanted.items():
        months, rates = zip(*(run[policy, idle_s] for run in runs), strict=True)
        yield Comparison(policy, idle_s, month, sum(months) / len(months), rate, sum(rates) / len(rates))
