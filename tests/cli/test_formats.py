"""`scfcost import` and `scfcost formats`, as a user meets them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.forked import scfcost
from tests.trace.formats.test_har import SOCKET


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "page.har").write_text(json.dumps({"log": {"entries": [SOCKET]}}))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCFCOST_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_an_imported_trace_costs_what_the_log_costs(desk: Path) -> None:
    done = scfcost("import", "page.har", "-o", "trace.parquet")
    assert (done.returncode, done.stdout) == (0, "")
    assert "read as HAR" in done.stderr
    assert "trace.parquet: 1 connection of 1 looked at" in done.stderr
    documents = [
        json.loads(scfcost("estimate", one, "--format", "json").stdout) for one in ("page.har", "trace.parquet")
    ]
    assert documents[0]["usage"] == documents[1]["usage"]
    assert documents[0]["trace"]["sources"] == ["page.har"]
    assert not list(desk.glob(".*.part"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["page.har", "-o", "trace.txt"], "end the name with .parquet or .csv"),
        (["page.har", "-o", "none/trace.parquet"], "none/trace.parquet: cannot be written"),
        (["none.har", "-o", "trace.parquet"], "none.har: no such file"),
        (["page.har", "--from", "hat", "-o", "trace.parquet"], "did you mean 'har'?"),
    ],
)
def test_a_mistake_is_one_message(desk: Path, arguments: list[str], said: str) -> None:
    done = scfcost("import", *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr


def test_a_trace_is_not_imported_again(desk: Path) -> None:
    (desk / "t.csv").write_text("connection_id,timestamp,event\na,1000,connect\n")
    done = scfcost("import", "t.csv", "-o", "trace.parquet")
    assert (done.returncode, "is a trace already" in done.stderr) == (2, True)


def test_the_formats_are_listed_and_explained() -> None:
    listed = scfcost("formats").stdout
    assert all(name in listed for name in ("pcap", "har", "scf-cls", "payload", "unknown"))
    assert "SSLKEYLOGFILE" in scfcost("formats", "pcap").stdout
    done = scfcost("formats", "pcpa")
    assert (done.returncode, "did you mean 'pcap'?" in done.stderr) == (2, True)


SESSIONS = "id,login_at,logout_at\n1,2026-01-01T10:00:00,2026-01-01T10:10:00\n"


def test_a_strangers_table_is_a_bill_in_two_steps(desk: Path) -> None:
    (desk / "s.csv").write_text(SESSIONS)
    assert scfcost("import", "s.csv", "--suggest", "-o", "m.toml").returncode == 0
    by_mapping = scfcost("estimate", "s.csv", "--from", "m.toml", "--format", "json")
    columns = ("--column", "connect_time=login_at", "--column", "close_time=logout_at")
    by_column = scfcost("estimate", "s.csv", *columns, "--format", "json")
    usage = [json.loads(one.stdout)["usage"] for one in (by_mapping, by_column)]
    assert usage[0] == usage[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "s.csv"], "give -o FILE, the trace file to write"),
        (["estimate", "s.csv", "--column", "connect_time"], "'connect_time' is no NAME=COLUMN"),
        (["estimate", "s.csv", "--column", "conect_time=x"], "did you mean 'connect_time'?"),
        (
            ["estimate", "s.csv", "--column", "connect_time=login_at", "--from", "har"],
            "leave --from and --log-format out",
        ),
    ],
)
def test_a_mistake_in_what_describes_a_table_is_one_message(desk: Path, arguments: list[str], said: str) -> None:
    (desk / "s.csv").write_text(SESSIONS)
    done = scfcost(*arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr


def test_the_keys_of_a_mapping_are_shown() -> None:
    assert "[pair]" in scfcost("formats", "mapping").stdout
