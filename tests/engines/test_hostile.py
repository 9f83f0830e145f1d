"""Nothing of an input is code in parts either, here or on a cluster: what it is called, the right rows are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.in_parts import estimate_in_parts
from scfcost.config.function import FunctionConfig
from scfcost.engines.local import execute
from scfcost.engines.plan import Plan
from scfcost.trace.read import read_trace
from scfcost.trace.reading.columns import plain_name
from scfcost.trace.reading.sources import expand, resolve
from tests.depth import depth
from tests.engines.test_identical import job, without_sources
from tests.trace.hostile import FILES, NAMES, TEXT
from tests.trace.reading.test_hostile import KINDS, columns_of, extra, write

CONFIG = FunctionConfig(reconnect="on-demand")
NO_TEXT = {"\0", "\r", "\n"}
"""What no table of text holds in a header that is read in parts."""
COLUMNS = list({plain_name(one): one for one in NAMES if extra(one) and not NO_TEXT & set(one)}.values())
IDS = [one.replace("\r", "r") for one in dict.fromkeys(NAMES) if "\0" not in one and one != "\r"]
FOLDER, NAME = "d[1]'; COPY (SELECT 1) TO 'pwned'; --", '{t*}"?'


def files_of(folder: Path, suffix: str, ids: list[str], columns: list[str], name: str) -> list[str]:
    """Write connections into two files of a folder, beside two of others' that their names would match as patterns."""
    folder.mkdir(exist_ok=True)
    write(folder / f"tt{suffix}", columns_of(["wrong"]))
    paths = []
    for number, own in enumerate((ids[::2], ids[1::2])):
        cells: dict[str, Any] = {one: [f"{one} {number}"] * (2 * len(own)) for one in columns}
        rows = columns_of(own, function=[ids[n % 5] for n in range(len(own))]) | cells
        paths.append(str(write(folder / f"{name}{number}{suffix}", rows)))
    return paths


def held(paths: list[str], ids: list[str], folder: Path, **how: Any) -> None:
    """Hold an estimate in parts to that of the whole, which is of the right connections, with nothing written."""
    before = sorted(path for path in folder.rglob("*"))
    trace = read_trace(paths)
    assert {str(one) for one in trace.connection_id} == set(ids)
    plan = Plan(tuple(resolve(list(expand(paths, folder)))), 3, "200MB", rows=1_000)
    found = estimate_in_parts(plan, job(CONFIG), **how)
    assert without_sources(found.to_dict()) == without_sources(estimate(trace, CONFIG).to_dict())
    left = sorted(path for path in folder.rglob("*") if path.parent.name != "links" and path.name != "links")
    assert left == before


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder, where a relative path of what was obeyed would lead."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("suffix", KINDS)
def test_all_names_at_once_are_read_in_parts(suffix: str, place: Path) -> None:
    held(files_of(place / FOLDER, suffix, IDS, COLUMNS, NAME), IDS, place)


def test_all_names_at_once_are_read_on_a_cluster(place: Path) -> None:
    pytest.importorskip("distributed", reason="distributed is not installed (pip install 'scfcost[dask]')")
    from scfcost.engines.dask import execute as on_cluster

    held(files_of(place / FOLDER, ".csv", IDS, COLUMNS, NAME), IDS, place, engine=on_cluster, workers=1)


@settings(max_examples=depth(4, 8), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ids=st.lists(TEXT.filter(lambda one: not {"\0", "\r"} & set(one)), min_size=2, max_size=4, unique=True),
    columns=st.lists(TEXT.filter(lambda one: extra(one) and not NO_TEXT & set(one)), max_size=2, unique_by=plain_name),
    name=FILES, folder=FILES, suffix=st.sampled_from(KINDS),
)  # fmt: skip
def test_any_name_is_read_in_parts(
    ids: list[str], columns: list[str], name: str, folder: str, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    at = tmp_path_factory.mktemp("at")
    held(files_of(at / folder, suffix, ids, columns, name), ids, at, engine=execute)


def test_a_header_that_is_read_as_a_whole_alone_is_told(place: Path) -> None:
    rows = f"a,{1_760_000_000_000},connect,1\n"
    (place / "t.csv").write_text(f'connection_id,timestamp,event,"x\ny"\n{rows}')
    plan = Plan(tuple(resolve([(place / "t.csv", "t.csv")])), 2, "200MB")
    with pytest.raises(ValueError, match=r"the header of t\.csv has a line end within the name of a column"):
        estimate_in_parts(plan, job(CONFIG))
    assert [one.name for one in place.iterdir()] == ["t.csv"]
