"""Keeps a trace that was made of logs as a file, with the marks of the old server's closes and without addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scfcost.core.errors import ConfigError
from scfcost.core.files import whole
from scfcost.trace.model import CUT_IDLE, CUT_LIFE, NOT_CUT, Trace
from scfcost.trace.reading.columns import CENSORED, CLIENT, IDLE, LIFE, SOURCE_TIMEOUT
from scfcost.trace.reading.database import column, database, file_literal, quoted
from scfcost.trace.window import WINDOW_KEY, carried_window, window_text
from scfcost.trace.write import write_side_file

SUFFIXES = {
    ".parquet": "FORMAT parquet, USE_TMP_FILE false",  # the file is put into its place by us
    ".csv": "FORMAT csv, HEADER, USE_TMP_FILE false",
}
"""What a trace file ends with, and how the database writes it."""
_HASH_LETTERS = 16
"""64 bits: two of a million clients share a hash in one import of thirty million. [1]"""
_NAMES = {CUT_IDLE: IDLE, CUT_LIFE: LIFE}


def keep(
    made: Path, trace: Trace, output: Path, *, secret: str | None, memory_limit: str | None = None, by_row: bool = False
) -> None:
    """Write a trace file for the user.

    Parameters
    ----------
    made : Path
        The file that the logs were converted to, Parquet.
    trace : Trace
        What it holds, with the marks of closes.
    output : Path
        The file to write, Parquet or CSV.
    secret : str or None
        Key of the hashes that stand for clients; None keeps the clients as the log names them.
    memory_limit : str, optional
        What the database may hold in memory.
    by_row : bool
        Whether the ids of the trace are numbers of rows.

    Raises
    ------
    ConfigError
        If the name has another suffix, or the file cannot be written.
    """
    check_suffix(output)
    window = carried_window([(made, str(output))])
    try:
        with (
            whole(output, ConfigError) as partial,
            database(made.parent, memory_limit, files=[partial], in_order=True) as connection,
        ):
            identity = "file_row_number" if by_row else "connection_id"
            rows = _rows(made, secret, identity if _register_cuts(connection, trace) else None)
            how = SUFFIXES[output.suffix]
            if window is not None and output.suffix == ".parquet":
                how += f", KV_METADATA {{{quoted(WINDOW_KEY)}: {quoted(window_text(window))}}}"
            connection.execute(f"COPY ({rows}) TO {quoted(str(partial))} ({how})")
        if window is not None and output.suffix == ".csv":
            write_side_file(output, window)
    except duckdb.IOException as error:
        raise ConfigError(f"{output}: cannot be written: {str(error).splitlines()[0]}") from None


def _rows(made: Path, secret: str | None, identity: str | None) -> str:
    """Return SQL for the rows to keep, with the marks that are registered by some identity."""
    names = pq.read_schema(made).names
    cells = {name: f"made.{column(name)}" for name in names}
    if CLIENT in names and secret is not None:
        cells[CLIENT] = f"left(sha256({quoted(secret)} || {cells[CLIENT]}), {_HASH_LETTERS})"
    source = f"read_parquet({file_literal(made)}, file_row_number = true) AS made"
    if identity is not None:
        cells |= {name: f"cuts.{name}" for name in (CENSORED, SOURCE_TIMEOUT)}
        source += f" LEFT JOIN cuts ON cuts.connection_id = CAST(made.{identity} AS VARCHAR)"
        source += " AND made.event = 'close'" if "event" in names else ""
    return f"SELECT {', '.join(f'{sql} AS {column(name)}' for name, sql in cells.items())} FROM {source}"


def check_suffix(output: Path) -> None:
    """Refuse a name that tells no form.

    Raises
    ------
    ConfigError
        If it ends neither with .parquet nor with .csv.
    """
    if output.suffix not in SUFFIXES:
        raise ConfigError(f"{output}: end the name with .parquet or .csv")


def _register_cuts(connection: Any, trace: Trace) -> bool:
    """Give the database the closes that the old server made; False where there are none."""
    if trace.source_cut is None or not (trace.source_cut != NOT_CUT).any():
        return False
    marked = np.flatnonzero(trace.source_cut != NOT_CUT)
    limits = {CUT_IDLE: trace.provenance.source_idle_ms, CUT_LIFE: trace.provenance.source_life_ms}
    kinds = trace.source_cut[marked].tolist()
    seconds = [None if (limit := limits[kind]) is None else f"{limit // 1000}.{limit % 1000:03d}" for kind in kinds]
    columns = {
        "connection_id": [str(one) for one in trace.connection_id[marked].tolist()],
        CENSORED: [_NAMES[kind] for kind in kinds],
        SOURCE_TIMEOUT: seconds,
    }
    connection.register("cuts", pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}))
    return True
