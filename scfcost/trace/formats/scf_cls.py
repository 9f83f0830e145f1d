"""SCF's own log, as the log service (CLS) delivers it, into a connections file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from scfcost.core.errors import TraceError
from scfcost.core.warning import Warned
from scfcost.trace.formats.base import Converted, Format, Knows, LogOptions, Original, refuse_fields, text_of
from scfcost.trace.formats.scf_records import (
    KEY,
    RUNNING,
    LoggedInvocation,
    invocations_of,
    parse_report,
    records_of_text,
)
from scfcost.trace.reading.columns import CENSORED, IDLE, LIFE

_NORMAL, _NO_CLOSE_FRAME = 1000, 1006
_CLOSES = {200: (_NORMAL, None), 439: (_NO_CLOSE_FRAME, "server"), 456: (_NO_CLOSE_FRAME, "client")}
"""Close code and side by status code. 439 and 456 stand for any other code; 1006 gives the same status code again."""
_CUTS = {433: LIFE, 455: IDLE}
_SCHEMA = pa.schema(
    {
        "connection_id": pa.string(),
        "connect_time": pa.int64(),
        "close_time": pa.int64(),
        "close_code": pa.int64(),
        "closed_by": pa.string(),
        "function": pa.string(),
        CENSORED: pa.string(),
    }
)


def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Make a connections file of the invocations in a function's log.

    Parameters
    ----------
    originals : sequence of Original
        The files that were given, as the user named them.
    scratch : Path
        Folder for files on the way; what is written goes there.
    options : LogOptions
        What the user says of logs.

    Raises
    ------
    TraceError
        If the files hold no request that ran and whose start is known.
    """
    refuse_fields(options, "SCF's log")
    records, others = [], 0
    for original in originals:
        found, skipped = records_of_text(text_of(original, options.memory_limit), original.name)
        records += found
        others += skipped
    rows = invocations_of(records)
    used = [row for row in rows if row.ran and row.start_ms is not None]
    if not used:
        raise TraceError(f"{originals[0].name}: holds no request that ran and whose start is known")
    path = scratch / "scf-cls.parquet"
    columns = zip(*(_cells(row) for row in used), strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA), path)
    warnings = tuple(_warnings(rows, others))
    return Converted(path, len(rows), len(used), left_out=len(rows) - len(used), warnings=warnings)


def _cells(row: LoggedInvocation) -> tuple[str, int | None, int | None, int | None, str | None, str, str | None]:
    name = row.request_id if row.retry == 0 else f"{row.request_id}#{row.retry}"
    open_still = row.duration_ms is None or row.start_ms is None
    end = None if open_still else row.start_ms + row.duration_ms  # type: ignore[operator]
    status = row.status or 0
    return name, row.start_ms, end, *_CLOSES.get(status, (None, None)), row.function, _CUTS.get(status)


def _warnings(rows: Sequence[LoggedInvocation], others: int) -> Iterator[Warned]:
    if others:
        yield Warned("other_lines", f"{others} lines hold no record of a function and are left out")
    refused = Counter(row.status for row in rows if not row.ran)
    if refused:
        listed = ", ".join(f"{count} with {code}" for code, count in sorted(refused.items(), key=str))
        yield Warned("never_ran", f"requests that never ran are left out: {listed}")
    unplaced = sum(row.ran and row.start_ms is None for row in rows)
    if unplaced:
        yield Warned("no_start", f"{unplaced} requests have no start in the log and are left out")
    cut = sum(row.status in _CUTS for row in rows)
    if cut:
        text = f"{cut} connections were cut by the timeouts (433, 455): how long they would have lived is not known"
        yield Warned("already_cut", text)
    running = sum(row.status == RUNNING for row in rows)
    if running:
        yield Warned("still_running", f"{running} requests have no end in the log: they are open when it ends")


def _is_log(head: bytes) -> bool:
    if head.startswith(b"PAR1"):
        return False
    text = head.decode("utf-8", errors="replace")
    return KEY in text or parse_report(text.lstrip().partition("\n")[0]) is not None


FORMAT = Format(
    name="scf-cls",
    title="SCF's own log, exported from CLS as JSON, JSON Lines or CSV",
    recognise=_is_log,
    knows=Knows(start=True, end=True, idle_cut=True),
    advice=(
        "export the function's topic with SCF_RequestId, SCF_FunctionName, SCF_StartTime, SCF_LogTime, SCF_Duration, "
        "SCF_StatusCode, SCF_RetryNum and SCF_Message. It holds neither messages nor bytes: to compare it with a "
        "forecast use `scfcost reconcile`."
    ),
    convert=convert,
)
