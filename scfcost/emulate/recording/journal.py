"""The rows of a trace as they come: whole lines, written down every few seconds, a Parquet file at the end.

While a run goes on its rows stand in `NAME.partial.csv`, an events file like any other, so that whatever ends the run
costs the last seconds alone; its window so far stands beside it.
"""

from __future__ import annotations

import csv
import fcntl
import io
from itertools import count
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from scfcost.core.errors import TraceError
from scfcost.core.files import whole
from scfcost.emulate.model.connection import Connection
from scfcost.lifecycle.outcomes import IDLE_TIMEOUT, RECYCLED
from scfcost.trace.model import BY_CLIENT
from scfcost.trace.reading.columns import CENSORED, CLIENT, IDLE, LIFE, SOURCE_TIMEOUT
from scfcost.trace.window import SIDE_FILE
from scfcost.trace.write import with_window, write_side_file

MOST_ROWS = 50_000
"""Rows that are held in memory before they are written. [1]"""
PARTIAL = ".partial.csv"
_FIELDS = ("connection_id", "timestamp", "event", "direction", "bytes", "close_code", "closed_by")
_TYPES = {
    "connection_id": pa.string(), "timestamp": pa.int64(), "event": pa.string(), "direction": pa.string(),
    "bytes": pa.int64(), "close_code": pa.int64(), "closed_by": pa.string(), "function": pa.string(),
    CLIENT: pa.string(), CENSORED: pa.string(), SOURCE_TIMEOUT: pa.string(),
}  # fmt: skip
SUFFIXES = (".parquet", ".csv")
"""What a recording ends with."""


class Journal:
    """The rows of one function.

    Parameters
    ----------
    output : Path
        The trace file to come, .parquet or .csv.
    function : str
        Name of the function; a column where it is not `default`.
    has_clients : bool
        Whether clients are told apart, and have a column.

    Raises
    ------
    TraceError
        If nothing can be written there.
    """

    def __init__(self, output: Path, function: str = "default", *, has_clients: bool = False) -> None:
        self.output, self.partial = output, output.with_name(output.name + PARTIAL)
        self.rows: list[str] = []
        self.written = 0
        """Rows that stand in the file. [1]"""
        named = function != "default"
        fields = [*_FIELDS, *["function"] * named, *[CLIENT] * has_clients, CENSORED, SOURCE_TIMEOUT]
        self._function, self._has_clients = f",{_cell(function)}" if named else "", has_clients
        self.rest = "," * (len(fields) - 5) + "\n"
        """What ends the row of a message."""
        self.left_over = _set_aside(self.partial)
        """Where the rows of a run that was killed were put, None where there were none."""
        try:
            self._file: IO[str] = self.partial.open("w", encoding="utf-8", newline="")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._file.write(",".join(fields) + "\n")
        except OSError as error:
            raise TraceError(f"{output}: cannot be written: {error.strerror}") from None

    def connect(self, identity: str, at_ms: int, client: str) -> None:
        """Write that a connection began.

        Parameters
        ----------
        identity : str
            Id of the request.
        at_ms : int
            When. [ms since the epoch]
        client : str
            What tells the client apart.
        """
        own = f",{_cell(client)}" if self._has_clients else ""
        self.rows.append(f"{identity},{at_ms},connect,,,,{self._function}{own},,\n")

    def message(self, identity: str, at_ms: int, direction: str, payload_bytes: int) -> None:
        """Write that a whole data message passed.

        Parameters
        ----------
        identity : str
            Id of the request.
        at_ms : int
            When. [ms since the epoch]
        direction : {"up", "down"}
            From the client, or to it.
        payload_bytes : int
            Payload. [B]
        """
        self.rows.append(f"{identity},{at_ms},message,{direction},{payload_bytes}{self.rest}")

    def control(self, identity: str, at_ms: int, kind: str, direction: str, payload_bytes: int) -> None:
        """Write that a ping or pong passed.

        Parameters
        ----------
        identity : str
            Id of the request.
        at_ms : int
            When. [ms since the epoch]
        kind : {"ping", "pong"}
            What passed.
        direction : {"up", "down"}
            From the client, or to it.
        payload_bytes : int
            Payload. [B]
        """
        self.rows.append(f"{identity},{at_ms},{kind},{direction},{payload_bytes}{self.rest}")

    def close(self, identity: str, at_ms: int, close_code: int, closed_by: int) -> None:
        """Write a connection's own end.

        Parameters
        ----------
        identity : str
            Id of the request.
        at_ms : int
            When. [ms since the epoch]
        close_code : int
            RFC 6455 code; 1006 where no close frame was seen.
        closed_by : int
            BY_CLIENT or BY_SERVER.
        """
        side = "client" if closed_by == BY_CLIENT else "server"
        self.rows.append(f"{identity},{at_ms},close,,,{close_code},{side}{self._empty()},,\n")

    def cut(self, identity: str, connection: Connection, idle_ms: int, exec_ms: int) -> None:
        """Write that a connection was cut: how long it would have lived is not known.

        One that went with its instance has its close one ms later, since its own would have come later still.

        Parameters
        ----------
        identity : str
            Id of the request.
        connection : Connection
            The connection.
        idle_ms : int
            Idle timeout. [ms]
        exec_ms : int
            Execution timeout. [ms]
        """
        if connection.outcome == RECYCLED:
            self.close(identity, connection.end_ms + 1, 1006, BY_CLIENT + 1)
            return
        kind, limit = (IDLE, idle_ms) if connection.outcome == IDLE_TIMEOUT else (LIFE, exec_ms)
        seconds = f"{limit // 1000}.{limit % 1000:03d}"
        self.rows.append(f"{identity},{connection.end_ms},close,,,,{self._empty()},{kind},{seconds}\n")

    def _empty(self) -> str:
        return "," * (bool(self._function) + self._has_clients)

    def flush(self, window: tuple[int, int]) -> None:
        """Write down what is held, and the window so far."""
        try:
            self._file.write("".join(self.rows))
            self._file.flush()
        except OSError as error:
            raise TraceError(f"{self.partial}: cannot be written: {error.strerror}") from None
        self.written += len(self.rows)
        self.rows.clear()  # the same list goes on: whoever passes messages holds it
        write_side_file(self.partial, window)

    def finish(self, window: tuple[int, int]) -> bool:
        """Write the trace file, and return whether it holds anything; without a row there is none."""
        self.flush(window)
        self._file.close()
        try:
            if self.written and self.output.suffix == ".csv":
                self.partial.replace(self.output)
                write_side_file(self.output, window)
            elif self.written:
                self._to_parquet(window)
        except OSError as error:
            raise TraceError(f"{self.output}: cannot be written: {error.strerror}; {self.partial} holds it") from None
        self.partial.unlink(missing_ok=True)
        self.partial.with_name(self.partial.name + SIDE_FILE).unlink(missing_ok=True)
        return self.written > 0

    def _to_parquet(self, window: tuple[int, int]) -> None:
        options = pa.csv.ConvertOptions(column_types=_TYPES, strings_can_be_null=True)
        with whole(self.output, TraceError) as made, pa.csv.open_csv(self.partial, convert_options=options) as batches:
            schema = with_window(batches.schema, window)
            with pa.parquet.ParquetWriter(made, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)


def _set_aside(partial: Path) -> Path | None:
    """Keep what a run that was killed has left; one that still runs keeps its file to itself.

    Raises
    ------
    TraceError
        If another run records there now.
    """
    if not partial.exists():
        return None
    with partial.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise TraceError(f"{partial}: another run records there now; give another name with -o") from None
    number = next(n for n in count(1) if not partial.with_suffix(f".{n}.csv").exists())
    kept = partial.with_suffix(f".{number}.csv")
    partial.rename(kept)
    side = partial.with_name(partial.name + SIDE_FILE)
    if side.exists():
        side.rename(kept.with_name(kept.name + SIDE_FILE))
    return kept


def _cell(text: str) -> str:
    """Return a text as a cell of a CSV."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text])
    return line.getvalue()
