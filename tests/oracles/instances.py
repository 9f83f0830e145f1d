"""The judge of packing: at each start the state of every instance is worked out afresh from the calls that it holds.

No heap, no stack, no event: an instance holds the calls `start <= now < end`, and was released at its last end.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

QUOTA, BURST = 432, 429


@dataclass(frozen=True)
class Call:
    """One invocation, times in ms. Calls at one instant are taken in the order of the list."""

    start: int
    end: int
    function: int = 0


@dataclass(frozen=True)
class Rules:
    """Settings of one function."""

    places: int = 1
    keep_alive: int = 0
    memory: int = 128
    least_loaded: bool = False


@dataclass
class Instance:
    function: int
    created: int
    calls: list[Call] = field(default_factory=list)

    def holds(self, now: int) -> int:
        return sum(call.start <= now < call.end for call in self.calls)

    def released(self) -> int:
        return max(call.end for call in self.calls)

    def busy(self) -> list[tuple[int, int]]:
        """Intervals with a call; ends come before starts, so touching ones stay apart."""
        merged: list[tuple[int, int]] = []
        for call in sorted(self.calls, key=lambda c: (c.start, c.end)):
            if merged and call.start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], call.end))
            else:
                merged.append((call.start, call.end))
        return merged


@dataclass
class Packed:
    """What a packing comes to; an instance of -1 is none."""

    instance: list[int]
    refused: list[int]
    instances: list[Instance]
    peak_connections: int = 0
    peak_instances: int = 0
    peak_memory: int = 0
    peak_ms: int = 0

    def busy_ms(self, function: int, granularity: int = 1) -> int:
        own = [interval for one in self.instances if one.function == function for interval in one.busy()]
        return sum(-(-(end - start) // granularity) * granularity for start, end in own)

    def cold_starts(self, function: int) -> int:
        return sum(one.function == function for one in self.instances)


def pack(calls: list[Call], rules: list[Rules], quota: int | None = None, burst: int | None = None) -> Packed:
    """Put each call on an instance, in the order of time."""
    packed = Packed([-1] * len(calls), [0] * len(calls), [])
    for row in sorted(range(len(calls)), key=lambda r: (calls[r].start, r)):
        call = calls[row]
        if call.start == call.end:
            continue
        chosen = _choose(packed.instances, call, rules[call.function])
        if chosen is None:
            packed.refused[row] = _refusal(packed.instances, call, rules, quota, burst)
            if packed.refused[row]:
                continue
            chosen = len(packed.instances)
            packed.instances.append(Instance(call.function, call.start))
        packed.instance[row] = chosen
        packed.instances[chosen].calls.append(call)
        _note_peaks(packed, call.start, rules)
    return packed


def _choose(instances: list[Instance], call: Call, rule: Rules) -> int | None:
    own = [n for n, one in enumerate(instances) if one.function == call.function]
    held = {n: instances[n].holds(call.start) for n in own}
    free = [n for n in own if 0 < held[n] < rule.places]
    if free:
        return min(free, key=lambda n: (held[n] if rule.least_loaded else -held[n], n))
    kept = [n for n in own if held[n] == 0 and call.start <= instances[n].released() + rule.keep_alive]
    return max(kept, key=lambda n: (instances[n].released(), n), default=None)


def _refusal(instances: list[Instance], call: Call, rules: list[Rules], quota: int | None, burst: int | None) -> int:
    if quota is not None and memory(instances, call.start, rules) + rules[call.function].memory > quota:
        return QUOTA
    recent = sum(call.start - 60_000 < one.created for one in instances)
    return BURST if burst is not None and recent + 1 > burst else 0


def memory(instances: list[Instance], now: int, rules: list[Rules]) -> int:
    """Memory of the busy instances. [MB]"""
    return sum(rules[one.function].memory for one in instances if one.holds(now))


def _note_peaks(packed: Packed, now: int, rules: list[Rules]) -> None:
    held = [one.holds(now) for one in packed.instances]
    packed.peak_connections = max(packed.peak_connections, sum(held))
    packed.peak_instances = max(packed.peak_instances, sum(h > 0 for h in held))
    busy_mb = memory(packed.instances, now, rules)
    if busy_mb > packed.peak_memory:
        packed.peak_memory, packed.peak_ms = busy_mb, now


def lower_bound(calls: list[Call], places: int) -> int:
    """Sum ceil(n / C) over the spans between one start or end and the next."""
    instants = sorted({instant for call in calls for instant in (call.start, call.end)})
    return sum(
        -(-sum(call.start <= now < call.end for call in calls) // places) * (later - now)
        for now, later in itertools.pairwise(instants)
    )


def erlang_b(servers: int, load: float) -> float:
    """Share of the calls that a loss system without a queue refuses."""
    share = 1.0
    for n in range(1, servers + 1):
        share = load * share / (n + load * share)
    return share
