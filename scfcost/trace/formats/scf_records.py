"""What SCF's own log says of each invocation: log records into one row an invocation.

A function's log topic holds several records a request: its start, what the function printed, its end and its report.
They come as rows of a search, inside envelopes with the record as a JSON string, or as plain lines; the records are
found wherever they stand.

References
----------
Field names and units: cloud.tencent.com/document/product/583/60336. SCF_StartTime is in ms, SCF_LogTime in ns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scfcost.core.errors import TraceError
from scfcost.core.guard import parse_json
from scfcost.trace.formats.unwrap import object_in

RUNNING = 202
"""Status of a record that was written before its request ended."""
NOT_RUN = frozenset((*range(400, 408), 410, 429, 432, *range(435, 439), 449, 450))
"""Status codes of requests that never ran, and are not billed: parameters, arrears, quota, burst, initialisation."""
KEY = "SCF_RequestId"
"""The field by which a record is known as one of a function."""

_REPORT = re.compile(r"\s*(?P<kind>(?:Init )?)Report RequestId:\s*(?P<request_id>[\w-]+)(?P<rest>.*)", re.DOTALL)
_DURATION = re.compile(r"\bDuration:\s*([\d.]+)\s*ms")
_COLD_START = re.compile(r"\bColdstart:\s*([\d.]+)\s*ms")
_MEMORY = re.compile(r"\bMemory:\s*(\d+)\s*MB")
_USED = re.compile(r"\bMemUsage:\s*([\d.]+)\s*MB")
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Report:
    """The platform's last line on a request; the only one that names the configured memory."""

    request_id: str
    duration_ms: int | None
    """How long the request ran, None in the report of an initialisation. [ms]"""
    memory_mb: int | None
    """Configured memory. [MB]"""
    used_mb: Decimal | None
    """Memory that was used. [MB]"""
    cold_start_ms: int | None
    """How long a new instance took to start, in the report of an initialisation. [ms]"""


@dataclass(frozen=True, slots=True)
class LoggedInvocation:
    """One invocation as the log tells it."""

    request_id: str
    retry: int
    """0 for the first try of an event, 1 for its first repetition, …"""
    function: str
    start_ms: int | None
    """Start of the request, None where no record tells it. [ms]"""
    duration_ms: int | None
    """How long it ran, None where the log ends before it. [ms]"""
    status: int | None
    """Status code, RUNNING where the log ends before it, None where no record tells it."""
    memory_mb: int | None
    """Configured memory, None where the log holds no report line of it. [MB]"""
    used_mb: Decimal | None
    """Memory that was used, None where the log holds no report line of it. [MB]"""
    last_ms: int
    """Newest instant that a record of it tells. [ms]"""
    cold_start: bool
    """Whether the log holds the report of an initialisation for it."""

    @property
    def ran(self) -> bool:
        """Whether the request was accepted, and is billed."""
        return self.status not in NOT_RUN


def parse_report(message: str) -> Report | None:
    """Read a report line, with or without spaces after its colons; None where a message is something else.

    Examples
    --------
    >>> parse_report("Report RequestId: 4ded4c Duration:390ms Memory:512MB MemUsage:19.6758MB").memory_mb
    512
    """
    match = _REPORT.match(message)
    if match is None:
        return None
    rest = match["rest"]
    used = _USED.search(rest)
    return Report(
        match["request_id"],
        None if match["kind"] else _whole(_DURATION.search(rest)),
        _whole(_MEMORY.search(rest)),
        _number(used[1]) if used else None,
        _whole(_COLD_START.search(rest)),
    )


def _whole(match: re.Match[str] | None) -> int | None:
    return _bounded(match[1]) if match else None


def records_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the log records inside parsed JSON, whatever rows, envelopes and JSON strings they are wrapped in.

    Examples
    --------
    >>> [record["SCF_RequestId"] for record in records_in({"records": [{"content": '{"SCF_RequestId": "a"}'}]})]
    ['a']
    """
    if isinstance(value, dict):
        if KEY in value:
            yield value
            return
        for part in value.values():
            yield from records_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from records_in(part)
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and KEY in value:
        try:
            inner = parse_json(value)
        except ValueError:
            return
        yield from records_in(inner)


def records_of_text(text: str, name: str) -> tuple[list[dict[str, Any]], int]:
    """Read the log records of a file: JSON Lines, one JSON document, or CSV with the fields as columns.

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        What messages call it.

    Returns
    -------
    records : list of dict
        The records, in the order of the file.
    others : int
        Lines that hold no record. [1]

    Raises
    ------
    TraceError
        If the file holds no record; the message says how to export them.
    """
    lines = [line for line in text.split("\n") if line.strip()]  # other line ends may stand inside of a message
    if lines and KEY in next(csv.reader([lines[0][:_LONGEST_HEADER]]), ()):
        found, others = list(csv.DictReader(lines)), 0
    else:
        found, others = _records_of_json(text, lines)
    if not found:
        raise TraceError(_no_records(text, name))
    return found, others


def _records_of_json(text: str, lines: list[str]) -> tuple[list[dict[str, Any]], int]:
    found: list[dict[str, Any]] = []
    others = 0
    for line in lines:
        try:
            value = parse_json(line)
        except ValueError:
            value = object_in(line)  # behind what a shipper wrote before it
        records = list(records_in(value))
        found += records
        others += not records
    if found:
        return found, others
    try:
        return list(records_in(parse_json(text))), 0
    except ValueError:
        return [], others


def _no_records(text: str, name: str) -> str:
    export = (
        "export the function's topic from the log service (CLS) as JSON, "
        f"with the fields {KEY}, SCF_FunctionName, SCF_StartTime, SCF_Duration, SCF_StatusCode and SCF_Message"
    )
    if any(parse_report(line) for line in text.splitlines()):
        return f"{name}: report lines alone do not say when a request started; {export}"
    return f"{name}: holds no record of a function ({KEY}); {export}"


def invocations_of(records: Iterable[dict[str, Any]]) -> list[LoggedInvocation]:
    """Join the records of each request into one row, in the order of their first record.

    Records of a request that has ended win over those written while it ran, and its report line over both. Records that
    come twice change nothing.
    """
    requests: dict[tuple[str, int], _Request] = {}
    for record in records:
        retry = _integer(record.get("SCF_RetryNum")) or 0
        key = str(record[KEY]), retry
        requests.setdefault(key, _Request()).add(record)
    return [request.row(*key) for key, request in requests.items()]


class _Request:
    """The records of one request, as they come."""

    def __init__(self) -> None:
        self.function = "default"
        self.start_ms: int | None = None
        self.first_log_ms: int | None = None
        self.last_log_ms = 0
        self.report_log_ms: int | None = None
        self.report: Report | None = None
        self.cold_start = False
        self.final: tuple[int, int, int | None] | None = None
        """Time of the newest record after the end, its status and its duration."""

    def add(self, record: dict[str, Any]) -> None:
        self.function = str(record.get("SCF_FunctionName") or self.function)
        logged = _integer(record.get("SCF_LogTime"))
        log_ms = None if logged is None else logged // _NS_PER_MS
        self.first_log_ms = _least(self.first_log_ms, log_ms)
        self.last_log_ms = max(self.last_log_ms, log_ms or 0)
        self.start_ms = _least(self.start_ms, _bounded(record.get("SCF_StartTime")) or None)
        status = _integer(record.get("SCF_StatusCode"))
        if status and status != RUNNING and (self.final is None or (logged or 0) >= self.final[0]):
            self.final = logged or 0, status, _bounded(record.get("SCF_Duration"))
        if report := parse_report(str(record.get("SCF_Message") or "")):
            self.cold_start |= report.cold_start_ms is not None
            if report.duration_ms is not None:
                self.report, self.report_log_ms = report, log_ms

    def row(self, request_id: str, retry: int) -> LoggedInvocation:
        duration = self.final[2] if self.final else None
        if self.report is not None:
            duration = self.report.duration_ms
        status = self.final[1] if self.final else (None if self.report else RUNNING)
        memory = self.report.memory_mb if self.report else None
        used = self.report.used_mb if self.report else None
        start = self._start(duration)
        last = max(self.last_log_ms, (start or 0) + (duration or 0))
        return LoggedInvocation(
            request_id, retry, self.function, start, duration, status, memory, used, last, self.cold_start
        )

    def _start(self, duration_ms: int | None) -> int | None:
        """Return the start that a record tells, else what the report's own time less the duration says."""
        if self.start_ms is not None:
            return self.start_ms
        if self.report_log_ms is not None and duration_ms is not None:
            return self.report_log_ms - duration_ms
        return self.first_log_ms


def _least(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


_LONGEST_HEADER = 5_000
"""Names of columns stand within so much of the first line. [1]"""
_MOST = 253_402_300_800_000
"""The end of the year 9999 in ms since the epoch: no instant, length or memory of a log is more."""
_MOST_DIGITS = 21
"""Digits of a number that a log may hold: instants in ns, as SCF_LogTime is, have 19. [1]"""


def _integer(value: Any) -> int | None:
    """Read a field that is text in JSON, and may be empty or a decimal; None where it holds no number."""
    number = _number(value)
    return None if number is None else int(number)


def _bounded(value: Any) -> int | None:
    """Read an instant, a length or a memory, None where it is beyond any that can be meant."""
    number = _integer(value)
    return None if number is None or abs(number) > _MOST else number


def _number(value: Any) -> Decimal | None:
    """Read a decimal, None where a field holds none."""
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() and number.adjusted() < _MOST_DIGITS else None
