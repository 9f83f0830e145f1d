"""What an import keeps: marks of the closes that the old server made, and clients without their addresses."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from scfcost.cli.app import app
from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.read import read_trace
from tests.trace.formats.samples import LINES
from tests.trace.formats.test_lines import NGINX, lives, log, notes

HAPROXY = str(LINES / "haproxy_lab.log")


def imported(source: str, output: Path, *flags: str) -> Path:
    done = CliRunner().invoke(app, ["import", source, "-o", str(output), *flags])
    assert done.exit_code == 0, done.exception
    return output


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_marks_of_the_proxys_own_timeout_survive_an_import(tmp_path: Path, suffix: str) -> None:
    trace = read_trace(HAPROXY)
    kept = read_trace(imported(HAPROXY, tmp_path / f"t{suffix}"))
    assert trace.source_cut is not None
    assert kept.source_cut is not None
    assert kept.source_cut.tolist() == trace.source_cut.tolist() == [1, 0]
    for one in (trace, kept):
        assert (one.provenance.censored, one.provenance.source_idle_ms) == (1, 2008)
    assert "unknown_columns" not in notes(kept)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_timeouts_that_were_named_at_the_import_need_not_be_named_again(tmp_path: Path, suffix: str) -> None:
    path = imported(HAPROXY, tmp_path / f"t{suffix}", "--source-idle-timeout", "1.5", "--source-max-life", "0.7")
    kept = read_trace(path)
    assert kept.source_cut is not None
    assert kept.source_cut.tolist() == [2, 2]
    assert kept.provenance.source_life_ms == 700
    answer = CliRunner().invoke(app, ["estimate", str(path), "--format", "json"]).stdout
    assert "censored" in {one["code"] for one in json.loads(answer)["warnings"]}


@pytest.mark.needs("tshark")
def test_marks_of_events_stand_on_the_close(tmp_path: Path) -> None:
    pcap = str(LINES / "zeek_http_websocket.pcap")
    path = imported(pcap, tmp_path / "t.parquet", "--source-max-life", "0.001")
    rows = pq.read_table(path).to_pylist()
    assert [row["event"] for row in rows if row["censored"] == "life"] == ["close"]
    assert read_trace(path).provenance.censored == 1


@pytest.mark.parametrize(
    ("cells", "message"),
    [("idel,1", "censored: 'idel' is neither idle nor life"), ("idle,soon", "source_timeout_s: 'soon' is no number")],
)
def test_a_mark_that_is_none_is_refused(tmp_path: Path, cells: str, message: str) -> None:
    path = log(
        tmp_path / "c.csv", "connection_id,connect_time,close_time,censored,source_timeout_s", f"1,1000,2000,{cells}"
    )
    with pytest.raises(TraceError, match=message):
        read_trace(path)


def test_addresses_are_hashed_with_a_key_of_the_import(tmp_path: Path) -> None:
    path = log(tmp_path / "a.log", NGINX, NGINX.replace("486.372", "489.980"), NGINX.replace("10.0.0.1", "2001:db8::7"))
    first, again = (imported(str(path), tmp_path / f"{one}.parquet") for one in ("first", "again"))
    names = [pq.read_table(one).column("client").to_pylist() for one in (first, again)]
    assert all(len(set(one)) == 2 and {len(name) for name in one} == {16} for one in names)
    assert not set(names[0]) & set(names[1])
    assert b"10.0.0.1" not in first.read_bytes()
    assert lives(read_trace(first, stitch=("client", 1))) == lives(read_trace(path, stitch=("client", 1)))


def test_addresses_are_kept_on_request_and_other_fields_too(tmp_path: Path) -> None:
    path = log(tmp_path / "a.log", NGINX.replace("- - [", "- ann ["), NGINX.replace("10.0.0.1", "2001:db8::7"))
    kept = pq.read_table(imported(str(path), tmp_path / "t.parquet", "--keep-addresses")).column("client").to_pylist()
    assert sorted(kept) == ["10.0.0.1", "2001:db8::7"]
    kept = pq.read_table(
        imported(str(path), tmp_path / "u.parquet", "--keep-addresses", "--client", "remote_user")
    ).column("client").to_pylist()  # fmt: skip
    assert sorted(kept, key=str) == [None, "ann"]


def test_stitch_needs_both_of_its_flags() -> None:
    for flags, missing in ((["--stitch", "client"], "--within"), (["--within", "9"], "--stitch")):
        done = CliRunner().invoke(app, ["estimate", HAPROXY, *flags])
        assert isinstance(done.exception, ConfigError)
        assert missing in str(done.exception)


def test_a_close_by_the_platforms_timeouts_is_a_mark(tmp_path: Path) -> None:
    cells = {"SCF_RequestId": "r", "SCF_StartTime": "1653523171317", "SCF_Duration": "15000", "SCF_StatusCode": "455",
             "SCF_FunctionName": "f", "SCF_LogTime": "1653523186317573463", "SCF_Type": "Platform",
             "SCF_Message": "Report RequestId:r Duration:15000ms Memory:128MB MemUsage:1MB"}  # fmt: skip
    path = log(tmp_path / "cls.json", json.dumps(cells))
    found = read_trace(path)
    assert (found.provenance.censored, found.provenance.source_idle_ms) == (1, 15_000)
