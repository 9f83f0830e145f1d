"""Whatever is done to a file, the program ends with 0, 1 or 2, says so in words, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.campaign import campaign

SEEDS = 2_000
_AT_ONCE = 250


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SEEDS, _AT_ONCE))
def test_changed_files_end_in_words(first: int, tmp_path: Path) -> None:
    found = campaign(tmp_path, range(first, first + _AT_ONCE))
    assert found.faults == []
    assert sum(found.codes.values()) == _AT_ONCE
