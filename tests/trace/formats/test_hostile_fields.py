"""Whatever the fields of a log are called, a mapping finds them, and none is more than a name."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.read import read_trace
from scfcost.trace.reading.columns import plain_name
from tests.trace.hostile import NAMES

START = 1_760_000_000_000
ODD = [name for name in dict.fromkeys(NAMES) if name not in ("\0", "\r", "\n", "\t")]  # which no table's header holds
NAMED = ('"', "\\", "'; COPY (SELECT 1) TO 'pwned'; --", "_file", " raw", "a.b", "a/b", "=1+1", "x" * 10_000)
"""Those that a mapping names in turn, while all others stand beside it."""


def text(name: str) -> str:
    """Return a name as TOML has it."""
    return '"' + "".join(one if one.isprintable() and one not in '"\\' else f"\\u{ord(one):04x}" for one in name) + '"'


def columns_for(name: str) -> dict[str, list[str]]:
    """Return the cells of three rows, one of them bad, under a name and all others."""
    starts = [str(START), str(START + 100), "soon"]
    return {one: ["x", "y", "z"] for one in ODD} | {name: starts, "took": ["500", "700", "1"], "who": ["a", "b", "c"]}


def written(path: Path, columns: dict[str, list[str]], kind: str, *, header: bool = True) -> Path:
    rows = list(zip(*columns.values(), strict=True))
    if kind == "json":
        path.write_text("".join(json.dumps(dict(zip(columns, row, strict=True))) + "\n" for row in rows))
        return path
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([columns, *rows] if header else rows)
    return path


@pytest.mark.parametrize("name", NAMED, ids=range(len(NAMED)))
@pytest.mark.parametrize("kind", ["json", "delimited", "listed"])
def test_a_mapping_finds_a_field_by_any_name(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    columns = columns_for(name)
    listed = f"columns = [{', '.join(map(text, columns))}]\n" if kind == "listed" else ""
    fields = f'connect_time = {text(name)}\nduration = "took"\nclient = "who"\n'
    units = '[units]\ntime = "ms"\nduration = "ms"\n'
    shape = "json" if kind == "json" else "delimited"
    Path("m.toml").write_text(f'kind = "{shape}"\n{listed}[fields]\n{fields}{units}', encoding="utf-8")
    log = written(tmp_path / "l", columns, shape, header=not listed)
    trace = read_trace(log, source_format="m.toml", on_error="skip", rejects="r.csv")
    assert (trace.natural_ms().tolist(), trace.provenance.rows_rejected) == ([500, 700], 1)
    assert {one.name for one in tmp_path.iterdir()} == {"l", "m.toml", "r.csv"}


@pytest.mark.parametrize("name", NAMED, ids=range(len(NAMED)))
def test_a_column_is_named_on_the_command_line_by_any_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named: dict[str, Any] = {"time_unit": "ms", "on_error": "skip", "rejects": "r.csv"}
    cells = columns_for(name)
    columns = {"connect_time": name, "duration_ms": "took", "client": "who"}
    log = written(tmp_path / "l", cells, "csv")
    assert read_trace(log, columns=columns, **named).natural_ms().tolist() == [500, 700]
    cells = dict({plain_name(one): (one, values) for one, values in cells.items()}.values())  # a trace knows no case
    pq.write_table(pa.table(list(cells.values()), names=list(cells)), "l.parquet")
    columns = {"connect_time": name, "connection_id": "who", "duration_s": "took"}
    assert read_trace("l.parquet", columns=columns, **named).natural_ms().tolist() == [500_000, 700_000]
    assert {one.name for one in tmp_path.iterdir()} == {"l", "l.parquet", "r.csv"}


def test_columns_that_differ_in_their_case_are_two(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        'kind = "delimited"\n[fields]\nconnect_time = "At"\nduration = "took"\n[units]\ntime = "ms"\nduration = "ms"\n'
    )
    (tmp_path / "l.csv").write_text(f"at,At,took\n1,{START},500\n2,{START + 1},600\n")
    trace = read_trace(tmp_path / "l.csv", source_format=str(tmp_path / "m.toml"))
    assert trace.connect_ms.tolist() == [START, START + 1]


def test_a_damaged_table_with_named_columns_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1" + bytes(40))
    with pytest.raises(TraceError, match=r"t\.parquet: cannot be read as Parquet"):
        read_trace(tmp_path / "t.parquet", columns={"connect_time": "at"})
