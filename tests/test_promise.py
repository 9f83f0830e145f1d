"""One file and one line: a new thing of each kind, put into a copy of the package, works without another edit."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scfcost
from scfcost.core.compiler.store import folder

PACKAGE = Path(scfcost.__file__).parent

FORMAT = '''
"""A log of lines such as `toy 1700000000000 5000`."""

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog
from scfcost.trace.formats.lines import convert_lines

LOG = LineLog(
    pattern=r"^toy (?P<began>[0-9]+) (?P<life>[0-9]+)$", websocket="true", connect_ms="CAST(began AS BIGINT)",
    close_ms="CAST(began AS BIGINT) + CAST(life AS BIGINT)",
)
FORMAT = Format(
    name="toy", title="a toy", recognise=lambda head: head.startswith(b"toy "), knows=Knows(start=True, end=True),
    advice="", convert=lambda originals, scratch, options: convert_lines(LOG, originals, scratch, options, "toy"),
)
'''
TRACE = "connection_id,connect_time,close_time,bytes_out\na,1700000000000,1700000090000,100\n"
"""A connection of 90 s."""
COMMAND = '''
"""`scfcost greet`."""

def greet(name: str) -> None:
    """Greet somebody."""
    print(f"Hello, {name}!")
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package, where a test may write into it, with loops that are compiled already."""
    found = shutil.copytree(PACKAGE, tmp_path / "scfcost", ignore=shutil.ignore_patterns("__pycache__"))
    kept = found / "core" / "compiler" / "__pycache__"
    kept.mkdir()
    for loop in (folder() or kept).glob("*.loop"):
        shutil.copy(loop, kept)
    return found


def register(file: Path, before: str, line: str) -> None:
    """Put one line before another one."""
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, line + before), encoding="utf-8")


def run(copy: Path, *arguments: str) -> str:
    """Run the copy, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(copy.parent), "COLUMNS": "200"}
    command = [sys.executable, "-m", "scfcost", *arguments]
    done = subprocess.run(command, cwd=copy.parent, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_command_is_one_file_and_one_line(copy: Path) -> None:
    (copy / "cli" / "greet.py").write_text(COMMAND)
    register(copy / "cli" / "app.py", '    "estimate",\n', '    "greet",\n')
    assert run(copy, "greet", "Ann") == "Hello, Ann!\n"
    assert re.search(r"greet +Greet somebody", run(copy, "--help"))


def test_a_log_format_is_one_file_and_one_line(copy: Path) -> None:
    (copy / "trace" / "formats" / "toy.py").write_text(FORMAT)
    register(copy / "trace" / "formats" / "__init__.py", '    "pcap.FORMAT",\n', '    "toy.FORMAT",\n')
    (copy.parent / "a.log").write_text("toy 1700000000000 5000\n")
    assert "\ntoy: a toy\n" in run(copy, "formats")
    run(copy, "import", "a.log", "-o", "t.csv")
    assert "1700000000000" in (copy.parent / "t.csv").read_text()


def test_a_provider_is_one_file(copy: Path) -> None:
    books = copy / "catalog" / "data"
    text = (books / "tencent-scf-intl.toml").read_text(encoding="utf-8")
    other = re.sub(r'^(name|provider) = ".*"$', r'\1 = "toy"', text, flags=re.MULTILINE)
    (books / "toy.toml").write_text(other, encoding="utf-8")
    assert re.search(r"^toy\b", run(copy, "catalog", "list"), re.MULTILINE)
    assert "toy" in run(copy, "catalog", "show", "toy")


def test_an_output_is_one_file_and_one_line(copy: Path) -> None:
    (copy / "report" / "toy.py").write_text(
        'def rows(document):\n    """Write a check as CSV."""\n    return f"toy,{document[\'verdict\']}\\n"\n'
    )
    forms = copy / "report" / "forms.py"
    line = '"check:markdown"),\n'
    assert line in forms.read_text()
    forms.write_text(forms.read_text().replace(line, '"check:markdown", "toy:rows"),\n'))
    (copy.parent / "t.csv").write_text(TRACE)
    assert run(copy, "check", "t.csv", "--budget", "500", "--format", "csv") == "toy,kept\n"


def test_a_meter_is_one_row_and_one_price(copy: Path) -> None:
    meters = copy / "billing" / "meters.py"
    register(
        meters,
        ')  # fmt: skip\n"""Every meter',
        '    Meter("opens", {"opens": lambda one: one.calls}, "openings", 1),\n',
    )
    text = (copy / "catalog" / "data" / "tencent-scf-intl.toml").read_text(encoding="utf-8")
    price = '[periods.prices.opens]\nprice = "2"\nsource = "a page"\nchecked_on = 2026-01-01\n'
    at = text.rindex("[periods.prices.resource]")
    (copy.parent / "mine.toml").write_text(text[:at] + price + text[at:], encoding="utf-8")
    (copy.parent / "t.csv").write_text(TRACE)
    at_most = ("--catalog", "mine.toml", "--idle-timeout", "600", "--reconnect", "none")
    document = json.loads(run(copy, "estimate", "t.csv", *at_most, "--format", "json"))
    (found,) = [one for one in document["bill"]["lines"] if one["item"] == "opens"]
    assert (found["quantity"], found["amount"]) == ("1", "2.00")
    assert "opens" in run(copy, "estimate", "t.csv", *at_most)
