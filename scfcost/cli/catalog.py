"""`scfcost catalog`: the price books, what they hold, and whether a file is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import as_json, write

if TYPE_CHECKING:
    from scfcost.catalog.schema import Period, PriceBook, Range

app = typer.Typer(help="Look at the price books and platform limits.", no_args_is_help=True)


@app.command("list")
def list_books() -> None:
    """List the price books in the package."""
    from scfcost.catalog.load import book_names, load_book

    table = _table("name", "provider", "currency", "newest period", "since")
    for name in book_names():
        book = load_book(name)
        newest = book.period()
        table.add_row(name, f"{book.provider} {book.service}", book.currency, newest.name, str(newest.effective_from))
    _print(table)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="Name of a price book, or a TOML file.")] = "tencent-scf-cn",
    format: options.FormatOption = None,  # noqa: A002
) -> None:
    """Show a price book: prices and plans of every period, regions, limits, each with its source and date."""
    from scfcost.catalog.load import load_book

    book = load_book(name)
    if format is options.Format.JSON:
        write(as_json(book.model_dump(mode="json")), None)
        return
    _print(f"[bold]{book.name}[/] · {book.provider} {book.service} · {book.currency} · hours of {book.time_zone}")
    for period in book.periods:
        _show_period(book, period)
    _show_regions(book)
    _show_limits(book)
    for note in book.notes:
        _print(f"[yellow]Note[/] {note}")


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="A price book of your own, in TOML.")]) -> None:
    """Check a price book of your own against the schema."""
    from scfcost.catalog.load import check_file

    book = check_file(file)
    print(f"{file}: sound: {book.name}, {len(book.periods)} periods, {len(book.regions)} regions, {book.currency}")


def _show_period(book: PriceBook, period: Period) -> None:
    _print(f"\n[bold]Period {period.name}[/] from {period.effective_from}: {period.note}")
    table = _table("price", book.currency, "unit", "checked", "confidence", "source")
    for title, price, unit in (
        ("resource", period.resource, "GBs"),
        ("invocations", period.invocations, "10,000 calls"),
        ("provisioned, idle", period.provisioned_idle, "GBs"),
    ):
        amounts = ", ".join(str(tier.price) for tier in price.graduated())
        table.add_row(title, amounts, unit, str(price.checked_on), price.confidence, price.source)
    _print(table)
    plans = _table("plan", "fee", "GBs", "web calls", "event calls", "GB out", "quota MB", "burst")
    for name in period.plan_names()[1:]:
        ((_, grant),) = period.allowances(name)[-1:]
        package = period.plans.get(name)
        extra = [str(package.quota_mb or ""), str(package.burst_per_minute or "")] if package else ["", ""]
        calls = [f"{grant.web_calls or grant.calls:,}", f"{grant.event_calls or grant.calls:,}"]
        plans.add_row(
            name, str(package.fee) if package else "0", f"{grant.resource_gbs:,}", *calls, str(grant.egress_gb), *extra
        )
    _print(plans)
    for offer in period.not_modelled:
        _print(f"[dim]Not modelled: {offer}[/]")


def _show_regions(book: PriceBook) -> None:
    table = _table("region", "name", f"traffic {book.currency}/GB", "checked", "quota MB")
    for name, region in book.regions.items():
        price = "unknown" if region.egress is None else ", ".join(str(tier.price) for tier in region.egress.graduated())
        checked = "" if region.egress is None else str(region.egress.checked_on)
        quota = "unknown" if region.quota_mb is None else f"{region.quota_mb:,}"
        table.add_row(name, region.title, price, checked, quota)
    _print("\n[bold]Regions[/]")
    _print(table)


def _show_limits(book: PriceBook) -> None:
    limits = book.limits
    table = _table("limit", "range", "checked", "source")
    ranged: dict[str, tuple[Range, ...]] = {
        "idle timeout, s": limits.idle_timeout_s,
        "execution timeout, s": limits.exec_timeout_s,
        "initialisation timeout, s": limits.init_timeout_s,
        "max concurrency": limits.max_concurrency,
    }
    for title, ranges in ranged.items():
        for one in ranges:
            table.add_row(title, f"{one.lowest:g} to {one.highest:g}", str(one.checked_on), one.source)
    sizes, messages = limits.memory_mb, limits.messages
    table.add_row("memory, MB", f"{sizes.sizes[0]} to {sizes.sizes[-1]}", str(sizes.checked_on), sizes.source)
    table.add_row("message, bytes", f"up to {messages.message_bytes:,}", str(messages.checked_on), messages.source)
    table.add_row("bytes a second", f"up to {messages.bytes_per_second:,}", str(messages.checked_on), messages.source)
    table.add_row(
        "messages a second", f"up to {messages.messages_per_second}", str(messages.checked_on), messages.source
    )
    table.add_row("new instances a minute", f"up to {limits.burst_per_minute}", "", limits.burst_source)
    _print("\n[bold]Limits[/]")
    _print(table)


def _table(*titles: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def _print(what: Any) -> None:
    from rich.console import Console

    Console(highlight=False).print(what)
