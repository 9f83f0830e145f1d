"""The database that reads, sorts and joins, in memory up to a limit and on disk beyond it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from scfcost.core.errors import ConfigError

DEFAULT_MEMORY_LIMIT = "700MB"
"""What the database may hold in memory; beyond it, it sorts on disk."""

_INTERRUPTED = "Query interrupted"
"""What the database makes of an interrupt while it works."""


OUR_SQL = (
    duckdb.BinderException, duckdb.CatalogException, duckdb.InternalException, duckdb.ParserException,
    duckdb.SyntaxException,
)  # fmt: skip
"""What the database raises for what we asked of it, rather than for what a file holds."""
_LOCKS = (
    "enable_external_access = false",  # from here on it reaches the allowed files alone, and loads no extension
    "autoload_known_extensions = false",
    "autoinstall_known_extensions = false",
    "python_enable_replacements = false",  # a table that is not there is no variable of ours
    "lock_configuration = true",
)


@contextmanager
def database(
    scratch: Path,
    memory_limit: str | None = None,
    *,
    files: Iterable[Path] = (),
    in_order: bool = False,
    threads: int | None = None,
) -> Iterator[Any]:
    """Open a database that spills into a scratch directory, and is locked: it reaches no other file than it is told.

    Parameters
    ----------
    scratch : Path
        Where it may read and write.
    memory_limit : str, optional
        What it may hold in memory, such as "2GB"; 700MB by default.
    files : iterable of Path
        Files and folders that it may read or write, too.
    in_order : bool
        Whether rows keep the order in which they are read; writing them so costs memory.
    threads : int, optional
        Threads that it may use; one a core otherwise. [1]

    Raises
    ------
    ConfigError
        If the limit is no size.
    KeyboardInterrupt
        Also where the interrupt came while the database was at work.
    """
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET temp_directory = {quoted(str(scratch))}")
        connection.execute(f"SET preserve_insertion_order = {str(in_order).lower()}")
        if threads is not None:
            connection.execute(f"SET threads = {threads}")
        connection.execute("SET enable_progress_bar = false")  # it would draw into our output
        try:
            connection.execute(f"SET memory_limit = {quoted(memory_limit or DEFAULT_MEMORY_LIMIT)}")
        except duckdb.Error:
            raise ConfigError(f"memory_limit: {memory_limit!r} is not a size such as 2GB") from None
        _lock(connection, scratch, files)
        try:
            yield connection
        except RuntimeError as error:
            if str(error) == _INTERRUPTED:
                raise KeyboardInterrupt from None
            raise


def _lock(connection: Any, scratch: Path, files: Iterable[Path]) -> None:
    """Leave the database nothing but some files; a link and what it leads to are both named."""
    reached = [place for file in (scratch, *files) for place in (file.absolute(), file.resolve())]
    for setting, is_folder in (("allowed_directories", True), ("allowed_paths", False)):
        paths = sorted({str(place) for place in reached if place.is_dir() is is_folder})
        connection.execute(f"SET {setting} = [{', '.join(quoted(path) for path in paths)}]")
    for lock in _LOCKS:
        connection.execute(f"SET {lock}")


def file_literal(path: Path) -> str:
    """Return a file as SQL, by its full path, which no protocol stands before.

    Raises
    ------
    ConfigError
        If the database would take the path for a pattern: `plain_path` gives such a file another one.
    """
    text = str(path.absolute())
    if has_pattern(text):
        raise ConfigError(f"{path}: a folder's name holds one of {PATTERN_SIGNS}: name another (TMPDIR, --checkpoint)")
    return quoted(text)


PATTERN_SIGNS = "* ? [ ] { } \\"
"""Signs that a database takes for a pattern, or might."""


def has_pattern(text: str) -> bool:
    """Whether a path holds signs that a database might take for more than a name.

    Examples
    --------
    >>> has_pattern("d[1]/t.csv"), has_pattern("d1/t.csv")
    (True, False)
    """
    return any(sign in text for sign in PATTERN_SIGNS.split()) or not text.isprintable()


def plain_path(path: Path, folder: Path) -> Path:
    """Return a path that no database takes for a pattern: the file's own, else that of a link to it in a folder.

    Parameters
    ----------
    path : Path
        Where the file is.
    folder : Path
        Folder for the link.
    """
    if not has_pattern(str(path.absolute())):
        return path
    links = folder / LINKS
    links.mkdir(parents=True, exist_ok=True)
    link = links / hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32]
    with suppress(FileExistsError):
        link.symlink_to(path.absolute())
    return link


LINKS = "links"
"""Folder of the links to files whose names might be patterns."""


def quoted(text: str) -> str:
    """Return a text as SQL: the one way in for whatever a user or a file says.

    Examples
    --------
    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def column(name: str) -> str:
    """Return a name of a column as SQL."""
    return '"' + name.replace('"', '""') + '"'
