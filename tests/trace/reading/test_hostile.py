"""Nothing of an input is code: whatever columns, ids, functions and files are called, the right rows are read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scfcost.core.errors import BadRowsError
from scfcost.trace.read import read_trace
from scfcost.trace.reading import load
from scfcost.trace.reading.columns import CONNECTIONS, EVENTS, plain_name
from scfcost.trace.reading.database import database
from tests.depth import depth
from tests.trace.hostile import FILES, NAMES, TEXT

START = 1_760_000_000_000
KINDS = [".csv", ".jsonl", ".parquet"]
relaxed = settings(max_examples=depth(5, 12), suppress_health_check=[HealthCheck.function_scoped_fixture])
KNOWN = {*EVENTS.columns, *CONNECTIONS.columns}


def write(path: Path, columns: dict[str, list[str]]) -> Path:
    """Write columns of text as the suffix says."""
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    if path.suffix == ".parquet":
        pq.write_table(pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()}), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(columns), quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def columns_of(ids: list[str], **more: list[str]) -> dict[str, list[str]]:
    """Return the events of connections of one second each."""
    return {
        "connection_id": [one for one in ids for _ in range(2)],
        "timestamp": [str(START + 1000 * step) for _ in ids for step in range(2)],
        "event": ["connect", "close"] * len(ids),
        **{name: [cell for cell in cells for _ in range(2)] for name, cells in more.items()},
    }


def extra(name: str) -> bool:
    """Whether a name can stand beside those of a trace."""
    return plain_name(name) not in KNOWN and plain_name(name) != ""


def carefully(path: Path, **options: Any) -> Any:
    """Read a file with the careful reading alone."""
    with mock.patch.object(load, "read", side_effect=load.UnsoundRowsError):
        return read_trace(path, **options)


def only(folder: Path, *names: str) -> None:
    """Hold a folder to some files: nothing was written beside them."""
    assert {path.name for path in folder.iterdir()} <= set(names)


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("reading", [read_trace, carefully])
@relaxed
@given(names=st.lists(TEXT.filter(extra), min_size=1, max_size=4, unique_by=plain_name), value=TEXT)
def test_no_column_is_code(
    suffix: str, reading: Callable[..., Any], names: list[str], value: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    if suffix == ".csv" and {"\0", "\r"} & set("".join(names) + value):
        return  # a text file with NUL is refused as a binary one; a line that ends within quotes is the writer's own
    path = write(tmp_path / f"t{suffix}", columns_of(["a", "b"]) | {name: [value] * 4 for name in names})
    assert reading(path).connection_id.tolist() == ["a", "b"]
    only(tmp_path, path.name)


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("reading", [read_trace, carefully])
@relaxed
@given(ids=st.lists(TEXT.filter(lambda one: "\0" not in one), min_size=1, max_size=5, unique=True), function=TEXT)
def test_no_id_or_function_is_code(
    suffix: str, reading: Callable[..., Any], ids: list[str], function: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    function = function.replace("\0", "") or "f"
    if suffix == ".csv":  # line ends inside of quotes are the writer's own
        ids = list(dict.fromkeys(one.replace("\r", "r") for one in ids))
        function = function.replace("\r", "r")
    path = write(tmp_path / f"t{suffix}", columns_of(ids, function=[function] * len(ids)))
    trace = reading(path)
    assert {str(one) for one in trace.connection_id} == set(ids)
    assert trace.functions == (function,)
    only(tmp_path, path.name)


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("reading", [read_trace, carefully])
def test_columns_without_a_name_are_not_read(suffix: str, reading: Callable[..., Any], tmp_path: Path) -> None:
    path = write(tmp_path / f"t{suffix}", columns_of(["a", "b"]) | {"": ["x"] * 4, " ": ["y"] * 4, "\t ": ["z"] * 4})
    assert reading(path).connection_id.tolist() == ["a", "b"]


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("reading", [read_trace, carefully])
def test_columns_of_no_meaning_may_stand_twice(suffix: str, reading: Callable[..., Any], tmp_path: Path) -> None:
    path = write(tmp_path / f"t{suffix}", columns_of(["a", "b"]) | {"ID": ["x"] * 4, "id": ["y"] * 4, " Id": ["z"] * 4})
    assert reading(path).connection_id.tolist() == ["a", "b"]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_line_end_within_the_name_of_a_column_ends_no_header(end: str, tmp_path: Path) -> None:
    rows = f"a,{START},connect,1\nb,{START},connect,2\n"
    (tmp_path / "t.csv").write_text(f'connection_id,timestamp,event,"x{end}y"\n{rows}', newline="")
    assert read_trace(tmp_path / "t.csv").connection_id.tolist() == ["a", "b"]


BESIDE = [name for name in NAMES if extra(name) and "\0" not in name]
_SIDE_BY_SIDE = depth(8, 1)
"""How many columns stand beside those of a trace at once. [1]"""


@pytest.mark.parametrize("first", range(0, len(BESIDE), _SIDE_BY_SIDE))
def test_a_bad_row_beside_any_column_is_told(first: int, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    names = {plain_name(name): name for name in BESIDE[first : first + _SIDE_BY_SIDE]}.values()
    for suffix in KINDS:
        columns = columns_of(["a"]) | {name: ["1", "2"] for name in names}
        columns["timestamp"][1] = "x"
        path = write(tmp_path / f"t{suffix}", columns)
        with pytest.raises(BadRowsError, match=f"t{suffix}:.*timestamp: 'x' is not a number|timestamp"):
            read_trace(path)
        skipped = read_trace(path, on_error="skip", rejects=tmp_path / "rejects.csv")
        assert (skipped.connections, skipped.provenance.rows_rejected) == (1, 1)
        only(tmp_path, path.name, "rejects.csv", "t.csv", "t.jsonl", "t.parquet")


@pytest.mark.parametrize("suffix", KINDS)
@relaxed
@given(name=FILES, folder=FILES)
def test_a_found_file_is_no_pattern(suffix: str, name: str, folder: str, tmp_path_factory: Any) -> None:
    at = tmp_path_factory.mktemp("files")
    for place, one in ((at / "d1", "wrong"), (at / "a", "wrong"), (at / folder, "right")):
        place.mkdir(exist_ok=True)
        write(place / f"{name}{suffix}", columns_of([one]))
        write(place / f"x{suffix}" if name != "x" else place / f"y{suffix}", columns_of(["wrong"]))
    assert read_trace(at / folder / f"{name}{suffix}").connection_id.tolist() == ["right"]


def test_the_database_reaches_no_other_file(tmp_path: Path) -> None:
    import duckdb

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "other.csv").write_text("a\n1\n")
    for statement in (
        f"SELECT * FROM read_csv('{tmp_path}/other.csv')",
        f"SELECT * FROM read_text('{scratch}/../other.csv')",
        f"COPY (SELECT 1) TO '{tmp_path}/written.csv'",
        f"ATTACH '{tmp_path}/new.db'",
        f"SELECT * FROM glob('{tmp_path}/*')",
        f"EXPORT DATABASE '{tmp_path}/all'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "RESET lock_configuration",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM tmp_path",
        "SELECT * FROM read_csv('https://example.org/a.csv')",
    ):
        with database(scratch) as connection, pytest.raises(duckdb.Error):
            connection.execute(statement).fetchall()
    assert {path.name for path in tmp_path.iterdir()} == {"scratch", "other.csv"}


def test_the_database_may_spill(tmp_path: Path) -> None:
    with database(tmp_path, "40MB", threads=1) as connection:
        sql = "SELECT max(x) FROM (SELECT hash(range) AS x, repeat('a', 30) AS y FROM range(3000000) ORDER BY y, x)"
        assert connection.execute(sql).fetchall()
