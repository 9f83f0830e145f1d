"""Traces and logs that come with scfcost, to try everything at once; README.md says where each is from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scfcost.core.errors import ConfigError, nearest

_DATA = Path(__file__).parent / "data"
_TABLE, _CSV = ".parquet", ".csv"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file that comes with scfcost."""

    name: str
    file: str
    """Its name in the folder `data`."""
    usual: str
    """What the documents call it."""
    title: str

    def content(self, suffix: str | None = None) -> bytes:
        """Return the whole file; a table as CSV, unless a suffix asks for Parquet.

        Parameters
        ----------
        suffix : str, optional
            That of the file it is to become.
        """
        path = _DATA / self.file
        return _as_csv(path) if path.suffix == _TABLE and suffix != _TABLE else path.read_bytes()


SAMPLES = (
    Sample("chat-room", "chat_room.parquet", "traces.csv", "a real chat room of 42.8 hours: events of 1,549 sessions"),
    Sample("access-log", "access.log", "access.log", "an nginx log of 60 WebSockets, with $msec and $request_time"),
    Sample("sessions", "sessions.csv", "sessions.csv", "a table of 40 sessions, its columns called as its owner likes"),
    Sample("app-log", "app.log", "app.log", "a log of one's own server: 24 connections, a line an event"),
    Sample("graph", "open.csv", "open.csv", "open connections over two days, with connects and messages a second"),
    Sample("har", "page.har", "page.har", "two WebSockets as a browser records them"),
    Sample("capture", "capture.pcap", "capture.pcap", "a WebSocket as tcpdump records it (read through tshark)"),
    Sample("scf-log", "scf-logs.json", "scf-logs.json", "SCF's own log as the log service (CLS) exports it"),
    Sample("scf-bill", "bill.csv", "bill.csv", "a line of SCF's bill"),
)  # fmt: skip
"""All samples."""


def sample(name: str) -> Sample:
    """Return a sample by its name.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    for one in SAMPLES:
        if one.name == name:
            return one
    raise ConfigError(f"sample {name!r} is not known; {nearest(name, [one.name for one in SAMPLES])}")


def _as_csv(path: Path) -> bytes:
    """Return a table as CSV, cells as they are: no cell of a sample needs quotes."""
    import pyarrow.csv
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    rows = pyarrow.BufferOutputStream()
    form = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    pyarrow.csv.write_csv(table, rows, form)
    return ",".join(table.column_names).encode() + b"\n" + bytes(rows.getvalue())
