"""The database that reads, sorts and joins, in memory up to a limit and on disk beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from scfcost.core.errors import ConfigError

DEFAULT_MEMORY_LIMIT = "700MB"
"""What the database may hold in memory; beyond it, it sorts on disk."""

_INTERRUPTED = "Query interrupted"
"""What the database makes of an interrupt while it works."""


@contextmanager
def database(
    scratch: Path, memory_limit: str | None = None, *, in_order: bool = False, threads: int | None = None
) -> Iterator[Any]:
    """Open a database that spills into a scratch directory.

    Parameters
    ----------
    scratch : Path
        Where it may write.
    memory_limit : str, optional
        What it may hold in memory, such as "2GB"; 700MB by default.
    in_order : bool
        Whether what it writes keeps the order of what it read, which costs memory.
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
        try:
            yield connection
        except RuntimeError as error:
            if str(error) == _INTERRUPTED:
                raise KeyboardInterrupt from None
            raise


def quoted(text: str) -> str:
    """Return a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def column(name: str) -> str:
    """Return a name as SQL."""
    return '"' + name.replace('"', '""') + '"'
