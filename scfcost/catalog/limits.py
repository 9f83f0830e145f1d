"""A configuration against what the vendor documents: warnings with page and range, never a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scfcost.catalog.schema import PriceBook, Range
from scfcost.config.function import FunctionConfig
from scfcost.core.warning import Warned


def limit_warnings(config: FunctionConfig, book: PriceBook) -> list[Warned]:
    """Return a warning for each setting outside a documented range, naming page, date and range.

    Parameters
    ----------
    config : FunctionConfig
        The settings of a function.
    book : PriceBook
        The ranges that its vendor documents.
    """
    limits = book.limits
    found: list[Warned] = []
    if config.memory_mb not in limits.memory_mb.sizes:
        sizes = limits.memory_mb.sizes
        text = f"memory {config.memory_mb} MB is not among the documented sizes, {sizes[0]} to {sizes[-1]} MB"
        found.append(
            Warned("memory_outside_range", f"{text} ({limits.memory_mb.source}, {limits.memory_mb.checked_on})")
        )
    found += _outside("max_concurrency", "max concurrency", config.max_concurrency, limits.max_concurrency, "")
    if config.max_concurrency > 1 and not config.holds_several:
        text = "several events at once on an instance are documented of web functions alone"
        found.append(Warned("max_concurrency_outside_range", f"max concurrency {config.max_concurrency}: {text}"))
    found += _outside("init_timeout", "initialisation timeout", config.init_timeout_s, limits.init_timeout_s, " s")
    ranges = limits.exec_timeout_s
    if config.function_type == "event":
        ranges = limits.async_exec_timeout_s or ranges
    found += _outside("exec_timeout", "execution timeout", config.exec_timeout_s, ranges, " s")
    if config.function_type == "web-ws":
        found += _outside("idle_timeout", "idle timeout", config.idle_timeout_s, limits.idle_timeout_s, " s")
        if config.exec_timeout_ms < config.idle_timeout_ms:
            text = "the execution timeout is shorter than the idle timeout, so no connection is ever cut as idle"
            found.append(Warned("exec_below_idle", f"{text}; {limits.exec_at_least_idle} asks for at least as long"))
    return found


def is_valid(config: FunctionConfig, book: PriceBook) -> bool:
    """Whether a configuration lies inside every documented range.

    Parameters
    ----------
    config : FunctionConfig
        The settings of a function.
    book : PriceBook
        The ranges that its vendor documents.
    """
    return not limit_warnings(config, book)


def common_range(ranges: Sequence[Range]) -> tuple[float, float]:
    """Return the part that all documented ranges of a setting share."""
    return max(one.lowest for one in ranges), min(one.highest for one in ranges)


def _outside(code: str, what: str, value: float, ranges: Sequence[Range], unit: str) -> Iterator[Warned]:
    for one in ranges:
        if not one.lowest <= value <= one.highest:
            text = f"{what} {value:g}{unit} is outside the documented {one.lowest:g} to {one.highest:g}{unit}"
            yield Warned(f"{code}_outside_range", f"{text} ({one.source}, {one.checked_on})")
