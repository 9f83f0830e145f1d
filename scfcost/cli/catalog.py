"""`scfcost catalog`: the price books, what they hold, and whether a file is one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from scfcost.cli import completion
from scfcost.cli.help import App
from scfcost.cli.output import as_json, drawn, write
from scfcost.core.language import translated

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
    from scfcost.catalog.left_out import left_out
    from scfcost.report.console.layout import Listing
    from scfcost.report.console.sources import listed, title

    table = Listing("name", "currency", "provider and service", "newest period", "since")
    for book in books:
        newest = book.period()
        vendor = f"{book.provider} {book.service}"
        table.add_row(book.name, book.currency, vendor, newest.name, str(newest.effective_from))
    left = listed(("·", translated(f"{one.title}: {one.reason}")) for one in left_out())
    _print(table, title(translated("Left out")), left)


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
    from scfcost.report.console.price_book import price_book

    book = load_book(name)
    if format is Form.JSON:
        write(as_json(book.model_dump(mode="json", by_alias=True)), None)
        return
    _print(*price_book(book))


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


def _print(*parts: Any) -> None:
    def draw(screen: Any) -> None:
        for part in parts:
            screen.print(part)

    write(drawn(draw, to_file=False), None)
