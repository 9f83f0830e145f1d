"""A fault in an architecture file is named by file, key and nearest choice."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from scfcost.analysis.architecture.schema import Architecture, load_architecture
from scfcost.catalog.services import listed_services
from scfcost.core.errors import ConfigError

CHAT = '[functions.chat]\n[functions.work]\ntype = "event"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "name: missing key"),
        ('name = "x"\n[functions.chat]\nmemmory = 1', "functions.chat: unknown key 'memmory'; did you mean 'memory'?"),
        ('name = "x"\n[functions.chat]\nmemory = 0', "functions.chat: memory_mb"),
        ('name = "x"\n[functions.chat]\nshare = "150%"', "a share lies above 0 and at most at 1"),
        ('name = "x"\n[functions.chat]\nshare = 1\ntraffic = "a"', "not both"),
        (f'name = "x"\n{CHAT}[[calls]]\ncaller = "chat"\ncallee = "wrok"\nduration_ms = 1', "did you mean 'work'?"),
        (f'name = "x"\n{CHAT}[[calls]]\ncaller = "work"\ncallee = "chat"\nduration_ms = 1', "is of type web-ws"),
        (
            f'name = "x"\n{CHAT}[[calls]]\ncaller = "chat"\ncallee = "work"\nduration_ms = 900001',
            "longer than its exec",
        ),
        (f'name = "x"\n{CHAT}[[calls]]\ncaller = "chat"\ncallee = "work"\nduration_ms = 1\non = "open"', "calls[0].on"),
        (f'name = "x"\n{CHAT}[[services]]\nname = "s"', "give monthly, per_use or both"),
        (f'name = "x"\n{CHAT}[[services]]\nname = "s"\nprice = "tencent-redis"', "did you mean 'tencent-redis-1gb'?"),
        (f'name = "x"\n{CHAT}[[services]]\nname = "s"\nmonthly = 2', "write the number as a string"),
        ("name = ", "not TOML"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as found:
        load_architecture(path)
    assert str(found.value).startswith(f"{path}: ")
    assert message in str(found.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read"):
        load_architecture(tmp_path / "none.toml")


def test_numbers_are_held_as_they_are_written() -> None:
    call = {"caller": "chat", "callee": "work", "duration_ms": 1}
    functions = {"chat": {}, "work": {"type": "event"}}
    for written, held in ((0.1, Fraction(1, 10)), ("33.3%", Fraction(333, 1000)), (3, Fraction(3))):
        built = Architecture.model_validate(
            {"name": "x", "functions": functions, "calls": [{**call, "count": written}]}
        )
        assert built.calls[0].count == held


def test_every_listed_service_has_a_source_and_a_date() -> None:
    assert all(one.source and one.checked_on for one in listed_services().values())
