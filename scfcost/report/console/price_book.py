"""A price book on the screen: prices and plans of every period, regions, each figure with its source and date."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from scfcost.core.language import _, translated
from scfcost.core.money import plain
from scfcost.report.console.layout import Listing
from scfcost.report.console.platform_rules import connections, limits
from scfcost.report.console.sources import Sources, amounts, listed, short, title

if TYPE_CHECKING:
    from scfcost.catalog.schema import Allowance, Period, PriceBook

_NONE = Decimal(0)


def price_book(book: PriceBook) -> Iterator[RenderableType]:
    """Yield all that a price book says, part by part, and where it was read."""
    sources = Sources()
    of_clock = _("hours of {zone}").format(zone=book.time_zone)
    yield Text(f"{book.name} · {book.provider} {book.service} · {book.currency} · {of_clock}", style="bold")
    yield title(_("Prices, {currency}").format(currency=book.currency))
    yield _prices(book, sources) if book.is_of_functions else _own_prices(book, sources)
    for period in book.periods:
        yield from (_plans if book.is_of_functions else _own_plans)(period, book.currency, sources)
    yield title(translated("Regions"))
    yield _regions(book, sources) if book.is_of_functions else _own_regions(book, sources)
    if book.lifecycle is not None:
        yield from connections(book.lifecycle, sources)
    if book.stated_limits is not None:
        yield from limits(book, sources)
    yield title(translated("Notes"))
    yield listed(("·", translated(note)) for note in book.notes)
    yield title(translated("Sources"))
    yield listed((mark, words) for words, mark in sources.marks.items())


def _prices(book: PriceBook, sources: Sources) -> Listing:
    from scfcost.billing.meters import meters_of

    named = [meter for meter in meters_of(book) if any(meter.name in period.prices for period in book.periods)]
    labels = (_("{label}, {unit}").format(label=translated(one.label), unit=translated(one.unit)) for one in named)
    table = Listing("period", "from", *labels)
    for period in book.periods:
        rates = [period.prices.get(meter.name) for meter in named]
        prices = ["" if rate is None else f"{amounts(rate)} {sources.of(rate)}" for rate in rates]
        table.add_row(translated(period.name), str(period.effective_from), *prices)
    return table


def _own_prices(book: PriceBook, sources: Sources) -> Listing:
    """Return a meter a row: what it counts, and the price in each period."""
    began = (_("from {day}").format(day=period.effective_from) for period in book.periods)
    table = Listing("meter", "counts", "a price is for", *began)
    for name, own in book.meters.items():
        rates = [period.prices.get(name) for period in book.periods]
        whole = next((whole for whole, other in book.meters.items() if name in other.of), None)
        absent = "" if whole is None else _("{n:f} {meter} each").format(n=book.meters[whole].of[name], meter=whole)
        prices = [absent if rate is None else f"{amounts(rate)} {sources.of(rate)}" for rate in rates]
        table.add_row(name, translated(own.counted), translated(own.unit), *prices)
    return table


def _plans(period: Period, currency: str, sources: Sources) -> Iterator[RenderableType]:
    """Yield the plans of functions, and what each holds."""
    steps = _("billed in steps of {ms} ms").format(ms=period.granularity_ms)
    yield from _period(period, _("; ").join(part for part in (steps, translated(period.note)) if part))
    fee = _("fee, {currency}").format(currency=currency)
    table = Listing("plan", fee, "GBs", "calls", "GB out", "quota MB", "burst")
    for name in period.plan_names()[1:]:
        grant, package = period.allowances(name)[-1][1], period.plans.get(name)
        bounds = (package.quota_mb, package.burst_per_minute) if package else (None, None)
        free = (short(grant.free.get("resource", _NONE)), _calls(grant), f"{grant.free.get('egress', _NONE):f}")
        set_by = ("" if bound is None else f"{bound:,}" for bound in bounds)
        table.add_row(name, f"{package.fee if package else 0} {sources.of(grant)}", *free, *set_by)
    if table.rows:
        yield table
    for offer in period.not_modelled:
        yield Text(_("Not modelled: {offer}").format(offer=translated(offer)), style="dim")


def _own_plans(period: Period, currency: str, sources: Sources) -> Iterator[RenderableType]:
    """Yield the plans of a book with meters of its own, and what each holds by meter."""
    yield from _period(period, translated(period.note))
    table = Listing("plan", _("fee, {currency}").format(currency=currency), "free a month")
    for name in period.plan_names()[1:]:
        grant, package = period.allowances(name)[-1][1], period.plans.get(name)
        free = [f"{short(granted)} {translated(meter)}" for meter, granted in grant.free.items()]
        free += [
            _("{currency} {money} off {meter}").format(currency=currency, money=plain(money), meter=translated(meter))
            for meter, money in grant.off.items()
        ]
        if grant.credit:
            free.append(_("{currency} {money} off the whole").format(currency=currency, money=plain(grant.credit)))
        held = _(", ").join([*free, *([translated(grant.lasts)] if grant.lasts else [])])
        table.add_row(name, f"{package.fee if package else 0} {sources.of(grant)}", held)
    if table.rows:
        yield table


def _period(period: Period, said: str) -> Iterator[Text]:
    yield title(_("Period {name}").format(name=translated(period.name)))
    yield Text(said)


def _calls(grant: Allowance) -> str:
    """Write the free calls of each counter, web first, or of the one that serves both."""
    if shared := grant.free.get("calls"):
        return short(shared)
    return "+".join(short(grant.free.get(counter, _NONE)) for counter in ("web_calls", "event_calls"))


def _regions(book: PriceBook, sources: Sources) -> Listing:
    unknown = translated("unknown")
    traffic = _("traffic, {currency}/GB").format(currency=book.currency)
    table = Listing("region", "name", traffic, "memory quota, MB")
    for name, region in book.regions.items():
        price = unknown if (rate := region.prices.get("egress")) is None else f"{amounts(rate)} {sources.of(rate)}"
        quota = unknown if region.quota_mb is None else f"{region.quota_mb:,} {sources.mark(region.quota_source)}"
        table.add_row(name, translated(region.title), price, quota)
    return table


def _own_regions(book: PriceBook, sources: Sources) -> Listing:
    """Return the regions of a book with meters of its own, and the prices that differ there."""
    table = Listing("region", "name", _("prices of its own, {currency}").format(currency=book.currency))
    for name, region in book.regions.items():
        own = (f"{translated(meter)} {amounts(rate)} {sources.of(rate)}" for meter, rate in region.prices.items())
        table.add_row(name, translated(region.title), _(", ").join(own))
    return table
