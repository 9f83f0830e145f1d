"""SCF's own log records into invocations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.formats.scf_records import invocations_of, parse_report, records_of_text
from tests.trace.formats.samples import LINES

RECORD = {
    "SCF_FunctionName": "chat", "SCF_RequestId": "r1", "SCF_RetryNum": "0", "SCF_StartTime": "1000",
    "SCF_LogTime": "1000000000", "SCF_Duration": "0", "SCF_StatusCode": "202", "SCF_Message": "START RequestId: r1",
    "SCF_Type": "Platform",
}  # fmt: skip


def record(**fields: Any) -> dict[str, Any]:
    return {**RECORD, **{f"SCF_{name}": str(value) for name, value in fields.items()}}


REPORT = record(
    LogTime=6_000_000_000, Duration=5000, StatusCode=455,
    Message="Report RequestId: r1 Duration:5000ms Memory:256MB MemUsage:19.6758MB",
)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "duration", "memory"),
    list(
        zip(
            (LINES / "tencent_scf_report_lines.log").read_text().splitlines(),
            (390, 2005, 3, 2214, 39826, 204, 23761),
            (512, 128, 128, 128, 64, 256, 256),
            strict=True,
        )
    ),
)
def test_a_report_line_is_read_in_every_spelling(line: str, duration: int, memory: int) -> None:
    report = parse_report(line)
    assert report is not None
    assert (report.duration_ms, report.memory_mb, report.cold_start_ms) == (duration, memory, None)
    assert report.used_mb is not None and report.used_mb > 10


def test_the_report_of_an_initialisation_is_no_end() -> None:
    line = "Init Report RequestId: r1 Coldstart: 236ms (PullCode: 70ms InitFunction: 158ms) Memory: 640MB"
    (row,) = invocations_of([RECORD, record(Message=line)])
    assert (row.cold_start, row.duration_ms, row.status) == (True, None, 202)
    assert parse_report("END RequestId: r1") is None


def test_the_real_envelope_holds_one_request_that_still_runs() -> None:
    text = (LINES / "tencent_cls_scf_records.json").read_text()
    records, others = records_of_text(text, "cls.json")
    (row,) = invocations_of(records)
    assert others == 0
    assert (row.function, row.start_ms, row.status, row.duration_ms) == ("log-test", 1653523171317, 202, None)


@pytest.mark.parametrize("shape", ["lines", "array", "pretty", "search", "rows", "envelope", "csv"])
def test_records_are_found_in_every_wrapping(shape: str) -> None:
    both = [RECORD, REPORT]
    inner = [json.dumps(one) for one in both]
    text = {
        "lines": "\n".join(inner),
        "array": json.dumps(both),
        "pretty": json.dumps(both, indent=2),
        "search": json.dumps({"Response": {"Results": [{"Time": 1, "LogJson": one} for one in inner]}}),
        "rows": "\n".join(json.dumps({"content": one, "source": "10.0.0.1", "timestamp": 1}) for one in inner),
        "envelope": json.dumps({"records": [{"timestamp": 1, "content": one} for one in inner]}),
        "csv": "\n".join([",".join(RECORD), *(",".join(one.values()) for one in both)]),
    }[shape]
    records, others = records_of_text(text, "log")
    (row,) = invocations_of(records)
    assert (row.start_ms, row.duration_ms, row.status, row.memory_mb, others) == (1000, 5000, 455, 256, 0)


def test_the_order_of_records_and_repeated_ones_change_nothing() -> None:
    end = record(LogTime=6_000_000_001, Duration=5000, StatusCode=455, Message="END RequestId: r1")
    rows = [RECORD, record(Message="hello"), end, REPORT]
    assert invocations_of(rows) == invocations_of(rows[::-1]) == invocations_of(rows * 2)


def test_a_repetition_is_an_invocation_of_its_own() -> None:
    assert [row.retry for row in invocations_of([REPORT, {**REPORT, "SCF_RetryNum": "1"}])] == [0, 1]


def test_compact_records_get_their_start_from_the_report() -> None:
    compact = {key: value for key, value in REPORT.items() if key not in ("SCF_StartTime", "SCF_Duration")}
    (row,) = invocations_of([compact])
    assert (row.start_ms, row.duration_ms) == (1000, 5000)


def test_a_broken_last_line_is_counted() -> None:
    records, others = records_of_text(json.dumps(RECORD) + '\n{"SCF_Reque', "log")
    assert (len(records), others) == (1, 1)


def test_a_refused_request_did_not_run() -> None:
    rows = invocations_of([record(RequestId=code, StatusCode=code) for code in (200, 429, 432, 433, 450, 455)])
    assert [row.ran for row in rows] == [True, False, False, True, False, True]


def test_report_lines_alone_are_refused_with_the_remedy() -> None:
    text = (LINES / "tencent_scf_report_lines.log").read_text()
    with pytest.raises(TraceError, match=r"^log: report lines alone do not say when .* export .* as JSON"):
        records_of_text(text, "log")
    with pytest.raises(TraceError, match="holds no record of a function"):
        records_of_text('{"a": 1}', "log")


def test_instants_in_nanoseconds_tell_how_long_a_log_goes_on() -> None:
    times = 1_795_585_328_905_000_001, 1_795_585_329_478_000_091
    start, later = (record(StartTime=1_795_585_328_905, LogTime=one) for one in times)
    (row,) = invocations_of([start, later])
    assert (row.start_ms, row.last_ms) == (1_795_585_328_905, 1_795_585_329_478)


def test_a_line_end_of_other_scripts_stands_inside_a_record() -> None:
    line = '{"SCF_RequestId": "a", "SCF_Message": "one\u2028two"}'
    assert records_of_text(f"{line}\n", "log") == ([{"SCF_RequestId": "a", "SCF_Message": "one\u2028two"}], 0)


def test_a_cut_line_that_names_the_field_is_no_header() -> None:
    with pytest.raises(TraceError, match="holds no record"):
        records_of_text('onName": "chat", "SCF_RequestId": "r1"\n8MB"}\n', "log")


def test_a_report_with_odd_numbers_tells_none() -> None:
    found = parse_report("Report RequestId: r Duration:1.2.3ms Memory:128MB MemUsage:1.2.3MB")
    assert found is not None
    assert (found.duration_ms, found.used_mb) == (None, None)


def test_an_instant_or_a_length_beyond_every_calendar_is_none() -> None:
    long, ended = "9" * 20, {"SCF_RequestId": "a", "SCF_LogTime": "1790000000000000000", "SCF_StatusCode": "200"}
    (row,) = invocations_of([{**ended, "SCF_StartTime": long, "SCF_Duration": long}])
    assert (row.start_ms, row.duration_ms) == (1_790_000_000_000, None)
    (row,) = invocations_of([{**ended, "SCF_Message": f"Report RequestId: a Duration:{long}ms Memory:{long}MB"}])
    assert (row.duration_ms, row.memory_mb) == (None, None)
