"""Connections out of paired lines, held to a walk over the lines."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scfcost.core.errors import TraceError
from scfcost.trace.formats.pairing import COLUMNS, LEFT_OUT, START, Paired, Pairing, write_paired
from tests.depth import depth
from tests.oracles.pairing import Life, Line, shared_keys, unique_keys


@cache
def one_database() -> duckdb.DuckDBPyConnection:
    """Return a database for all tests: opening one takes longer than a test."""
    return duckdb.connect()


def paired(lines: list[Line], pairing: Pairing, path: Path) -> tuple[list[Life], Paired]:
    nothing = [None] * len(lines)
    texts = dict.fromkeys([f"_{one}" for one in COLUMNS] + ["client"], nothing)
    columns = {name: pa.array(values, pa.string()) for name, values in texts.items()}
    columns |= {"_key": pa.array([None if one.event == "restart" else one.key for one in lines], pa.string())}
    columns |= {"_event": pa.array([one.event for one in lines]), "connect_time": pa.array([one.at for one in lines])}
    columns |= {name: pa.array(nothing, pa.int64()) for name in ("_payload", "_code")}
    connection = one_database()
    connection.register("found", pa.table(columns))
    told = write_paired(connection, pairing, "TRUE", path, "a.log", "a")
    rows = connection.execute("SELECT key, started, ended FROM sessions").fetchall()
    return sorted([Life(*row) for row in rows], key=str), told


def lines_of(*events: str) -> st.SearchStrategy[list[Line]]:
    line = st.builds(Line, st.integers(0, 20), st.sampled_from(events), st.sampled_from("ab"))
    return st.lists(line, min_size=1, max_size=14).map(lambda lines: sorted(lines, key=lambda one: one.at))


def instants_apart(lines: list[Line]) -> list[Line]:
    """Leave one instant to each line, so that a restart ties with none."""
    return [line._replace(at=2 * place) for place, line in enumerate(lines)]


@settings(max_examples=depth(8, 25))
@given(lines_of("connect", "close"))
def test_a_key_that_one_connection_has_at_a_time(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> None:
    found, told = paired(lines, Pairing(), tmp_path_factory.mktemp("pairs") / "p.parquet")
    expected, never_opened = unique_keys(lines)
    assert found == expected
    assert told.left_out == never_opened
    assert told.connections == len(expected)


@settings(max_examples=depth(8, 20))
@given(lines_of("connect", "close", "connect", "restart").map(instants_apart))
def test_a_restart_ends_what_is_open(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> None:
    found, _ = paired(lines, Pairing(), tmp_path_factory.mktemp("pairs") / "p.parquet")
    ends = {life.end for life in unique_keys(lines)[0]}
    assert {life.end for life in found} <= ends | {line.at for line in lines}
    restarts = [line.at for line in lines if line.event == "restart"]
    crossing = [
        (life, at) for life in found for at in restarts if life.start < at and (life.end is None or life.end > at)
    ]
    closes = {(line.key, line.at) for line in lines if line.event == "close"}
    assert all((life.key, life.end) in closes for life, _ in crossing)


@settings(max_examples=depth(8, 25))
@given(lines_of("connect", "close"))
def test_a_key_that_several_have_at_a_time(tmp_path_factory: pytest.TempPathFactory, lines: list[Line]) -> None:
    found, told = paired(lines, Pairing(shared=True), tmp_path_factory.mktemp("pairs") / "p.parquet")
    expected, never_opened = shared_keys(lines)
    assert found == expected
    assert told.left_out == never_opened
    assert [one.code for one in told.warnings][-1] == "shared_keys"


def test_what_becomes_of_lines_without_their_other(tmp_path: Path) -> None:
    lines = [Line(0, "close", "a"), Line(5, "connect", "b"), Line(9, "message", "b"), Line(20, "close", "c")]
    path = tmp_path / "p.parquet"
    found, told = paired(lines, Pairing(), path)
    assert found == [Life("b", 5, None)]
    assert {one.code: one.message.rsplit(": ", 1)[1].split()[0] for one in told.warnings} == {
        "unopened": "2",
        "unclosed": "1",
    }
    assert [row["event"] for row in pq.read_table(path).to_pylist()] == ["connect", "message"]
    assert paired(lines, Pairing(unclosed="last line"), path)[0] == [Life("b", 5, 9)]
    assert paired(lines, Pairing(unclosed=LEFT_OUT), path)[0] == []
    kept = paired(lines, Pairing(unopened=START), path)[0]
    assert [one for one in kept if one.key != "b"] == [Life("a", 0, 0), Life("c", 0, 20)]


def test_an_id_that_may_not_come_again_is_refused_twice(tmp_path: Path) -> None:
    lines = [Line(0, "connect", "a"), Line(5, "connect", "a")]
    with pytest.raises(TraceError, match=r"a\.log: two connect rows of the id 'a'; with \[pair\]"):
        paired(lines, Pairing(again=False), tmp_path / "p.parquet")
