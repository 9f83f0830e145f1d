"""The notebooks run as a reader would run them, and what they hold is what comes out."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST_BYTES = 400_000


def _executed(path: Path) -> Any:
    place = importlib.util.spec_from_file_location("execute", FOLDER / "execute.py")
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module.executed(path)


def shown(notebook: Any) -> list[list[list[str]]]:
    """Return the numbers that each cell shows; pictures differ with the fonts of a machine, and have none."""
    return [
        [_numbers(output.data) for output in cell.get("outputs", []) if "image/png" not in output.data]
        for cell in notebook.cells
    ]


def _numbers(data: Any) -> list[str]:
    text = re.sub(r"<[^>]*>", " ", data.get("text/html") or data["text/plain"])
    return re.findall(r"\d[\d,.:]*", text)


def test_there_are_four() -> None:
    assert [path.name[0] for path in NOTEBOOKS] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings(
    "ignore::RuntimeWarning", "ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_a_notebook_shows_what_it_computes(path: Path) -> None:
    kept = nbformat.read(path, as_version=4)
    assert shown(kept) == shown(_executed(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_names_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < MOST_BYTES
    assert not re.search(r"/home/|/root/|/tmp/|/Users/", text)
    notebook = nbformat.read(path, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}
    assert sum("image/png" in output.data for output in outputs) >= 1
