"""A checkpoint that is not as it was written is computed anew or named, and never summed over."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scfcost.analysis.estimate.job import EstimateJob
from scfcost.analysis.in_parts import estimate_in_parts
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.engines.local import execute
from scfcost.engines.plan import Plan
from scfcost.trace.reading.sources import expand, resolve
from tests.depth import THOROUGH
from tests.engines.files import rows, written

CONFIG = FunctionConfig(reconnect="on-demand", max_concurrency=3)


def question() -> EstimateJob:
    pricing = Pricing()
    terms = pricing.terms()
    return EstimateJob(CONFIG, (), terms, pricing.platform(terms))


def answer(trace: str, kept: Path) -> dict[str, Any]:
    """Estimate a trace in parts with a checkpoint."""
    plan = Plan(tuple(resolve(list(expand([trace], kept.parent)))), 4, "200MB", checkpoint=kept, rows=4_000)
    found = estimate_in_parts(plan, question(), engine=execute).to_dict()
    return {name: found[name] for name in ("usage", "bill", "impact", "concurrency", "outcomes")}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("sound")
    trace = written(rows(), folder / "trace", 3, shuffled=True)
    return trace, folder / "kept", answer(trace, folder / "kept")


def some(kept: Path, pattern: str) -> Path:
    return sorted(kept.rglob(pattern))[1]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def another(path: Path) -> None:
    """Put a sound piece of its kind in the place of a piece."""
    other = next(one for one in sorted(path.parent.glob(f"*{path.suffix}")) if one != path)
    shutil.copyfile(other, path)


DAMAGES: list[Callable[[Path], None]] = [Path.unlink, cut, flip, empty, longer, another]
PIECES = ["sums*.npz", "sums*.npy", "*.parquet", "listing", "bounds.json"]
CASES = [
    pytest.param(damage, pattern, id=f"{damage.__name__}-{pattern}")
    for row, damage in enumerate(DAMAGES)
    for column, pattern in enumerate(PIECES)
    if THOROUGH or (row + column) % 2 == 0
]
"""Every second of them in a usual run: each damage to some of the pieces, each piece with some of the damages."""


@pytest.mark.parametrize(("damage", "pattern"), CASES)
def test_a_damaged_piece_is_computed_anew(
    pattern: str, damage: Callable[[Path], None], sound: tuple[str, Path, dict[str, Any]], tmp_path: Path
) -> None:
    trace, kept, expected = sound
    here = tmp_path / "kept"
    shutil.copytree(kept, here)
    if pattern in ("*.parquet", "listing"):  # with the sums there, the rows are not needed
        for one in here.glob("sums*"):
            one.unlink()
    piece = here / pattern if pattern == "bounds.json" else some(here, pattern)
    if damage is another and pattern in ("*.parquet", "listing", "bounds.json"):
        piece.write_text("[]")
    else:
        damage(piece)
    assert answer(trace, here) == expected
    assert answer(trace, here) == expected


def test_a_piece_of_another_trace_is_not_taken(sound: tuple[str, Path, dict[str, Any]], tmp_path: Path) -> None:
    trace, kept, expected = sound
    other = written(rows(seed=9), tmp_path / "other", 3)
    answer(other, tmp_path / "foreign")
    here = tmp_path / "kept"
    shutil.copytree(kept, here)
    for pattern in ("bounds.json", "rows-*", "sums*"):
        for piece in (tmp_path / "foreign").glob(pattern):
            place = here / piece.name
            shutil.rmtree(place, ignore_errors=True)
            place.unlink(missing_ok=True) if place.is_file() else None
            (shutil.copytree if piece.is_dir() else shutil.copyfile)(piece, place)
    assert answer(trace, here) == expected


def test_more_pieces_than_were_listed_are_left_aside(sound: tuple[str, Path, dict[str, Any]], tmp_path: Path) -> None:
    trace, kept, expected = sound
    here = tmp_path / "kept"
    shutil.copytree(kept, here)
    lives = some(here, "sums*.npy")
    shutil.copyfile(lives, lives.with_name(re.sub(r"\d{6}.npy$", "000099.npy", lives.name)))
    (here / ".bounds.json.1.part").write_text("half")
    assert answer(trace, here) == expected


TEXTS = ["", "{", "[]", "null", '{"files": 3}', "[" * 100_000, '{"files": {}, "parts": 4}', "\xff"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_damaged_manifest_is_named(text: str, sound: tuple[str, Path, dict[str, Any]], tmp_path: Path) -> None:
    trace, kept, _ = sound
    here = tmp_path / "kept"
    shutil.copytree(kept, here)
    (here / "checkpoint.json").write_text(text, encoding="latin-1")
    with pytest.raises(ConfigError, match="checkpoint"):
        answer(trace, here)


def test_content_that_changed_in_size_and_time_is_noticed(tmp_path: Path) -> None:
    trace = tmp_path / "t.csv"
    lines = [
        f"c{n},{1_760_000_000_000 + 1000 * step},{what}\n"
        for n in range(9)
        for step, what in ((0, "connect"), (5, "close"))
    ]
    trace.write_text("connection_id,timestamp,event\n" + "".join(lines))
    state = trace.stat()
    answer(str(trace), tmp_path / "kept")
    trace.write_text(trace.read_text().replace("5000,close", "7000,close"))
    os.utime(trace, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert trace.stat().st_size == state.st_size
    with pytest.raises(ConfigError, match="has changed since the checkpoint"):
        answer(str(trace), tmp_path / "kept")
