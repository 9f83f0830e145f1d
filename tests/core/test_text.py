"""Text of a file is shown, and never obeyed."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scfcost
from scfcost.core.text import LONGEST_MESSAGE, SafeWriter, json_visible, message_lines, one_line, safe_cell, visible

PACKAGE = Path(scfcost.__file__).parent
HARMFUL = [*map(chr, range(9)), *map(chr, range(11, 32)), *map(chr, range(127, 160)), "\u202e", "\u2066", "\u2028"]


@pytest.mark.parametrize("sign", HARMFUL)
def test_control_characters_are_escaped(sign: str) -> None:
    assert sign not in visible(f"a{sign}b")
    assert sign not in one_line(f"a{sign}b")
    assert json.loads(json_visible(json.dumps(f"a{sign}b", ensure_ascii=False))) == f"a{sign}b"


@given(st.text(st.characters(), max_size=2000))
def test_lines_of_a_message_are_short_and_plain(text: str) -> None:
    for line in message_lines(text).split("\n"):
        assert len(line) <= LONGEST_MESSAGE
        assert not set(HARMFUL) & set(line)


@given(st.text(max_size=300), st.integers(3, 100))
def test_a_text_is_cut_to_its_length(text: str, longest: int) -> None:
    assert len(one_line(text, longest)) <= longest


def test_ordinary_text_stays() -> None:
    for text in ("chat room 1", "聊天室", "ünïcödé", "a\tb", "🎲", "/tmp/a b.csv:3: event: 'x'"):
        assert visible(text) == text


@pytest.mark.parametrize("formula", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1"])
def test_a_formula_is_quoted(formula: str) -> None:
    assert safe_cell(formula) == "'" + formula


@pytest.mark.parametrize("value", ["", "chat", "-5", "+5", "-0.25", "1e-9", "-1e9", "a=b", None, -5, 2.5])
def test_other_cells_stay(value: object) -> None:
    assert safe_cell(value) == value


def test_a_quoted_cell_survives_a_csv() -> None:
    text = io.StringIO()
    csv.writer(text).writerow([safe_cell("=1,2")])
    assert next(csv.reader(io.StringIO(text.getvalue()))) == ["'=1,2"]


def test_every_table_that_people_open_is_written_safely(tmp_path: Path) -> None:
    text = io.StringIO()
    SafeWriter(text).writerows([["=1+1", "-5", -5], ["\t=x", "@x", None]])
    assert text.getvalue() == "'=1+1,-5,-5\n'\t=x,'@x,\n"
    plain = re.compile(r"csv\.(Dict)?[wW]riter\(|(?<!safe_cell\))\.to_csv\(")
    found = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if plain.search(path.read_text())}
    assert found == {"core/text.py", "emulate/recording/journal.py"}  # the second writes a trace, which is read back
