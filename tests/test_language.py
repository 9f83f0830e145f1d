"""Every message that a person reads is in the catalog, nothing else is, and a translation holds the same values."""

from __future__ import annotations

import ast
import errno
import io
import json
import os
import re
import string
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from rich.cells import cell_len
from rich.console import Console
from typer.main import get_command

import scfcost
from scfcost.catalog.load import book_names, load_book
from scfcost.cli import app as command_line
from scfcost.cli.help import texts_of
from scfcost.core import language
from scfcost.core.comments import commented, comments_of
from scfcost.core.errors import ConfigError
from scfcost.report import words
from scfcost.report.console.price_book import price_book
from scfcost.trace.formats.mapping_example import EXAMPLE
from scfcost.workload.presets import preset_names, preset_text
from tests.conftest import SAMPLE

PACKAGE = Path(scfcost.__file__).parent
CATALOG = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES" / "scfcost.po"
COUNTED = re.compile(r"\{0\} [a-z -]+")
"""A count with its noun, as `counted` shows it: the noun stands alone in the source."""


OF_LIBRARIES = (
    *("Input should be ", "List should have ", "Tuple should have "),
    *("got unexpected ", "invalid value for ", "missing ", "no such ", "option {0} ", "{0} is not in the range "),
)
"""How sentences begin that the libraries of models and of the command line say of a mistake."""
BARE = re.compile(r"scfcost( \w+)+|`[^`]*`|\{\d+\}|--[\w-]+|\[\[?[\w.]+\]\]?")
BEGUN = re.compile(r"^[A-Za-z]+ [a-z]+ [a-z]+|\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b")
"""Words of English in a row, where a comment begins with them or anywhere in it."""
WORDS = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
"""Three words of English in a row, once values, flags and code are gone: a sentence."""


def _catalog() -> dict[str, str]:
    with CATALOG.open("rb") as stream:
        return {str(one.id): str(one.string) for one in read_po(stream) if one.id}


def _marked() -> set[str]:
    """Return what `_` and `ngettext` translate."""
    found = extract_from_dir(PACKAGE, keywords={"_": None, "ngettext": (1, 2)})
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def _helped() -> set[str]:
    return set(texts_of(get_command(command_line.app)))


def _said() -> set[str]:
    """Return every string of the source, a number in braces for each value that is put into it."""
    source = {text for path in PACKAGE.rglob("*.py") for text in _texts(ast.parse(path.read_text("utf-8")))}
    files = {path.read_text("utf-8") for path in PACKAGE.rglob("*.toml")}
    notes = {note for text in (*files, EXAMPLE, *source) for note in comments_of(text)}
    return source | notes | {text for file in files for text in _strings(tomllib.loads(file))}


def _strings(node: Any) -> Iterator[str]:
    """Yield every string of a data file."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, (dict, list)):
        for one in node.values() if isinstance(node, dict) else node:
            yield from _strings(one)


def _raised() -> Iterator[tuple[str, str]]:
    """Yield the messages that are raised as they stand in the source, each with its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                yield from ((path.name, text) for text in _texts(node.exc.args[0], parts=False))


def _texts(tree: ast.AST, parts: bool = True) -> Iterator[str]:
    """Yield strings, with the parts that stand between the values of one, or without."""
    within = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if not parts and node in within:
            continue
        if isinstance(node, ast.JoinedStr):
            values = iter(range(len(node.values)))
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else f"{{{next(values)}}}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _fields(text: str) -> list[tuple[Any, ...]]:
    return sorted((name, form or "", how or "") for _, name, form, how in string.Formatter().parse(text) if name)


def test_every_message_is_translated() -> None:
    """Add the missing ones to the catalog, as CONTRIBUTING says."""
    known = _catalog()
    assert sorted(one for one in _marked() | _helped() if not known.get(one)) == []


def test_nothing_is_translated_that_the_program_does_not_say() -> None:
    """Take the stale ones out of the catalog, or mend their English."""
    source, alive = _said(), _marked() | _helped() | {os.strerror(code) for code in errno.errorcode}
    whole = "\n".join(source).replace("''", "'")  # a quote within one of SQL
    own = [one for one in _catalog() if one not in alive | source and not one.startswith(OF_LIBRARIES)]
    assert [one for one in own if not _is_put_together(one, whole)] == []


def test_every_error_is_told_in_chinese() -> None:
    """Add to the catalog what is missing, a number in braces for each value."""
    with language.speaking("zh"):
        english = [
            (file, text)
            for file, text in _raised()
            if WORDS.search(BARE.sub("", text)) and WORDS.search(BARE.sub("", language.translated(text)))
        ]
    assert english == []


@pytest.mark.parametrize("name", ["mapping", *preset_names()])
def test_every_comment_of_a_file_to_correct_is_told_in_chinese(name: str) -> None:
    """Of the presets and the example of a mapping; what is no comment stays as it is."""
    english = EXAMPLE if name == "mapping" else preset_text(name)
    with language.speaking("zh"):
        chinese = commented(english)
        assert [note for note in comments_of(english) if BEGUN.search(language.translated(note))] == []
    assert tomllib.loads(chinese) == tomllib.loads(english)


@pytest.mark.parametrize("name", book_names())
def test_a_price_book_is_shown_in_chinese(name: str) -> None:
    screen = Console(file=(text := io.StringIO()), width=200)
    with language.speaking("zh"):
        for part in price_book(load_book(name)):
            screen.print(part)
    _title, told = text.getvalue().split("出处")[0].split("\n", 1)
    assert re.findall(r"\b[a-z]{2,} (?:[a-z]{2,} )?[a-z]{2,}\b", told) == []


def _is_put_together(message: str, whole: str) -> bool:
    """Whether a sentence is made of strings that stand apart in the source, as a count and its noun do."""
    if COUNTED.fullmatch(message):
        return f"{message.removeprefix('{0} ').removesuffix('s')}" in whole
    pieces = [piece for piece in re.split(r"\{\d+\}|; | and |: ", message) if piece.strip()]
    return all(piece.strip(" .,:()") in whole or _halves(piece.strip(), whole) for piece in pieces)


def _halves(piece: str, whole: str) -> bool:
    spaces = [found.start() for found in re.finditer(" ", piece)]
    return any(piece[:at] in whole and piece[at + 1 :] in whole for at in spaces)


def test_the_catalog_in_use_is_the_one_that_is_held_to_the_source() -> None:
    assert language._messages("zh") == {english: told for english, told in _catalog().items() if told}


def test_a_translation_holds_the_values_of_its_message() -> None:
    differing = {one: told for one, told in _catalog().items() if "{" in one and _fields(one) != _fields(told)}
    assert differing == {}


def test_the_language_is_asked_for_by_flag_else_variable_else_locale() -> None:
    assert language.preferred({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}) == "en"
    assert language.preferred({"LANG": "zh_TW"}) == "zh"
    assert language.preferred({"LANG": "zh_CN.UTF-8", language.VARIABLE: "en"}) == "en"
    with pytest.raises(ConfigError, match="give en or zh"):
        language.use("fr")


def test_a_short_sentence_takes_no_other_for_its_value() -> None:
    with language.speaking("zh"):
        assert words.counted(1_549, "message") == "1,549 条消息"
        assert language.translated("clients come back only with one more messages") == (
            "clients come back only with one more messages"
        )
        assert language.translated("lasted 5 minutes of nothing") == "lasted 5 minutes of nothing"


def _told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["scfcost", *arguments])
    with pytest.raises(SystemExit) as left:
        command_line.main()
    shown = capsys.readouterr()
    return int(str(left.value.code or 0)), shown.out, shown.err


@pytest.fixture
def _english() -> Iterator[None]:
    yield
    language.use(language.ENGLISH)


@pytest.mark.usefixtures("_english")
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_chinese_tables_align(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    code, shown, _ = _told(monkeypatch, capsys, "estimate", str(SAMPLE), "--reconnect", "on-demand", "--lang", "zh")
    assert code == 0
    assert "执行超时时间" in shown
    rows = [line.rstrip() for line in shown.splitlines() if line.startswith(("资源使用量", "调用次数", "外网出流量"))]
    assert len(rows) == 3
    assert len({cell_len(row) for row in rows}) == 1
    own = (line for line in shown.splitlines() if str(SAMPLE.parent) not in line and "scfcost recommend" not in line)
    assert max(map(cell_len, own)) <= columns


@pytest.mark.usefixtures("_english")
def test_what_machines_read_is_english_in_every_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = [
        _told(monkeypatch, capsys, "estimate", str(SAMPLE), "--format", "json", "--lang", name)[1]
        for name in language.LANGUAGES
    ]
    assert shown[0] == shown[1]
    assert json.loads(shown[0])["schema"].startswith("scfcost.estimate/")


@pytest.mark.usefixtures("_english")
def test_an_unknown_language_is_a_mistake_of_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, said = _told(monkeypatch, capsys, "--lang", "fr", "formats")
    assert (code, out) == (2, "")
    assert said == "scfcost: --lang: 'fr' is no language that is known; give en or zh\n"


OWN_WORDS = pytest.mark.skipif(
    tuple(map(int, version("typer").split(".")[:2])) < (0, 29),
    reason="an older typer words this mistake otherwise: it is told in English",
)


@pytest.mark.usefixtures("_english")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("estimate", "缺少参数 'PATHS...'"),
        pytest.param(
            "estimate x.csv --memry 3",
            "没有这个选项：--memry（可能是：--memory, --memory-base, --memory-limit）",
            marks=OWN_WORDS,
        ),
        pytest.param("estimate x.csv --memory much", "'--memory' 的值不对：应为整数", marks=OWN_WORDS),
        ("estimate x.csv --memory", "选项 '--memory' 需要一个值"),
        pytest.param("estimate x.csv --replications=-1", "'--replications' 的值不对：应大于或等于 0", marks=OWN_WORDS),
        (
            "estimate x.csv --reconnect soon",
            "'--reconnect' 的值不对：'soon' 不是其中之一：'none', 'on-demand', 'immediate'",
        ),
        ("estmate", "没有这个命令 'estmate'"),
        pytest.param("sample a b", "多了参数（b）", marks=OWN_WORDS),
        ("estimate nothing.csv", "nothing.csv：没有这个文件"),
        (
            "estimate nothing.csv --idle-timeout=-1",
            "idle_timeout_s：-1 是负数；请给 0 或更大的秒数（来自 --idle-timeout）",
        ),
    ],
)
def test_mistakes_of_use_are_told_in_chinese(
    arguments: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, said = _told(monkeypatch, capsys, *arguments.split(), "--lang", "zh")
    assert (code, out) == (2, "")
    assert told in said


@pytest.mark.parametrize(
    ("english", "told"),
    [
        (
            "my trace.csv:7: event: 'open' is not known; expected connect",
            "my trace.csv:7：event：没有 'open'；应为 connect",
        ),
        ("a.toml: session: pace: the mean pace is not more than 0", "a.toml：session：pace：平均步调不大于 0"),
        (
            "a.toml: b.c: Input should be greater than 0\na.toml: d: missing key",
            "a.toml：b.c：应大于 0\na.toml：d：缺少键",
        ),
        ("/full: cannot be written: No space left on device", "/full：无法写入：磁盘已满"),
        ("nobody: knows this; nor this", "nobody: knows this; nor this"),
    ],
)
def test_a_sentence_is_told_by_its_place_and_its_clauses(english: str, told: str) -> None:
    with language.speaking("zh"):
        assert language.translated(english) == told


def test_a_hostile_sentence_is_told_at_once_and_in_full() -> None:
    hostile = ": ; it is no; ".join(["x"] * 20_000)
    with language.speaking("zh"):
        assert language.translated(hostile).replace("：", ": ").replace("；", "; ") == hostile


@pytest.mark.usefixtures("_english")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("formats nginx", "nginx 的访问日志，任何含 $request_time 的"),
        ("sample", "60 个 WebSocket 的 nginx 日志"),
        ("scenario list", "人们在房间里；一个人说话，房间里的人都听到"),
        ("catalog show", "钟点按 Asia/Shanghai"),
    ],
)
def test_what_comes_with_the_program_is_listed_in_chinese(
    arguments: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    code, out, _ = _told(monkeypatch, capsys, *arguments.split(), "--lang", "zh")
    assert code == 0
    assert told in out
