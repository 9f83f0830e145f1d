"""Price books from the package or from a user's file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from scfcost.catalog.schema import PriceBook
from scfcost.core.errors import CatalogError, nearest
from scfcost.core.files import packaged_names, packaged_text, text_of
from scfcost.core.tables import parse_model

DEFAULT_BOOK = "tencent-scf-cn"
"""The book that is used where none is named: the mainland site, in CNY."""


def book_names() -> list[str]:
    """Return the names of the books in the package."""
    return packaged_names("scfcost.catalog", "data", ".toml")


def load_book(name: str | Path = DEFAULT_BOOK) -> PriceBook:
    """Load a price book by its name, or from a TOML file.

    Parameters
    ----------
    name : str or Path
        The name of a book in the package, or the path of a file that ends with `.toml`, which is read anew each time.

    Raises
    ------
    CatalogError
        If there is no such book, or its file breaks the schema; the message names file, key and expected form.

    Examples
    --------
    >>> load_book("tencent-scf-cn").currency
    'CNY'
    """
    if str(name).endswith(".toml"):
        return check_file(Path(name))
    if name not in book_names():
        raise CatalogError(
            f"catalog {str(name)!r} is not known; {nearest(str(name), book_names())} (or name a .toml file)"
        )
    return _packaged(str(name))


@cache
def _packaged(name: str) -> PriceBook:
    return _parse(packaged_text("scfcost.catalog", f"data/{name}.toml"), f"{name}.toml")


def check_file(path: Path) -> PriceBook:
    """Load and check a user's own price book.

    Raises
    ------
    CatalogError
        If the file cannot be read or breaks the schema.
    """
    return _parse(text_of(path, CatalogError), str(path))


def _parse(text: str, file: str) -> PriceBook:
    return parse_model(PriceBook, text, file, CatalogError, whole="book")
