"""What a shell proposes for the values of flags."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scfcost.core.errors import ScfcostError

if TYPE_CHECKING:
    from scfcost.catalog.schema import PriceBook


def catalogs() -> list[str]:
    """Return the price books that come with scfcost."""
    from scfcost.catalog.load import book_names

    return book_names()


def regions(ctx: Any) -> Iterator[tuple[str, str]]:
    """Yield the regions of the price book that is named on the line, each with its title."""
    book = _book(ctx)
    if book is not None:
        yield from ((name, region.title) for name, region in book.regions.items())


def plans(ctx: Any) -> list[str]:
    """Return the plans of that book's newest period."""
    book = _book(ctx)
    return [] if book is None else list(book.period().plan_names())


def formats() -> Iterator[tuple[str, str]]:
    """Yield the log formats."""
    from scfcost.trace.formats import FORMATS

    yield from ((one.name, one.title) for one in FORMATS)


def columns() -> Iterator[str]:
    """Yield the columns of a trace, each as the begin of what says how a table calls it."""
    from scfcost.trace.reading.columns import CONNECTIONS, EVENTS

    yield from (f"{name}=" for name in dict.fromkeys((*CONNECTIONS.columns, *EVENTS.columns)))


def samples() -> Iterator[tuple[str, str]]:
    """Yield the samples."""
    from scfcost.trace.samples import SAMPLES

    yield from ((one.name, one.title) for one in SAMPLES)


def presets() -> Iterator[tuple[str, str]]:
    """Yield the scenarios to start from."""
    from scfcost.workload.presets import preset, preset_names

    yield from ((name, preset(name).description) for name in preset_names())


def platforms() -> list[str]:
    """Return the platforms that a trace can be replayed on."""
    from scfcost.analysis.compare.table import known_platforms

    return known_platforms()


def servers() -> list[str]:
    """Return the servers of the catalog."""
    from scfcost.catalog.servers import listed_servers

    return list(listed_servers())


def _book(ctx: Any) -> PriceBook | None:
    from scfcost.catalog.load import DEFAULT_BOOK, load_book

    try:
        return load_book(ctx.params.get("catalog") or DEFAULT_BOOK)
    except ScfcostError:
        return None
