"""Settings: each from the first place that has it, and a mistake named with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scfcost.config.settings import check_table, gather
from scfcost.core.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text('memory = 256\nidle_timeout = 20\nplan = "free"\n\n[functions.push]\nmemory = 512\n')
    return path


def test_a_flag_comes_before_the_environment_before_the_file_before_the_default(file: Path) -> None:
    found = gather({"memory": 1024}, file, {"SCFCOST_MEMORY": "128", "SCFCOST_IDLE_TIMEOUT": "30"})
    assert {name: (found.values[name].value, found.values[name].origin) for name in ("memory", "exec_timeout")} == {
        "memory": (1024, "--memory"), "exec_timeout": (900, "default"),
    }  # fmt: skip
    assert found.values["idle_timeout"].origin == "SCFCOST_IDLE_TIMEOUT"
    assert found.values["plan"].origin == f"{file}:3"
    assert (found.function().memory_mb, found.function().idle_timeout_s) == (1024, 30)


def test_a_function_of_its_own_says_only_what_differs(file: Path) -> None:
    (push,) = gather({}, file, {}).named_functions().values()
    assert (push.memory_mb, push.idle_timeout_s) == (512, 20)


def test_values_of_text_get_the_type_of_their_setting() -> None:
    said = {"SCFCOST_PRICING_DATE": "2026-01-31", "SCFCOST_BILL_INIT": "yes", "SCFCOST_SEED": "7"}
    found = gather({}, None, said).values
    assert [found[name].value for name in ("pricing_date", "bill_init", "seed")] == [date(2026, 1, 31), True, 7]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("memroy = 1", r"own.toml: memroy: no such setting; .*memory"),
        ('memory = "much"', r"memory.*much.*own.toml:1"),
        ("seed = -1", r"own.toml:1: seed: -1 is not a whole number of 0 or more"),
        (
            f'seed = "{2**63}"',
            r"own.toml:1: seed: 9223372036854775808 is absurd; expected at most 9,223,372,036,854,775,807",
        ),
        (f'seed = "{"9" * 5_000}"', r"own.toml:1: seed: 9{40} is absurd"),
        ("memory = [1]", r"own.toml:1: memory: \[1\] is not a single value"),
        ("[functions.push]\nmemroy = 1", r"functions.push: memroy: no such setting"),
        ("functions = 3", r"functions: expected a table for each function"),
        ("memory = ", r"own.toml: not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        gather({}, path, {}).function()


def test_a_mistake_in_the_environment_is_named() -> None:
    with pytest.raises(ConfigError, match="SCFCOST_MEMROY: no such setting"):
        gather({}, None, {"SCFCOST_MEMROY": "1"})
    with pytest.raises(ConfigError, match="SCFCOST_BILL_INIT: 'maybe' is neither true nor false"):
        gather({}, None, {"SCFCOST_BILL_INIT": "maybe"})


def test_limits_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("memory = 256\n[check]\nbudget = 5\n")
    assert check_table(path, {"budget": None}) == {"budget": 5}
    assert gather({}, path, {}).values["memory"].value == 256
    with pytest.raises(ConfigError, match="check: budget: no such setting"):
        check_table(path, {"cost": None})
