"""Price books: what the schema refuses, what the books hold, and where a setting leaves a documented range."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.catalog.limits import common_range, is_valid, limit_warnings
from scfcost.catalog.load import book_names, check_file, load_book
from scfcost.catalog.schema import PriceBook
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError

TEXT = (files("scfcost.catalog") / "data" / "tencent-scf-cn.toml").read_text()


def broken(tmp_path: Path, old: str, new: str) -> str:
    assert old in TEXT
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace(old, new, 1))
    with pytest.raises(CatalogError) as caught:
        check_file(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'price = "0.0133"',
            'price = "0.0133"\nprize = "1"',
            "periods[0].prices.invocations: unknown key 'prize'; did you mean 'price'?",
        ),
        ('price = "0.0133"', "price = 0.0133", "periods[0].prices.invocations.price: write the number as a string"),
        (
            'price = "0.0133"',
            'price = "-1"',
            "periods[0].prices.invocations.price: '-1' is not a price or quantity of 0 or more",
        ),
        (
            'price = "0.0133"',
            "tiers = []",
            "periods[0].prices.invocations: give either price or tiers, and at least one tier",
        ),
        (
            'price = "0.0133"',
            'tiers = [{starts_at = "0", price = "2"}, {starts_at = "0", price = "1"}]',
            "periods[0].prices.invocations: tiers start at 0 and ascend",
        ),
        ("checked_on = 2025-07-14", "", "regions.ap-guangzhou.prices.egress.checked_on: missing key"),
        (
            "effective_from = 2021-11-01",
            "effective_from = 2016-11-01",
            "book: periods stand in the order of effective_from",
        ),
        ('time_zone = "Asia/Shanghai"', 'time_zone = "Moon"', "time_zone: 'Moon' is not a time zone"),
        (
            'default_region = "ap-guangzhou"',
            'default_region = "moon"',
            "book: default_region 'moon' is not among the regions",
        ),
        (
            "granularity_ms = 1",
            "granularity_ms = 0",
            "periods[0].granularity_ms: Input should be greater than or equal to 1",
        ),
        (
            'price = "0.0133"',
            'tiers = [{starts_at = "0", price = "2"}, {starts_at = "5", price = "1"}, {starts_at = "3", price = "1"}]',
            "periods[0].prices.invocations: tiers start at 0 and ascend",
        ),
        (
            'price = "0.0133"',
            'tiers = [{starts_at = "1", price = "2"}]',
            "periods[0].prices.invocations: tiers start at 0 and ascend",
        ),
        (
            'price = "0.0133"',
            f'price = "0.{"3" * 21}"',
            f"periods[0].prices.invocations.price: '0.{'3' * 21}' has more than 20 digits before or after its point",
        ),
        (
            'free.calls = "1000000"',
            'free.calls = "0.5"',
            "periods[0].free.free: calls: 0.5 is not a whole number of calls",
        ),
        ("[periods.plans.team]", "[periods.plans.free]", "periods[3]: plans.free: the name is taken"),
        ('name = "current"', 'name = "from-2022-06"', "book: each period needs a name of its own"),
        ("lowest = 10\nhighest = 7200", "lowest = 10\nhighest = 7", "limits.idle_timeout_s[2]: lowest 10 is more than"),
        (
            'quota_source = "cloud.tencent.com/document/product/583/11637, 2025-03-24"',
            "",
            "regions.ap-guangzhou: quota_mb needs a quota_source",
        ),
        (
            "quota_mb = 128000",
            "quota_mb = 0",
            "regions.ap-guangzhou.quota_mb: Input should be greater than or equal to 1",
        ),
    ],
)
def test_a_broken_book_is_refused_by_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert f"mine.toml: {message}" in broken(tmp_path, old, new)


def test_all_faults_of_a_book_are_listed_together(tmp_path: Path) -> None:
    found = broken(tmp_path, 'price = "0.80"\nsource = "cloud.tencent.com/document/product/583/71468"', "price = 0.8")
    keys = {line.removeprefix(str(tmp_path)).split(": ")[1] for line in found.splitlines()}
    assert keys == {"regions.ap-guangzhou.prices.egress.price", "regions.ap-guangzhou.prices.egress.source"}


def test_limits_without_any_size_or_range_are_refused(tmp_path: Path) -> None:
    sizes = TEXT[TEXT.index("sizes = [") :].partition("\n")[0]
    assert "limits.memory_mb.sizes: Tuple should have at least 1 item" in broken(tmp_path, sizes, "sizes = []")
    start, end = TEXT.index("[[limits.exec_timeout_s]]"), TEXT.index("[[limits.init_timeout_s]]")
    assert "limits.exec_timeout_s: missing key" in broken(tmp_path, TEXT[start:end], "")


def test_a_book_of_ones_own_is_read_anew_each_time(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT)
    assert str(load_book(path).period().prices["invocations"].price) == "0.0133"
    path.write_text(TEXT.replace('"0.0133"', '"0.0200"'))
    assert str(load_book(str(path)).period().prices["invocations"].price) == "0.0200"


def test_a_file_that_is_no_book_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text("a = [")
    with pytest.raises(CatalogError, match="not TOML"):
        load_book(str(tmp_path / "t.toml"))
    with pytest.raises(CatalogError, match="cannot be read: No such file"):
        load_book(str(tmp_path / "none.toml"))


@pytest.mark.parametrize("name", book_names())
def test_every_figure_has_a_source_and_a_date(name: str) -> None:
    data = tomllib.loads((files("scfcost.catalog") / "data" / f"{name}.toml").read_text())

    def figures(node: Any) -> list[dict[str, Any]]:
        if isinstance(node, dict):
            figure = {"price", "unknown", "tiers", "fee", "lowest", "lasts", "sizes"} & set(
                node
            ) and "starts_at" not in node
            own = [node] if figure else []
            return own + [found for value in node.values() for found in figures(value)]
        return [found for value in node for found in figures(value)] if isinstance(node, list) else []

    assert len(figures(data)) >= sum(len(period["prices"]) for period in data["periods"]) > 0
    assert all(figure["source"] and isinstance(figure["checked_on"], date) for figure in figures(data))


@pytest.mark.parametrize(
    ("on", "period", "plans"),
    [
        (date(2021, 10, 31), "until-2021-10", ["payg", "free"]),
        (date(2021, 11, 1), "from-2021-11", ["payg", "free", "trial"]),
        (date(2022, 6, 1), "from-2022-06", ["payg", "trial", "basic"]),
    ],
)
def test_a_day_finds_its_period(on: date, period: str, plans: list[str]) -> None:
    found = load_book().period(on)
    assert (found.name, found.plan_names()) == (period, plans)


def test_the_newest_period_is_the_default_and_holds_the_packages() -> None:
    newest = load_book().period()
    assert newest.name == "current"
    assert str(newest.plans["team"].fee) == "699.88"
    assert (newest.plans["team"].quota_mb, newest.plans["team"].burst_per_minute) == (512_000, 1000)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"idle_timeout_s": 10, "exec_timeout_s": 10}, []),
        ({"idle_timeout_s": 9}, ["idle_timeout_outside_range"]),
        ({"idle_timeout_s": 601}, ["idle_timeout_outside_range"]),
        ({"exec_timeout_s": 901}, ["exec_timeout_outside_range"]),
        ({"exec_timeout_s": 14}, ["exec_below_idle"]),
        ({"memory_mb": 100}, ["memory_outside_range"]),
        ({"init_timeout_s": 2}, ["init_timeout_outside_range"]),
    ],
)
def test_a_setting_outside_a_documented_range_is_warned_of(changes: dict[str, Any], codes: list[str]) -> None:
    config = FunctionConfig(**changes)
    found = limit_warnings(config, load_book())
    assert [warning.code for warning in found] == codes
    assert is_valid(config, load_book()) == (not codes)


def test_a_warning_names_page_date_and_range() -> None:
    (found,) = limit_warnings(FunctionConfig(idle_timeout_s=5), load_book())
    assert "10 to 7200 s" in found.message
    assert "2024-03-21" in found.message


def test_the_common_range_of_idle_timeouts() -> None:
    book: PriceBook = load_book()
    assert common_range(book.limits.idle_timeout_s) == (10, 600)


@given(
    idle=st.sampled_from([1, 9, 9.999, 10, 15, 600, 600.001, 1800, 7200]),
    execution=st.sampled_from([1, 9, 10, 15, 600, 900, 900.001, 7200]),
    memory=st.sampled_from([63, 64, 65, 128, 192, 3072, 3200]),
    concurrency=st.sampled_from([1, 100]),
)
def test_valid_is_what_every_documented_range_allows(
    idle: float, execution: float, memory: int, concurrency: int
) -> None:
    config = FunctionConfig(
        idle_timeout_s=idle, exec_timeout_s=execution, memory_mb=memory, max_concurrency=concurrency
    )
    sizes = [64, *range(128, 3073, 128)]
    assert is_valid(config, load_book()) == (10 <= idle <= 600 and idle <= execution <= 900 and memory in sizes)
