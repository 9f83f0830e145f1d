"""Price books from the package or from a user's file."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from scfcost.catalog.schema import PriceBook
from scfcost.errors import CatalogError, ScfcostError, nearest

Model = TypeVar("Model", bound=BaseModel)
DEFAULT_BOOK = "tencent-scf-cn"
"""The book that is used where none is named: the mainland site, in CNY."""


def book_names() -> list[str]:
    """Return the names of the books in the package."""
    data = files("scfcost.catalog") / "data"
    return sorted(entry.name.removesuffix(".toml") for entry in data.iterdir() if entry.name.endswith(".toml"))


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
    return _parse((files("scfcost.catalog") / "data" / f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")


def check_file(path: Path) -> PriceBook:
    """Load and check a user's own price book.

    Raises
    ------
    CatalogError
        If the file cannot be read or breaks the schema.
    """
    return _parse(text_of(path, CatalogError), str(path))


def text_of(path: Path, error: type[ScfcostError]) -> str:
    """Return the text of a file of the user's.

    Raises
    ------
    ScfcostError
        Of the kind `error`, if it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "not UTF-8 text"
        raise error(f"{path}: cannot be read: {reason}") from None


def _parse(text: str, file: str) -> PriceBook:
    return parse_model(PriceBook, text, file, CatalogError, whole="book")


def parse_model(model: type[Model], text: str, file: str, error: type[ScfcostError], *, whole: str) -> Model:
    """Check the text of a TOML file against a model.

    Raises
    ------
    ScfcostError
        Of the kind `error`, one line a fault: file, key (`whole` where it is no single one) and what is wrong.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise error(f"{file}: not TOML: {fault}") from None
    try:
        return model.model_validate(data)
    except ValidationError as found:
        faults = [
            f"{file}: {_key(fault['loc']) or whole}: {_words(fault['type'], fault['msg'])}" for fault in found.errors()
        ]
        raise error("\n".join(faults)) from None


def _key(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _words(kind: str, message: str) -> str:
    return "missing key" if kind == "missing" else message.removeprefix("Value error, ")
