"""Connections an instance where nobody says what one needs: the fewest that save most, and what else they allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from scfcost.analysis.sweep.bench import POLICY, Bench, Lever
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.outcomes import MOST_UNDELIVERED
from scfcost.trace.model import Trace

TRIED = (5, 10, 20, 50, 100)
"""Connections an instance that are tried. [1]"""
ALONE = (10,)
"""Those that are tried of a long trace, on which each takes its time. [1]"""
LONG = 200_000
"""Connections and messages of a trace that is long. [1]"""
MOST = Fraction(9, 10)
"""Share of what the most connections an instance would save that the fewest are to save."""


def is_long(trace: Trace) -> bool:
    """Whether so much is to be replayed that little is tried."""
    return trace.connections + len(trace.message_ms) > LONG


def tried(bench: Bench, config: FunctionConfig) -> list[Lever]:
    """Price numbers of connections an instance, until one more saves nothing.

    Parameters
    ----------
    bench : Bench
        The trace and what prices it.
    config : FunctionConfig
        The settings, one connection an instance.
    """
    found: list[Lever] = []
    if config.is_shared or config.is_coupled or not config.holds_several:
        return found
    for held in ALONE if is_long(bench.trace) else TRIED:
        other = config.replace(max_concurrency=held)
        if not other.fits_memory:
            break
        text = f"{held} connections an instance, if its memory can"
        one = bench.lever(f"{held} an instance", text, f"--max-concurrency {held}", other)
        if found and one.cost >= found[-1].cost:
            break
        found.append(one)
    return found


def fewest(alone: Lever, shared: Sequence[Lever]) -> Lever | None:
    """Return the fewest connections an instance that save most of what the most of them save.

    Parameters
    ----------
    alone : Lever
        The settings with one connection an instance.
    shared : sequence of Lever
        See `tried`.
    """
    if not shared:
        return None
    most = alone.cost - shared[-1].cost
    return next(one for one in shared if Fraction(alone.cost - one.cost) >= MOST * Fraction(most))


def months(shared: Sequence[Lever]) -> str:
    """Say what a month costs with each number of connections an instance that was tried."""
    each = ", ".join(f"{one.row['max_concurrency']} → {one.cost:,}" for one in shared)
    return f"a month by connections an instance, if its memory can hold them: {each}"


def together(bench: Bench, config: FunctionConfig, held: int, safest: Mapping[str, Any] | None) -> Iterator[Lever]:
    """Yield the safest timeouts with several connections an instance, where that costs no more than what is chosen.

    Parameters
    ----------
    bench : Bench
        The trace and what prices it.
    config : FunctionConfig
        The settings that are put forward.
    held : int
        Connections an instance. [1]
    safest : mapping, optional
        The row with the safest timeouts.
    """
    if safest is None:
        return
    timeouts = {name: safest[name] for name in ("idle_timeout_s", "exec_timeout_s")}
    other = config.replace(max_concurrency=held, **timeouts)
    if other == config.replace(max_concurrency=held):
        return
    text = f"{held} connections an instance with the safest timeouts, if its memory can"
    flags = f"--max-concurrency {held} --idle-timeout {other.idle_timeout_s:g} --exec-timeout {other.exec_timeout_s:g}"
    one = bench.lever(f"{held} an instance, safest", text, flags, other)
    if one.cost <= bench.lever("", "", "", config).cost:
        yield one


def whole_and_shared(bench: Bench, config: FunctionConfig, levers: Sequence[Lever]) -> Iterator[Lever]:
    """Yield the policies of clients that keep a service whole once more, with several connections an instance.

    Parameters
    ----------
    bench : Bench
        The trace and what prices it.
    config : FunctionConfig
        The settings that are put forward.
    levers : sequence of Lever
        What was tried alone.
    """
    for alone in levers:
        policy = alone.row["reconnect"]
        if policy == config.reconnect_policy or alone.harm is None or alone.harm.undelivered > MOST_UNDELIVERED:
            continue
        timeouts = {name: alone.row[name] for name in ("idle_timeout_s", "exec_timeout_s")}
        one = fewest(alone, tried(bench, config.replace(reconnect=policy, **timeouts)))
        if one is not None:
            held = one.row["max_concurrency"]
            text = f"{POLICY[policy]}, and {held} connections an instance, if its memory can"
            flags = f"--reconnect {policy} --max-concurrency {held}"
            yield Lever(f"{policy}, {held} an instance", text, flags, one.row, one.harm)
