"""What changes more than timeouts: the client's policy, a heartbeat, connections an instance, the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

from scfcost.analysis.evaluate import month_factor
from scfcost.analysis.sweep.bench import POLICY, Bench, Lever, row_of
from scfcost.analysis.sweep.choose import Candidate, Harm, balanced
from scfcost.billing.pricing import cheapest_plans
from scfcost.catalog.limits import common_range
from scfcost.config.function import RECONNECTS, FunctionConfig

HEARTBEATS_S = (10, 15, 20, 25, 30, 45, 55, 60, 120, 240)
"""Heartbeat periods that are tried. [s]"""
ROOM_S = 5
"""How much longer than its heartbeat an idle timeout is, so that a beat may come late. [s]"""


def levers(
    bench: Bench,
    config: FunctionConfig,
    best: Callable[[FunctionConfig], FunctionConfig] | None = None,
    *,
    beats: bool = True,
    shared: Iterable[Lever] = (),
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
    shared : iterable of Lever
        Which numbers of connections an instance are among them, see `sharing`.
    """
    if config.function_type == "web-ws" and bench.knows_silences:
        for policy in RECONNECTS[1:]:
            if policy != config.reconnect_policy:
                other = config.replace(reconnect=policy)
                yield bench.lever(policy, POLICY[policy], f"--reconnect {policy}", best(other) if best else other)
        if beats:
            yield from best_heartbeat(bench, config)
    yield from shared
    if config.provisioned_schedule:
        text = (
            "no instances started in advance, so that none costs while it stands idle, and each start may be a cold one"
        )
        yield bench.lever("none provisioned", text, "--provisioned 0", config.replace(provisioned=0))
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
