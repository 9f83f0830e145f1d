"""`scfcost catalog`: the price books, what they hold, and whether a file is one."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import completion
from scfcost.cli.help import App
from scfcost.cli.output import as_json, drawn, write
from scfcost.core.language import translated

if TYPE_CHECKING:
    from scfcost.catalog.lifecycle import Lifecycle
    from scfcost.catalog.schema import Allowance, Period, Price, PriceBook, Range, Sourced
    from scfcost.report.console.layout import Listing

app = App(
    help="""Look at the price books and platform limits.

    scfcost catalog list

    scfcost catalog show

    scfcost catalog check my-prices.toml
    """
)


class Form(StrEnum):
    """Forms in which a price book is shown."""

    TABLE = "table"
    JSON = "json"


FormOption = Annotated[Form, typer.Option("--format", help="Form of the result.", rich_help_panel="Output")]


@app.command("list")
def list_books(format: FormOption = Form.TABLE) -> None:  # noqa: A002
    """List the price books in the package.

    scfcost catalog list

    scfcost catalog list --format json

    scfcost catalog show aws-lambda
    """
    from scfcost.catalog.load import book_names, load_book

    books = [load_book(name) for name in book_names()]
    if format is Form.JSON:
        shown = {"name", "provider", "service", "currency", "time_zone", "periods"}
        part: Any = {**dict.fromkeys(shown, True), "periods": {"__all__": {"name", "effective_from"}}}
        write(as_json([book.model_dump(mode="json", include=part) for book in books]), None)
        return
    table = _table("name", "currency", "provider and service", "newest period", "since")
    for book in books:
        newest = book.period()
        vendor = f"{book.provider} {book.service}"
        table.add_row(book.name, book.currency, vendor, newest.name, str(newest.effective_from))
    _print(table)
    from scfcost.catalog.left_out import left_out

    _show_words("Left out", [("·", f"{one.title}: {one.reason}") for one in left_out()])


@app.command("show")
def show(
    name: Annotated[
        str, typer.Argument(help="Name of a price book, or a TOML file.", autocompletion=completion.catalogs)
    ] = "tencent-scf-cn",
    format: FormOption = Form.TABLE,  # noqa: A002
) -> None:
    """Show a price book: prices and plans of every period, regions, limits, each with its source and date.

    scfcost catalog show

    scfcost catalog show aws-apigateway

    scfcost catalog show tencent-scf-cn --format json
    """
    from scfcost.catalog.load import load_book

    book = load_book(name)
    if format is Form.JSON:
        write(as_json(book.model_dump(mode="json", by_alias=True)), None)
        return
    sources = Sources()
    _print(f"{book.name} · {book.provider} {book.service} · {book.currency} · hours of {book.time_zone}", "bold")
    _show_prices(book, sources)
    for period in book.periods:
        if not book.is_of_functions:
            _show_own_plans(period, book.currency, sources)
        else:
            _show_plans(period, book.currency, sources)
    if not book.is_of_functions:
        _show_own_regions(book, sources)
    else:
        _show_regions(book, sources)
    if book.lifecycle is not None:
        _show_lifecycle(book.lifecycle, sources)
    if book.stated_limits is not None:
        _show_limits(book, sources)
    _show_words("Notes", [("·", note) for note in book.notes])
    _show_words("Sources", [(mark, words) for words, mark in sources.marks.items()])


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="A price book of your own, in TOML.")]) -> None:
    """Check a price book of your own against the schema.

    scfcost catalog check my-prices.toml

    scfcost catalog show my-prices.toml

    scfcost price --catalog my-prices.toml --gbs 1250 --calls 30000
    """
    from scfcost.billing.meters import check_book
    from scfcost.catalog.load import check_file

    book = check_file(file)
    check_book(book, str(file))
    print(f"{file}: sound: {book.name}, {len(book.periods)} periods, {len(book.regions)} regions, {book.currency}")


_NONE = Decimal(0)


class Sources:
    """Marks such as [1] beside figures, and the page that each stands for."""

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}

    def mark(self, words: str) -> str:
        """Return the mark of a source, a new one where it is the first figure from there."""
        return self.marks.setdefault(words, f"[{len(self.marks) + 1}]")

    def of(self, figure: Sourced) -> str:
        """Return the mark of a figure: page, date, confidence and what else is to be known of it."""
        lasts = getattr(figure, "lasts", "")
        known = [f"{figure.source}, {figure.checked_on}, confidence {figure.confidence}", lasts, figure.note]
        return self.mark("; ".join(part for part in known if part))


def _show_prices(book: PriceBook, sources: Sources) -> None:
    from scfcost.billing.meters import meters_of

    named = [meter for meter in meters_of(book) if any(meter.name in period.prices for period in book.periods)]
    if not book.is_of_functions:
        _show_own_prices(book, sources)
        return
    table = _table("period", "from", *(f"{meter.label}, {meter.unit}" for meter in named))
    for period in book.periods:
        rates = [period.prices.get(meter.name) for meter in named]
        prices = ["" if rate is None else f"{_amounts(rate)} {sources.of(rate)}" for rate in rates]
        table.add_row(period.name, str(period.effective_from), *prices)
    _print(f"\nPrices, {book.currency}", "bold")
    _print(table)


def _show_own_prices(book: PriceBook, sources: Sources) -> None:
    """Print a meter a row: what it counts, and the price in each period."""
    table = _table("meter", "counts", "a price is for", *(f"from {period.effective_from}" for period in book.periods))
    for name, own in book.meters.items():
        rates = [period.prices.get(name) for period in book.periods]
        summed = next((whole for whole, other in book.meters.items() if name in other.of), None)
        absent = "" if summed is None else f"{book.meters[summed].of[name]:f} {summed} each"
        prices = [absent if rate is None else f"{_amounts(rate)} {sources.of(rate)}" for rate in rates]
        table.add_row(name, own.counted, own.unit, *prices)
    _print(f"\nPrices, {book.currency}", "bold")
    _print(table)


def _amounts(rate: Price) -> str:
    if rate.unknown:
        return "unknown"
    tiers = rate.graduated()
    if len(tiers) == 1:
        return f"{tiers[0].price:f}"
    return ", ".join(f"{tier.price:f} from {tier.starts_at:f}" for tier in tiers)


def _show_plans(period: Period, currency: str, sources: Sources) -> None:
    _print(f"\nPeriod {period.name}", "bold")
    _print(f"billed in steps of {period.granularity_ms} ms{period.note and '; '}{period.note}")
    table = _table("plan", f"fee, {currency}", "GBs", "calls", "GB out", "quota MB", "burst")
    for name in period.plan_names()[1:]:
        _, grant = period.allowances(name)[-1]
        package, free = period.plans.get(name), grant.free
        limits = (package.quota_mb, package.burst_per_minute) if package else (None, None)
        table.add_row(
            name, f"{package.fee if package else 0} {sources.of(grant)}", _short(free.get("resource", _NONE)),
            _calls(grant), f"{free.get('egress', _NONE):f}",
            *("" if limit is None else f"{limit:,}" for limit in limits),
        )  # fmt: skip
    if table.rows:
        _print(table)
    for offer in period.not_modelled:
        _print(f"Not modelled: {offer}", "dim")


def _show_own_plans(period: Period, currency: str, sources: Sources) -> None:
    """Print the plans of a book with meters of its own, and what each holds by meter."""
    _print(f"\nPeriod {period.name}", "bold")
    _print(period.note)
    table = _table("plan", f"fee, {currency}", "free a month")
    for name in period.plan_names()[1:]:
        grant, package = period.allowances(name)[-1][1], period.plans.get(name)
        free = ", ".join(f"{_short(granted)} {meter}" for meter, granted in grant.free.items())
        table.add_row(name, f"{package.fee if package else 0} {sources.of(grant)}", f"{free}, {grant.lasts}")
    if table.rows:
        _print(table)


def _show_own_regions(book: PriceBook, sources: Sources) -> None:
    """Print the regions of a book with meters of its own, and the prices that differ there."""
    table = _table("region", "name", f"prices of its own, {book.currency}")
    for name, region in book.regions.items():
        own = ", ".join(f"{meter} {_amounts(rate)} {sources.of(rate)}" for meter, rate in region.prices.items())
        table.add_row(name, region.title, own)
    _print("\nRegions", "bold")
    _print(table)


def _calls(grant: Allowance) -> str:
    """Write the free calls of each counter, web first, or of the one that serves both."""
    if shared := grant.free.get("calls"):
        return _short(shared)
    return "+".join(_short(grant.free.get(counter, _NONE)) for counter in ("web_calls", "event_calls"))


def _short(quantity: Decimal | int) -> str:
    """Write a round quantity as the vendors do: 500k, 10M, 1G."""
    for letter, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if quantity and quantity % size == 0:
            return f"{quantity // size:f}{letter}" if isinstance(quantity, Decimal) else f"{quantity // size}{letter}"
    return f"{quantity:,}"


def _show_regions(book: PriceBook, sources: Sources) -> None:
    table = _table("region", "name", f"traffic, {book.currency}/GB", "memory quota, MB")
    for name, region in book.regions.items():
        price = "unknown" if (rate := region.prices.get("egress")) is None else f"{_amounts(rate)} {sources.of(rate)}"
        quota = "unknown" if region.quota_mb is None else f"{region.quota_mb:,} {sources.mark(region.quota_source)}"
        table.add_row(name, region.title, price, quota)
    _print("\nRegions", "bold")
    _print(table)


def _show_limits(book: PriceBook, sources: Sources) -> None:
    limits = book.limits
    sizes, messages = limits.memory_mb, limits.messages
    table = _table("limit", "documented")
    table.add_row("memory, MB", f"{len(sizes.sizes)} sizes, {sizes.sizes[0]} to {sizes.sizes[-1]} {sources.of(sizes)}")
    ranged: dict[str, tuple[Range, ...]] = {
        "idle timeout, s": limits.idle_timeout_s,
        "execution timeout, s": limits.exec_timeout_s,
        "initialisation timeout, s": limits.init_timeout_s,
        "connections an instance": limits.max_concurrency,
    }
    for title, ranges in ranged.items():
        known = (f"{one.lowest:g} to {one.highest:g} {sources.of(one)}" for one in ranges)
        table.add_row(title, ", ".join(known))
    table.add_row("execution timeout", f"at least the idle timeout {sources.mark(limits.exec_at_least_idle)}")
    table.add_row("a message, bytes", f"up to {messages.message_bytes:,} {sources.of(messages)}")
    table.add_row("a connection, bytes a second", f"up to {messages.bytes_per_second:,} {sources.of(messages)}")
    table.add_row("a connection, messages a second", f"up to {messages.messages_per_second} {sources.of(messages)}")
    table.add_row("new instances a minute", f"up to {limits.burst_per_minute:,} {sources.mark(limits.burst_source)}")
    _print("\nLimits", "bold")
    _print(table)


def _limit(limit: int | None, ends: tuple[int, int] | None, *, of_function: bool) -> str:
    if limit is None:
        return "none"
    as_set = ", or as a function is set" if of_function else ""
    return f"{limit:,}{as_set}" + (f", can be set from {ends[0]:,} to {ends[1]:,}" if ends else "")


def _show_lifecycle(life: Lifecycle, sources: Sources) -> None:
    """Print how connections live on a platform, as `scfcost compare` replays them."""
    table = _table("connections", "as replayed")
    of_function = life.timeouts == "function"
    told = {
        "longest silence, s": _limit(life.idle_timeout_s, life.idle_timeout_range_s, of_function=of_function),
        "longest life, s": _limit(life.max_life_s, life.max_life_range_s, of_function=of_function),
        "code at a cut": str(life.cut_code),
        "an instance": "no instance" if life.held is None else f"{life.held:,}, up to {life.most_held:,}",
        "pinned to": life.group,
        "hibernation": life.hibernates,
        "beside it": ", ".join(life.behind) or "nothing",
    }
    for name, value in told.items():
        table.add_row(name, value)
    _print(f"\nConnections {sources.mark(f'{life.source}, {life.checked_on}')}", "bold")
    _print(table)


def _show_words(title: str, rows: list[tuple[str, str]]) -> None:
    table = _table("mark", "words", with_header=False)
    for mark, words in rows:
        table.add_row(mark, words)
    _print(f"\n{title}", "bold")
    _print(table)


def _table(*titles: str, with_header: bool = True) -> Listing:
    from scfcost.report.console.layout import Listing

    return Listing(*titles, with_header=with_header)


def _print(what: Any, style: str | None = None) -> None:
    if isinstance(what, str):
        what = what[: len(what) - len(what.lstrip())] + translated(what.lstrip())
    write(drawn(lambda screen: screen.print(what, style=style), to_file=False), None)
