"""What a price book says of a platform beside prices: its limits, and how connections live on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from scfcost.core.language import _, translated
from scfcost.report.console.layout import Listing
from scfcost.report.console.sources import Sources, title

if TYPE_CHECKING:
    from scfcost.catalog.lifecycle import Lifecycle
    from scfcost.catalog.schema import PriceBook, Range

_GROUPS = {"none": "no object", "room": "an object a room"}
_HIBERNATES = {"never": "never sleeps", "optional": "sleeps between messages, where its code asks for it"}


def limits(book: PriceBook, sources: Sources) -> Iterator[RenderableType]:
    """Yield the limits of a platform as its pages document them.

    Parameters
    ----------
    book : PriceBook
        A book that states them.
    sources : Sources
        Marks of the pages so far.
    """
    stated, messages = book.limits, book.limits.messages
    table = Listing("limit", "documented")
    sizes = _("{n} sizes, {smallest} to {largest}").format(
        n=len(stated.memory_mb.sizes), smallest=stated.memory_mb.sizes[0], largest=stated.memory_mb.sizes[-1]
    )
    table.add_row(translated("memory, MB"), f"{sizes} {sources.of(stated.memory_mb)}")
    ranged: dict[str, tuple[Range, ...]] = {
        "idle timeout, s": stated.idle_timeout_s,
        "execution timeout, s": stated.exec_timeout_s,
        "initialisation timeout, s": stated.init_timeout_s,
        "connections an instance": stated.max_concurrency,
    }
    for name, ranges in ranged.items():
        table.add_row(translated(name), _(", ").join(_range(one, sources) for one in ranges))
    least = sources.mark(stated.exec_at_least_idle)
    table.add_row(translated("execution timeout"), f"{translated('at least the idle timeout')} {least}")
    most = {
        "a message, bytes": messages.message_bytes,
        "a connection, bytes a second": messages.bytes_per_second,
        "a connection, messages a second": messages.messages_per_second,
    }
    for name, bound in most.items():
        table.add_row(translated(name), f"{_up_to(bound)} {sources.of(messages)}")
    burst = sources.mark(stated.burst_source)
    table.add_row(translated("new instances a minute"), f"{_up_to(stated.burst_per_minute)} {burst}")
    yield title(translated("Limits"))
    yield table


def connections(life: Lifecycle, sources: Sources) -> Iterator[RenderableType]:
    """Yield how connections live on a platform, as `scfcost compare` replays them.

    Parameters
    ----------
    life : Lifecycle
        What the book says of it.
    sources : Sources
        Marks of the pages so far.
    """
    table = Listing("connections", "as replayed")
    of_function = life.timeouts == "function"
    told = {
        "longest silence, s": _limit(life.idle_timeout_s, life.idle_timeout_range_s, of_function=of_function),
        "longest life, s": _limit(life.max_life_s, life.max_life_range_s, of_function=of_function),
        "code at a cut": str(life.cut_code),
        "an instance": _held(life),
        "pinned to": translated(_GROUPS[life.group]),
        "hibernation": translated(_HIBERNATES[life.hibernates]),
        "beside it": _(", ").join(life.behind) or translated("nothing"),
    }
    for name, value in told.items():
        table.add_row(translated(name), value)
    yield title(f"{translated('Connections')} {sources.mark(f'{life.source}, {life.checked_on}')}")
    yield table


def _range(one: Range, sources: Sources) -> str:
    return _("{lowest:g} to {highest:g}").format(lowest=one.lowest, highest=one.highest) + f" {sources.of(one)}"


def _up_to(bound: int) -> str:
    return _("up to {bound:,}").format(bound=bound)


def _held(life: Lifecycle) -> str:
    if life.held is None:
        return translated("no instance")
    return _("{held:,}, up to {most:,}").format(held=life.held, most=life.most_held)


def _limit(limit: int | None, ends: tuple[int, int] | None, *, of_function: bool) -> str:
    if limit is None:
        return translated("no limit")
    as_set = _("{limit:,}, or as a function is set") if of_function else "{limit:,}"
    if not ends:
        return as_set.format(limit=limit)
    settable = _("can be set from {lowest:,} to {highest:,}").format(lowest=ends[0], highest=ends[1])
    return _(", ").join((as_set.format(limit=limit), settable))
