"""What changes more than timeouts: the client's policy, a heartbeat, connections an instance, the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.analysis.evaluate import Case, compare_setting, compare_settings, month_factor
from scfcost.analysis.sweep.choose import Candidate, Harm, Population, balanced
from scfcost.analysis.sweep.sizing import placements
from scfcost.billing.pricing import cheapest_plans
from scfcost.billing.terms import Terms
from scfcost.catalog.limits import common_range
from scfcost.config.function import PLACEMENTS, RECONNECTS, FunctionConfig
from scfcost.trace.assumption import point
from scfcost.trace.model import Trace

HEARTBEATS_S = (10, 15, 20, 25, 30, 45, 55, 60, 120, 240)
"""Heartbeat periods that are tried. [s]"""
SHARED = 10
"""Connections an instance that are tried. [1]"""
ROOM_S = 5
"""How much longer than its heartbeat an idle timeout is, so that a beat may come late. [s]"""
POLICY = {
    "on-demand": "clients that come back with their next message",
    "immediate": "clients that come back at once",
}
"""What a client of each policy does."""


@dataclass(frozen=True, slots=True)
class Lever:
    """A change beyond the timeouts, at the timeouts that are put forward but for those it names."""

    name: str
    """A word or two."""
    change: str
    flags: str
    """The flags that ask for it."""
    row: dict[str, Any]
    """Its setting, amounts and counts, as a row of a sweep."""
    harm: Harm | None
    """What people notice of it; None where that is not known."""

    @property
    def cost(self) -> Decimal:
        """Its month, or the trace's where there is no projection. [currency]"""
        found: Decimal = self.row["amount"] if self.row["monthly_amount"] is None else self.row["monthly_amount"]
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the change as plain data."""
        shares = {} if self.harm is None else self.harm.to_dict()
        return {"name": self.name, "change": self.change, "flags": self.flags, **self.row, **shares}


@dataclass(frozen=True, slots=True)
class Bench:
    """What every change is tried on."""

    trace: Trace
    terms: Terms
    population: Population
    knows_silences: bool
    known: dict[FunctionConfig, Case] = field(default_factory=dict)
    """What was priced already."""

    def price(self, config: FunctionConfig) -> Case:
        """Price a setting of every function, the dearer placement of two."""
        if config not in self.known:
            ways = [config] if config.is_placed_at_once else placements(config)
            self.known[config] = max(map(self._placed, ways), key=lambda case: case.amount)
        return self.known[config]

    def price_all(self, settings: Sequence[FunctionConfig]) -> None:
        """Price several settings in one walk of the trace, where that can be done."""
        platform = self.terms.platform()
        more = [one for one in settings if one not in self.known and platform.sums_suffice({"": one})]
        if more and self.trace.has_messages:
            cases = compare_settings(self.trace, more, self.terms, platform)
            self.known.update(zip(more, cases, strict=True))

    def _placed(self, config: FunctionConfig) -> Case:
        configs = dict.fromkeys(self.trace.functions, config)
        ways = PLACEMENTS if config.is_placed_at_once else ()
        return compare_setting(point(self.trace, configs), configs, self.terms, self.terms.platform(), placements=ways)

    def lever(self, name: str, change: str, flags: str, config: FunctionConfig) -> Lever:
        """Try a change.

        Parameters
        ----------
        name : str
            A word or two.
        change : str
            What changes.
        flags : str
            The flags that ask for it.
        config : FunctionConfig
            The settings with the change.
        """
        case = self.price(config)
        row = row_of(config, case, known=self.knows_silences)
        return Lever(name, change, flags, row, Harm.of(row, self.population) if self.knows_silences else None)


def row_of(config: FunctionConfig, case: Case, *, known: bool) -> dict[str, Any]:
    """Return a setting and what it gives as a row of a sweep; what people notice is None where it is not known.

    Parameters
    ----------
    config : FunctionConfig
        A setting.
    case : Case
        What it gives.
    known : bool
        Whether it is known when connections fell silent.
    """
    impact = case.impact.to_dict() if known else dict.fromkeys(case.impact.to_dict())
    return {
        "idle_timeout_s": config.idle_timeout_s,
        "exec_timeout_s": config.exec_timeout_s,
        "memory_mb": config.memory_mb,
        "max_concurrency": config.max_concurrency,
        "reconnect": config.reconnect_policy,
        "heartbeat_s": config.heartbeat_s,
        "amount": case.bill.total,
        "monthly_amount": None if case.monthly is None else case.monthly.total,
        **{name: value for name, value in impact.items() if name != "cut"},
    }


def levers(
    bench: Bench,
    config: FunctionConfig,
    best: Callable[[FunctionConfig], FunctionConfig] | None = None,
    *,
    beats: bool = True,
) -> Iterator[Lever]:
    """Try what changes more than timeouts at some settings, each alone.

    Parameters
    ----------
    bench : Bench
        The trace and what prices it.
    config : FunctionConfig
        The settings that are put forward.
    best : callable, optional
        Gives another policy its own timeouts; those that are put forward otherwise.
    beats : bool
        Whether a heartbeat is one of them.
    """
    if config.function_type == "web-ws" and bench.knows_silences:
        for policy in RECONNECTS[1:]:
            if policy != config.reconnect_policy:
                other = config.replace(reconnect=policy)
                yield bench.lever(policy, POLICY[policy], f"--reconnect {policy}", best(other) if best else other)
        if beats:
            yield from best_heartbeat(bench, config)
    if not config.is_shared and not config.is_coupled:
        text = f"{SHARED} connections an instance, if its memory can"
        yield bench.lever(
            f"{SHARED} an instance", text, f"--max-concurrency {SHARED}", config.replace(max_concurrency=SHARED)
        )
    yield from _plan(bench, config)


def best_heartbeat(bench: Bench, config: FunctionConfig) -> Iterator[Lever]:
    """Yield the heartbeat between money and harm, with the shortest idle timeout that it allows.

    Parameters
    ----------
    bench : Bench
        The trace and what prices it.
    config : FunctionConfig
        The settings that are put forward.
    """
    tried = list(heartbeats(bench, config))
    if tried:
        yield tried[balanced(_as_candidates(tried)).place]


def heartbeats(bench: Bench, config: FunctionConfig) -> Iterator[Lever]:
    """Yield every heartbeat that is tried, each with the shortest idle timeout that it allows.

    Parameters
    ----------
    bench : Bench
        The trace and what prices it.
    config : FunctionConfig
        The settings that are put forward.
    """
    low, high = common_range(bench.terms.book.limits.idle_timeout_s)
    longest = min(high, config.exec_timeout_s)
    tried = [(beat, idle) for beat in HEARTBEATS_S if (idle := max(beat + ROOM_S, low)) <= longest]
    settings = [config.replace(heartbeat_s=beat, idle_timeout_s=idle) for beat, idle in tried]
    bench.price_all([config, *settings])
    for (beat, idle), beating in zip(tried, settings, strict=True):
        flags = f"--heartbeat {beat} --idle-timeout {idle:g}"
        text = f"a heartbeat every {beat} s with an idle timeout of {idle:g} s"
        yield bench.lever(f"heartbeat {beat} s", text, flags, beating)


def _as_candidates(tried: Sequence[Lever]) -> Iterator[Candidate]:
    for place, one in enumerate(tried):
        if one.harm is not None:
            yield Candidate(place, Fraction(one.cost), one.harm)


def _plan(bench: Bench, config: FunctionConfig) -> Iterator[Lever]:
    """Yield the cheapest plan where it is another one."""
    factor = month_factor(bench.trace)
    if factor is None or bench.terms.plan in ("free", "trial"):
        return
    case = bench.price(config)
    best = cheapest_plans(case.usage.project(factor.numerator, factor.denominator), bench.terms)[0]
    if best.plan == bench.terms.plan:
        return
    row = row_of(config, case, known=bench.knows_silences) | {"monthly_amount": best.total}
    harm = Harm.of(row, bench.population) if bench.knows_silences else None
    yield Lever(f"plan {best.plan}", "the cheapest plan for such a month", f"--plan {best.plan}", row, harm)
