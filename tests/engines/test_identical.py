"""The same trace gives the same answer, to the last digit, as a whole, in parts, and on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.estimate.insights import insights
from scfcost.analysis.estimate.job import EstimateJob
from scfcost.analysis.in_parts import estimate_in_parts, sweep_in_parts
from scfcost.analysis.sweep.grid import Axes, Grid, grid_of
from scfcost.analysis.sweep.sweep import sweep
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, TraceError
from scfcost.engines.dask import execute as on_cluster
from scfcost.engines.plan import Plan
from scfcost.trace.heartbeats import drop_heartbeats
from scfcost.trace.read import read_trace
from scfcost.trace.reading.sources import expand, resolve
from tests.depth import THOROUGH, depth
from tests.engines.files import lives, rows, written

SETTINGS = {
    "plain": FunctionConfig(),
    "on-demand": FunctionConfig(idle_timeout_s=60, reconnect="on-demand"),
    "immediate": FunctionConfig(idle_timeout_s=30, reconnect="immediate", ping_resets_idle=True),
    "heartbeat": FunctionConfig(idle_timeout_s=30, heartbeat_s=20, exec_timeout_s=300),
    "shared": FunctionConfig(max_concurrency=10, keep_alive_s=60, reconnect="on-demand"),
    "shared, others compared": FunctionConfig(max_concurrency=3, placement="least-loaded", idle_timeout_s=40),
    "provisioned": FunctionConfig(provisioned="2, 4@09:00-18:00", reconnect="none"),
}
GRID: dict[str, Any] = {
    "idle_ms": range(10_000, 130_000, 20_000), "exec_ms": [60_000, 900_000], "memory_mb": [128, 256],
    "reconnect": ["none", "on-demand", "immediate"], "outcomes": True,
}  # fmt: skip


def gridded(**changed: Any) -> Grid:
    """Return the settings of the sweep, some of them changed."""
    axes = {**GRID, **changed}
    outcomes = axes.pop("outcomes")
    return grid_of(Axes(**axes), outcomes=outcomes)


def plan(paths: str, tmp_path: Path, parts: int, **options: Any) -> Plan:
    """Return a plan whose parts are taken in several pieces."""
    return Plan(tuple(resolve(list(expand([paths], tmp_path)))), parts, "200MB", **{"rows": 4_000, **options})


def job(config: FunctionConfig, **limits: Any) -> EstimateJob:
    pricing = Pricing(**limits)
    terms = pricing.terms()
    return EstimateJob(config, (), terms, pricing.platform(terms))


def without_sources(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out what names the files."""
    warnings = [one for one in document["warnings"] if one["code"] != "unknown_columns"]
    return {**document, "trace": {**document["trace"], "sources": []}, "warnings": warnings}


Forms = Callable[[str], dict[str, str]]
"""Globs of files that hold the same rows, by their form, for a kind of ids."""
FORMS = {"one": 3, "shuffled": depth(7, 40), "seven": 5, "many": 2}
"""How the same rows are written, and in how many parts each is read. [1]"""
IDS = ("int", "text")
CASES = [
    (ids, form, setting)
    for row, form in enumerate(FORMS) for column, setting in enumerate(SETTINGS) for side, ids in enumerate(IDS)
    if THOROUGH or (row + column + side) % 2 == 0
]  # fmt: skip
"""Each form with each setting, the kinds of ids in turn; in a thorough run with both."""


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    """One trace of a kind of ids as one file, as seven and as many, its rows shuffled."""

    @cache
    def found(ids: str) -> dict[str, str]:
        folder = tmp_path_factory.mktemp(f"forms-{ids}")
        table = rows(text_ids=ids == "text", functions=True)
        return {
            "one": written(table, folder / "one", 1),
            "shuffled": written(table, folder / "shuffled", 1, shuffled=True),
            "seven": written(table, folder / "seven", 7, shuffled=True),
            "many": written(table, folder / "many", depth(20, 100), shuffled=True),
        }

    return found


def asked(command: str, flags: str) -> str:
    """Name a command without its files, of which there are one or many."""
    return f"{command} {flags}"


@pytest.mark.parametrize(("ids", "form", "setting"), CASES)
def test_an_estimate_in_parts_is_that_of_the_whole(
    forms: Forms, tmp_path: Path, ids: str, form: str, setting: str
) -> None:
    config, written_as = SETTINGS[setting], forms(ids)
    whole = estimate(read_trace(written_as["one"]), config, pricing=Pricing(quota_mb=2_560))
    found = estimate_in_parts(plan(written_as[form], tmp_path, FORMS[form]), job(config, quota_mb=2_560))
    assert without_sources(found.to_dict()) == without_sources(whole.to_dict())
    assert insights(found, asked) == insights(whole, asked)


def window_is_cut(one: str, many: str, tmp_path: Path) -> None:
    trace = read_trace(one)
    length = trace.end_ms - trace.start_ms
    window = trace.start_ms + length // 3, trace.start_ms + length // 2
    whole = estimate(read_trace(one, window=window), SETTINGS["on-demand"])
    found = estimate_in_parts(plan(many, tmp_path, 9, window=window), job(SETTINGS["on-demand"]))
    assert without_sources(found.to_dict()) == without_sources(whole.to_dict())
    assert "rows_outside_window" in [one.code for one in found.warnings]
    nothing = (trace.end_ms + 1, trace.end_ms + 2)
    with pytest.raises(TraceError, match="no connection lives inside the window"):
        estimate_in_parts(plan(many, tmp_path, 9, window=nothing), job(SETTINGS["on-demand"]))


@pytest.mark.parametrize("ids", IDS)
def test_a_window_is_cut_from_every_part(forms: Forms, tmp_path: Path, ids: str) -> None:
    window_is_cut(forms(ids)["one"], forms(ids)["seven"], tmp_path)


def test_a_window_is_cut_from_every_part_of_connections(without_messages: tuple[str, str], tmp_path: Path) -> None:
    window_is_cut(*without_messages, tmp_path)


@pytest.mark.parametrize("ids", IDS)
def test_what_no_report_tells_is_not_looked_for(forms: Forms, tmp_path: Path, ids: str) -> None:
    """JSON and CSV tell of no other settings, so that nothing is compared for them."""
    config = SETTINGS["shared, others compared"]
    whole = estimate(read_trace(forms(ids)["one"]), config)
    found = estimate_in_parts(plan(forms(ids)["seven"], tmp_path, 3), replace(job(config), compares=False))
    assert without_sources(found.to_dict()) == without_sources(whole.to_dict())
    assert (found.policies, found.others.idle(10), found.others.shared(10)) == ({}, None, None)


def test_files_and_their_columns_are_named_alike(forms: Forms, tmp_path: Path) -> None:
    seven = forms("text")["seven"]
    whole = estimate(read_trace(seven), SETTINGS["on-demand"]).to_dict()
    assert whole == estimate_in_parts(plan(seven, tmp_path, 3), job(SETTINGS["on-demand"])).to_dict()
    assert [one["code"] for one in whole["warnings"]].count("unknown_columns") == 7


@pytest.mark.parametrize(("ids", "form", "parts"), [("int", "one", 3), ("text", "many", 12)])
def test_a_sweep_in_parts_is_that_of_the_whole(forms: Forms, tmp_path: Path, ids: str, form: str, parts: int) -> None:
    whole = sweep(read_trace(forms(ids)["one"]), **GRID)
    found = sweep_in_parts(plan(forms(ids)[form], tmp_path, parts), gridded())
    assert found.frame.equals(whole.frame)
    assert (found.sessions, found.natural_hours) == (whole.sessions, whole.natural_hours)


@pytest.fixture(scope="module", params=["connections", "text ids", "no messages"])
def without_messages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A trace without message rows as one file, and as nine with its rows shuffled."""
    folder = tmp_path_factory.mktemp("lives")
    table = lives(text_ids=request.param == "text ids")
    if request.param == "no messages":
        table = rows(functions=True)
        table = table.filter(pc.not_equal(table.column("event"), "message"))
    return written(table, folder / "one", 1), written(table, folder / "nine", 9, shuffled=True)


@pytest.mark.parametrize("setting", ["plain", "immediate", "heartbeat", "shared, others compared", "provisioned"])
def test_a_trace_without_messages_is_the_same_in_parts(
    without_messages: tuple[str, str], tmp_path: Path, setting: str
) -> None:
    config = SETTINGS[setting]
    whole = estimate(read_trace(without_messages[0]), config, pricing=Pricing(quota_mb=2_560))
    assert not whole.trace.has_messages
    found = estimate_in_parts(plan(without_messages[1], tmp_path, 5), job(config, quota_mb=2_560))
    assert without_sources(found.to_dict()) == without_sources(whole.to_dict())
    assert insights(found, asked) == insights(whole, asked)


def test_a_sweep_without_messages_is_the_same_in_parts(without_messages: tuple[str, str], tmp_path: Path) -> None:
    whole = sweep(read_trace(without_messages[0]), **GRID)
    found = sweep_in_parts(plan(without_messages[1], tmp_path, 5), gridded())
    assert found.frame.equals(whole.frame)


@pytest.mark.thorough
def test_a_sweep_without_messages_is_the_same_on_a_cluster(tmp_path: Path) -> None:
    lived = lives(text_ids=True)
    one, many = written(lived, tmp_path / "one", 1), written(lived, tmp_path / "nine", 9, shuffled=True)
    found = sweep_in_parts(plan(many, tmp_path, 5), gridded(), engine=on_cluster, workers=2)
    assert found.frame.equals(sweep(read_trace(one), **GRID).frame)


CLUSTERS = [("text", 2), ("int", 1), ("int", 2), ("text", 1)]


@pytest.mark.parametrize(("ids", "workers"), CLUSTERS[: depth(1, 4)])
def test_a_cluster_gives_the_same(forms: Forms, tmp_path: Path, ids: str, workers: int) -> None:
    whole = estimate(read_trace(forms(ids)["one"]), SETTINGS["on-demand"])
    where = plan(forms(ids)["seven"], tmp_path, 5)
    found = estimate_in_parts(where, job(SETTINGS["on-demand"]), engine=on_cluster, workers=workers)
    assert without_sources(found.to_dict()) == without_sources(whole.to_dict())


@pytest.mark.thorough  # a worker that dies is one of a cluster that sweeps, too
@pytest.mark.parametrize(("ids", "workers"), CLUSTERS)
def test_a_cluster_sweeps_the_same(forms: Forms, tmp_path: Path, ids: str, workers: int) -> None:
    swept = sweep_in_parts(plan(forms(ids)["seven"], tmp_path, 5), gridded(), engine=on_cluster, workers=workers)
    assert swept.frame.equals(sweep(read_trace(forms(ids)["one"]), **GRID).frame)


@pytest.mark.parametrize("ids", IDS)
def test_heartbeats_of_the_trace_are_left_out_of_every_part(forms: Forms, tmp_path: Path, ids: str) -> None:
    whole = estimate(drop_heartbeats(read_trace(forms(ids)["one"]), "500"), SETTINGS["on-demand"])
    where = plan(forms(ids)["seven"], tmp_path, 5, drop_heartbeats="500")
    found = estimate_in_parts(where, job(SETTINGS["on-demand"]))
    assert without_sources(found.to_dict()) == without_sources(whole.to_dict())


@pytest.mark.parametrize(
    "config", [FunctionConfig(init_ms="100"), FunctionConfig(recycle_on_error=True, max_concurrency=2)]
)
def test_what_couples_connections_is_refused(forms: Forms, tmp_path: Path, config: FunctionConfig) -> None:
    with pytest.raises(ConfigError, match="need the whole trace in memory"):
        estimate_in_parts(plan(forms("int")["one"], tmp_path, 2), job(config))


def test_a_sweep_over_shared_instances_is_refused(forms: Forms, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="needs the whole trace in memory"):
        sweep_in_parts(plan(forms("int")["one"], tmp_path, 2), grid_of(Axes([15_000], [900_000], max_concurrency=[5])))
