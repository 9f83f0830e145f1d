"""Bad rows and bad files: one clear message that says where and what."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scfcost.core.errors import BadRowsError, TraceError
from scfcost.trace.read import read_trace
from tests.trace.files import event, write_rows

T = 1_700_000_000_000
HEADER = "connection_id,timestamp,event,direction,bytes,close_code,closed_by\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",1700000000001,connect,,,,", "connection_id: missing"),
        ("a,,connect,,,,", "timestamp: missing"),
        ("a,soon,connect,,,,", "timestamp: 'soon' is not a number of epoch ms"),
        ("a,1700000000001,,,,,", "event: missing"),
        (
            "a,1700000000001,conect,,,,",
            "event: 'conect' is not known; expected connect, message, ping, pong, lost or close",
        ),
        ("a,1700000000001,message,sideways,,,", "direction: 'sideways' is not known; expected up or down"),
        ("a,1700000000001,message,up,1.5,,", "bytes: '1.5' is not a whole number of bytes"),
        ("a,1700000000001,message,up,-3,,", "bytes: negative: -3"),
        (
            "a,1700000000001,message,up,10000000000001,,",
            "bytes: 10000000000001 is absurd; expected at most 10000000000000",
        ),
        ("a,100000000000001,connect,,,,", "timestamp: 100000000000001 is absurd; expected the years 1 to 5138"),
        ("a,1700000000001,close,,,99,", "close_code: '99' is not a close code from 1000 to 4999"),
        ("a,1700000000001,close,,,1000,me", "closed_by: 'me' is not known; expected client or server"),
        ("z,1699999999999,message,up,1,,", "event: a message before the connect of connection 'z'"),
        ("z,1699999999999,close,,,,", "event: a close before the connect of connection 'z'"),
        ("z,1700000000005,connect,,,,", "event: a second connect of connection 'z'"),
        ("z,1700000000105,message,up,1,,", "event: a message after the close of connection 'z'"),
        ("z,1700000000105,close,,,,", "event: a second close of connection 'z'"),
        ("a,1700000000001,connect", "line: 3 values where the header has 7"),
        ("a,1700000000001,connect,,,,,x", "line: 8 values where the header has 7"),
    ],
)
def test_each_kind_of_bad_row_is_named_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}z,{T},connect,,,,\n{row}\nz,{T + 100},close,,,1000,client\n")
    with pytest.raises(BadRowsError) as caught:
        read_trace(path, time_unit="ms")
    line = 3 + row.count("\n")
    assert f"{path}:{line}: {message}" in str(caught.value).splitlines()


def test_the_first_ten_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    rows = [event("a", "soon", "connect") for _ in range(12)]
    path = write_rows(tmp_path / "t.csv", [event("a", T + n, "message") for n in range(20)] + rows)
    with pytest.raises(BadRowsError) as caught:
        read_trace(path)
    first, *listed, last = str(caught.value).splitlines()
    assert (first.split(";")[0], len(listed), last) == ("12 bad rows", 10, "… and 2 more")


def test_lines_are_counted_over_quoted_breaks_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'{HEADER}"a\nb",{T},connect,,,,\r\n\nc,soon,connect,,,,\n')
    with pytest.raises(BadRowsError, match=r"t\.csv:5: timestamp: 'soon'"):
        read_trace(path)


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}a,{T},connect,,,,\r\n".encode())
    assert read_trace(path).connections == 1


def test_skipped_rows_go_to_the_rejects_file_with_their_reason(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}a,{T},connect,,,,\na,soon,message,up,1,,\n")
    trace = read_trace(path, on_error="skip", rejects=tmp_path / "bad.csv")
    provenance = trace.provenance
    assert (provenance.rows_read, provenance.rows_used, provenance.rows_rejected) == (2, 1, 1)
    _, row = (tmp_path / "bad.csv").read_text().splitlines()
    assert row == f"{path},3,timestamp,'soon' is not a number of epoch ms,\"a,soon,message,up,1,,\""


def test_broken_json_lines_are_bad_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(f'{{"connection_id": "a", "timestamp": {T}, "event": "connect"}}\n{{"connection_id": \n[1]\n')
    with pytest.raises(BadRowsError, match=r"(?s)t\.jsonl:2: line: not JSON.*t\.jsonl:3: line: not a JSON object"):
        read_trace(path)


def test_rows_of_parquet_are_counted_from_one(tmp_path: Path) -> None:
    table = pa.table({"connection_id": ["a", "b"], "timestamp": [T, T], "event": ["connect", "open"]})
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(BadRowsError, match=r"t\.parquet:2: event: 'open' is not known"):
        read_trace(tmp_path / "t.parquet")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"\n\n", "is empty"),
        ("t.csv", HEADER.encode(), "no rows below the header"),
        ("t.csv", b"connection_id,timestmp,event\na,1,connect\n", r"no column timestamp \(is 'timestmp' meant\?\)"),
        ("t.csv", b"connection_id,connect_time\na,1\n", "needs close_time or duration_s"),
        ("t.csv", b"connection_id,timestamp,event,event\na,1,connect,x\n", "the column 'event' stands twice"),
        ("t.csv", b"1,2,3\n4,5,6\n", "holds no column names"),
        ("t.csv", bytes(range(256)), "binary file"),
        ("t.csv", "a,b".encode("utf-16"), "UTF-16"),
        ("t.zip", b"PK\x03\x04" + bytes(30), "zip archive"),
        ("t.pcap", b"\xd4\xc3\xb2\xa1" + bytes(30), "tshark"),
        ("t.html", b"<!DOCTYPE html><html></html>", "web page"),
        ("t.json", b'[{"connection_id": 1}]', "JSON array"),
        ("t.har", b'{"log": {"entries": []}}', "holds no WebSocket"),
        (
            "access.log",
            b'1.2.3.4 - - [25/Mar/2026:13:57:40 +0000] "GET / HTTP/1.1" 101 264 "-" "-"\n',
            "not how long it lived",
        ),
        ("t.parquet", b"PAR1" + bytes(40), "damaged or truncated Parquet"),
        ("t.csv.gz", gzip.compress(HEADER.encode() * 9999, mtime=0)[:40], "damaged or truncated gzip"),
    ],
)
def test_each_kind_of_bad_file_says_what_it_looks_like(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TraceError, match=message):
        read_trace(tmp_path / name)


def test_a_gzip_file_that_ends_in_its_middle_is_said(tmp_path: Path) -> None:
    whole = gzip.compress((HEADER + "".join(f"c{n},{T + n},connect,,,,\n" for n in range(50_000))).encode())
    (tmp_path / "t.csv.gz").write_bytes(whole[:-2000])
    with pytest.raises(TraceError, match="damaged or truncated gzip"):
        read_trace(tmp_path / "t.csv.gz")


def test_paths_that_hold_no_file_are_said(tmp_path: Path) -> None:
    write_rows(tmp_path / "traces.csv", [event("a", T, "connect")])
    with pytest.raises(TraceError, match=r"no such file; did you mean '.*traces\.csv'"):
        read_trace(tmp_path / "trace.csv")
    with pytest.raises(TraceError, match="is a directory"):
        read_trace(tmp_path)
    with pytest.raises(TraceError, match="no file matches"):
        read_trace(tmp_path / "*.parquet")
    with pytest.raises(TraceError, match="named twice"):
        read_trace([tmp_path / "traces.csv", tmp_path / "*.csv"])
    with pytest.raises(TraceError, match="no trace given"):
        read_trace([])


def test_a_file_name_that_is_no_text_is_said(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="not valid UTF-8; rename it"):
        read_trace(str(tmp_path / "caf\udce9.csv"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_layout_that_only_the_first_rows_have_is_not_taken_for_all(tmp_path: Path, suffix: str) -> None:
    rows = [event(n, T + n, "connect") for n in range(1000)]
    path = write_rows(tmp_path / f"t{suffix}", [*rows, event("last", T, "connect")])
    assert read_trace(path).connection_id.tolist()[-1] == "last"
    write_rows(path, [*rows, event(2000, T // 1000, "connect")])
    with pytest.raises(TraceError, match="mixed time units"):
        read_trace(path)


def test_mixed_units_of_time_are_refused_and_can_be_forced(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "t.csv", [event("a", T // 1000, "connect"), event("b", T, "connect")])
    with pytest.raises(TraceError, match="mixed time units"):
        read_trace(path)
    assert read_trace(path, time_unit="ms").connect_ms.tolist() == [T // 1000, T]


def test_mixed_shapes_are_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.csv", [event("a", T, "connect")])
    (tmp_path / "b.csv").write_text("connection_id,connect_time,duration_s\nb,1700000000,5\n")
    with pytest.raises(TraceError, match="read them one at a time"):
        read_trace([tmp_path / "a.csv", tmp_path / "b.csv"])


@pytest.mark.parametrize("length", ["1e13", "1e18", "99999999999999999999", "-1e19"])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_length_beyond_every_calendar_is_a_bad_row(tmp_path: Path, length: str, suffix: str) -> None:
    path = tmp_path / f"t.{suffix}"
    rows = {"connection_id": ["a", "b"], "connect_time": [T, T], "duration_s": ["5", length]}
    if suffix == "csv":
        path.write_text("\n".join(",".join(map(str, row)) for row in [tuple(rows), *zip(*rows.values(), strict=True)]))
    else:
        exact = pa.array(map(Decimal, rows["duration_s"]), pa.decimal128(38, 3))
        pq.write_table(pa.table({**rows, "duration_s": exact}), path)
    with pytest.raises(BadRowsError, match=r"duration_s: .* (is absurd|is negative|before)"):
        read_trace(path)


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters_are_recognised(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}a,{T},connect,,,,\n".replace(",", delimiter))
    assert read_trace(path).connections == 1


@pytest.mark.parametrize("column", ["connection_id", "timestamp", "event", "bytes"])
@pytest.mark.parametrize("nested", [[1], {"value": 1}], ids=["list", "struct"])
def test_a_column_of_lists_or_structures_is_refused(tmp_path: Path, column: str, nested: object) -> None:
    row = {"connection_id": "a", "timestamp": T, "event": "connect", "bytes": 0, "note": nested, column: nested}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "t.parquet")
    with pytest.raises(TraceError, match=rf"t.parquet: {column}: a column of type .* holds no single values"):
        read_trace(tmp_path / "t.parquet")
