"""Usage: integers a line item and clock hour. Adding two meterings is adding integers."""

from __future__ import annotations

from dataclasses import dataclass, fields

from scfcost.money import round_ratio


@dataclass(frozen=True, slots=True)
class Usage:
    """What a bill is made of, in the smallest metered units.

    Every field is a sum over invocations, so the usage of a whole is the sum of the usages of its parts.
    """

    invocations: int = 0
    """Accepted invocations. [1]"""
    connection_ms: int = 0
    """Sum of the billed durations. [ms]"""
    billed_ms: int = 0
    """Busy time of the instances, overlapping time on one instance once. [ms]"""
    resource_mb_ms: int = 0
    """Memory × busy time. [MB·ms]"""
    egress_bytes: int = 0
    """Bytes of the delivered messages from the function to its clients. [B]"""
    web_calls: int = 0
    """Invocations on the meter of web functions. [1]"""
    event_calls: int = 0
    """Invocations on the meter of event functions. [1]"""
    response_bytes: int = 0
    """Part of the egress that web functions sent as responses. [B]"""
    provisioned_idle_mb_ms: int = 0
    """Memory × time of provisioned instances without work. [MB·ms]"""

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def project(self, numerator: int, denominator: int) -> Usage:
        """Multiply each quantity by a rational, rounded half-up to whole units."""
        return Usage(*(round_ratio(getattr(self, f.name), numerator, denominator) for f in fields(self)))
