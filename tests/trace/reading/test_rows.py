"""Rows as people and programs write them: too long, with commas too many, told twice, in odd numbers."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from scfcost.core.errors import BadRowsError, TraceError
from scfcost.trace.read import read_trace

HEADER = "connection_id,timestamp,event"
START = 1_760_000_000_000
SOUND = f"a,{START},connect,\na,{START + 2000},close,\n"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("size", [1 << 18, 33 << 20])
def test_a_long_last_row_is_read(size: int, end: str, packed: bool, tmp_path: Path) -> None:
    text = f"{HEADER},note\n{SOUND}b,{START},connect,{'z' * size}{end}".encode()
    path = tmp_path / "t.csv"
    path.write_bytes(gzip.compress(text, 1, mtime=0) if packed else text)
    assert read_trace(path).connection_id.tolist() == ["a", "b"]


def test_a_row_that_is_longer_than_any_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER},note\n{SOUND}b,{START},connect,{'z' * (65 << 20)}\n")
    with pytest.raises(BadRowsError, match=r"t.csv:4: line: field larger than field limit"):
        read_trace(path)


def test_commas_at_the_end_name_no_column(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"a,{START},connect", f"a,{START + 5},close"]
    for commas in (("", ""), (",", ","), (",,", ",,"), (",", ""), ("", ","), ("", ",,,"), (",,", ",")):
        path.write_text(f"{HEADER}{commas[0]}\n" + "".join(f"{row}{commas[1]}\n" for row in rows))
        assert read_trace(path).close_ms.tolist() == [START + 5], commas
        assert not [one for one in read_trace(path).provenance.warnings if one.code == "unknown_columns"]


@pytest.mark.parametrize(
    "first", [f"a,{START},connect", f"a,{START},connect,,,,", "1,2,3", "connect,close", f"{START}"]
)
def test_a_first_line_of_values_is_no_header(first: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{first}\n{SOUND}")
    with pytest.raises(TraceError, match=r"the first line holds no column names|is no log of a known format"):
        read_trace(path)


def test_a_life_told_twice_must_agree(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    head = "connection_id,connect_time,close_time,duration_s"
    for seconds in ("2", "2.0004", "1.5"):
        path.write_text(f"{head}\na,{START},{START + 2000},{seconds}\n")
        assert read_trace(path).close_ms.tolist() == [START + 2000]
    for seconds in ("1", "3", "50"):
        path.write_text(f"{head}\na,{START},{START + 2000},{seconds}\n")
        with pytest.raises(BadRowsError, match=r"duration_s: .* s, but close_time is 2000 ms after"):
            read_trace(path)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@pytest.mark.parametrize("size", ["0x5", "1_000", "1e3", "1E3", "0b1", "5.5", "--5", "5 5", "٥", "1,0"])
def test_what_is_no_whole_number_is_a_bad_row(size: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{suffix}"
    if suffix == ".csv":
        path.write_text(f'{HEADER},bytes\na,{START},connect,\na,{START + 1},message,"{size}"\n')
    else:
        rows = (f'"timestamp": {START + step}, "event": "{what}"' for step, what in ((0, "connect"), (1, "message")))
        path.write_text("".join(f'{{"connection_id": "a", {row}, "bytes": "{size}"}}\n' for row in rows))
    with pytest.raises(BadRowsError, match=r"bytes: .* is not a whole number"):
        read_trace(path)


@pytest.mark.parametrize(
    ("size", "read"), [("5", 5), ("05", 5), ("+5", 5), (" 5 ", 5), ("5.0", 5), ("5.", 5), ("0", 0)]
)
def test_a_whole_number_may_be_written_so(size: str, read: int, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER},bytes\na,{START},connect,\na,{START + 1},message,{size}\n")
    assert read_trace(path).message_bytes.tolist() == [read]


@pytest.mark.parametrize(
    "instant", ["0x5", "1_760_000_000_001", "0000-01-01T00:00:00Z", "-9223372036854775808", "inf", "nan"]
)
def test_what_is_no_instant_is_a_bad_row(instant: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}\na,{START},connect\na,{instant},close\n")
    with pytest.raises(TraceError, match="timestamp"):
        read_trace(path)


def test_a_message_is_short_however_long_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    for text in (
        f"{HEADER}\na,{'9' * 100_000},connect\n",
        f"{'x' * 10_000_000}\n1\n",
        f"{HEADER}\na,{START},{'y ' * 9_999}\n",
    ):
        path.write_text(text)
        with pytest.raises(TraceError) as found:
            read_trace(path)
        assert max(len(line) for line in str(found.value).replace(str(tmp_path), "").split("\n")) <= 200
