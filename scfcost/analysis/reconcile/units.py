"""Units in which bills count, as multiples of the unit that is priced.

A unit is put together: how many at once (`千`, `万`, `10k`, `million`), of which memory, for how long. Bills of one
vendor write it in many ways; what cannot be taken apart is not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

_TIMES = {
    "": 1,
    "千": 10**3,
    "k": 10**3,
    "thousand": 10**3,
    "thousands": 10**3,
    "1000": 10**3,
    "万": 10**4,
    "10k": 10**4,
    "10000": 10**4,
    "10thousand": 10**4,
    "百万": 10**6,
    "million": 10**6,
    "millions": 10**6,
    "1000000": 10**6,
    "1m": 10**6,
    "亿": 10**8,
}
"""How many at once."""
_MEMORY = {"gb": Fraction(1), "gib": Fraction(1), "mb": Fraction(1, 1_024), "mib": Fraction(1, 1_024)}
"""Memories. [GB]"""
_LASTING = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "秒"), Fraction(1)),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds", "毫秒"), Fraction(1, 1_000)),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "分钟"), Fraction(60)),
    **dict.fromkeys(("h", "hour", "hours", "小时"), Fraction(3_600)),
}
"""Lengths of time. [s]"""
_BYTES = {
    "tb": Fraction(1_024),
    "tib": Fraction(1_024),
    "gb": Fraction(1),
    "gib": Fraction(1),
    "mb": Fraction(1, 1_024),
    "mib": Fraction(1, 1_024),
    "kb": Fraction(1, 1_024**2),
    "kib": Fraction(1, 1_024**2),
    **dict.fromkeys(("b", "byte", "bytes", "字节"), Fraction(1, 1_024**3)),
}
"""Amounts of data. [GB]"""
_CALLS = ("次", "次调用", "call", "calls", "invocation", "invocations", "request", "requests", "time", "times")
_PRICED = {"invocations": Fraction(1, 10_000)}
"""What one of a thing is in the unit that is priced, where that is not 1."""
_JOINS = re.compile(r"[\s*·×⋅._\-]|\bof\b")
SHOWN: dict[str, dict[str, Fraction]] = {
    "invocations": {
        "calls": Fraction(1, 10**4), "thousands of calls": Fraction(1, 10), "millions of calls": Fraction(100),
    },
    "resource": {
        "MB·s": Fraction(1, 1_024), "MB·ms": Fraction(1, 1_024_000), "GB·ms": Fraction(1, 1_000),
        "thousands of GBs": Fraction(10**3), "tens of thousands of GBs": Fraction(10**4),
        "millions of GBs": Fraction(10**6), "GB-hours": Fraction(3_600),
    },
    "egress": {"MB": Fraction(1, 1_024), "KB": Fraction(1, 1_024**2), "bytes": Fraction(1, 1_024**3)},
}  # fmt: skip
"""Units that a quantity without one may be in, by line, as multiples of the unit that is priced."""
KNOWN: dict[str, tuple[str, ...]] = {
    "invocations": ("calls", "10,000 calls", "次", "千次", "万次"),
    "egress": ("GB", "MB", "KB", "B"),
    "resource": ("GBs", "MBs", "MB·ms", "千GBs", "万GBs", "s"),
}
"""Units of each line that a message names."""


def size_of(unit: str, item: str) -> Fraction | None:
    """Return how many of the unit that we price in a unit is, None where it is not known.

    Parameters
    ----------
    unit : str
        As a bill writes it.
    item : str
        Line of the bill.

    Examples
    --------
    >>> size_of("千次", "invocations"), size_of("1,000 GB-s", "resource"), size_of("MB*ms", "resource")
    (Fraction(1, 10), Fraction(1000, 1), Fraction(1, 1024000))
    >>> size_of("furlong", "egress") is None
    True
    """
    plain, one = _plain(unit), _PRICED.get(item, Fraction(1))
    for at_once, count in _TIMES.items():
        rest = plain.removeprefix(at_once) if plain.startswith(at_once) else None
        if rest is not None and (size := _of_one(rest, item, at_once)) is not None:
            return count * size * one
    return None


def seconds_of(unit: str) -> Fraction | None:
    """Return how many seconds of a running instance a unit is, whatever its memory; None where it is no time.

    Examples
    --------
    >>> seconds_of("秒"), seconds_of("thousand seconds"), seconds_of("GBs") is None
    (Fraction(1, 1), Fraction(1000, 1), True)
    """
    plain = _plain(unit)
    return next((n * _LASTING[plain[len(t) :]] for t, n in _TIMES.items() if _is_time(plain, t)), None)


def in_resource(usage: Mapping[str, int]) -> Fraction | None:
    """Return how many GBs a second of a log's instances was, None where none ran. [GB]

    Parameters
    ----------
    usage : mapping of str to int
        What the log counts, in the smallest metered units.
    """
    return Fraction(usage["resource_mb_ms"], usage["billed_ms"] * 1_024) if usage["billed_ms"] else None


def _plain(unit: str) -> str:
    return _JOINS.sub("", unit.lower().replace(",", ""))


def _is_time(plain: str, at_once: str) -> bool:
    return plain.startswith(at_once) and plain[len(at_once) :] in _LASTING


def _of_one(rest: str, item: str, at_once: str) -> Fraction | None:
    if item == "invocations":
        return Fraction(1) if rest in _CALLS or (at_once and not rest) else None
    if item == "egress":
        return _BYTES.get(rest)
    found = re.fullmatch(f"({'|'.join(_MEMORY)})({'|'.join(_LASTING)})", rest)
    return None if found is None else _MEMORY[found[1]] * _LASTING[found[2]]
