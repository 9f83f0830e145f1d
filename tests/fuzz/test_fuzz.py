"""Whatever is done to a file, the program ends with 0, 1 or 2, says so in words, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.depth import depth
from tests.fuzz.campaign import campaign, desk, run_on

SEEDS = depth(320, 2_000)
_AT_ONCE = depth(80, 250)


def test_what_is_changed_is_sound_before(tmp_path: Path) -> None:
    with desk(tmp_path) as inputs:
        codes = {name: run_on(tmp_path, content, *how)[0] for name, (content, *how) in inputs.items()}
    codes.pop("capture")  # hangs on a program, tshark
    assert codes == dict.fromkeys(codes, 0)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SEEDS, _AT_ONCE))
def test_changed_files_end_in_words(first: int, tmp_path: Path) -> None:
    found = campaign(tmp_path, range(first, first + _AT_ONCE))
    assert found.faults == []
    assert sum(found.codes.values()) == _AT_ONCE
