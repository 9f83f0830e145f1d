"""The layers of the package: a module imports only from below itself, or from its own room."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import scfcost

PACKAGE = Path(scfcost.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

FLOORS = [
    *("core", "config", "catalog", "platforms", "trace", "workload", "lifecycle", "billing"),
    *("engines", "report", "plots", "analysis", "cli"),
]
"""Rooms of the house, ground floor first."""
PURE = FLOORS[: FLOORS.index("engines")]
"""Rooms without clock, network, print or logging."""
READS_FILES = {"core", "catalog", "trace"}

FENCES = {
    "dask": ("engines/dask.py",),
    "distributed": ("engines/dask.py",),
    "ipywidgets": ("analysis/sweep/widget.py",),
    "matplotlib": ("plots/",),
    "rich": ("cli/", "report/console/"),
    "typer": ("cli/",),
}
"""Libraries that have an owner."""
HEAVY = ("duckdb", "matplotlib", "numba", "pandas", "pyarrow", "pydantic")
"""Libraries that only a command that needs them may load."""
IMPURE_MODULES = {"http", "logging", "random", "requests", "socket", "time", "urllib.request"}
IMPURE_CALLS = {"input", "print", "datetime.now", "datetime.utcnow", "date.today"}


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room(path: Path) -> str:
    """Name the floor of a module; the public API and `__main__` stand on the roof."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first.startswith("__") else first


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each imported name in full, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)}:{node.lineno}: write the import in full"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def test_every_module_has_a_floor() -> None:
    assert {room(path) for path in MODULES} - {""} <= set(FLOORS)


@pytest.mark.parametrize("path", [path for path in MODULES if room(path)], ids=place)
def test_no_import_climbs(path: Path) -> None:
    here = FLOORS.index(room(path))
    for name, line in imported(path):
        parts = name.split(".")
        if parts[0] != "scfcost" or name == "scfcost.__version__":
            continue
        assert parts[1] in FLOORS, f"{place(path)}:{line}: import {name} from the module that defines it"
        assert FLOORS.index(parts[1]) <= here, f"{place(path)}:{line}: {parts[1]} stands above {room(path)}"


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_a_fenced_library_is_imported_by_its_owner_alone(path: Path) -> None:
    for name, line in imported(path):
        owners = FENCES.get(name.split(".")[0])
        assert owners is None or place(path).startswith(owners), f"{place(path)}:{line}: {name} belongs to {owners}"


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) in PURE], ids=place)
def test_the_lower_floors_are_pure(path: Path) -> None:
    for name, line in imported(path):
        assert not any(within(name, module) for module in IMPURE_MODULES), f"{place(path)}:{line}: imports {name}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            assert call not in IMPURE_CALLS, f"{place(path)}:{node.lineno}: calls {call}"
            assert call != "open" or room(path) in READS_FILES, f"{place(path)}:{node.lineno}: reads a file"
        assert not isinstance(node, ast.Global), f"{place(path)}:{node.lineno}: changes a global"


def loaded_by(code: str) -> set[str]:
    """Run `code` in a fresh interpreter and name the heavy libraries that it loaded."""
    report = f"\nimport sys\nprint('loaded:', *[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_importing_the_package_loads_no_heavy_library() -> None:
    assert loaded_by("import scfcost; scfcost.FunctionConfig()") == set()


def test_help_loads_no_heavy_library() -> None:
    ask = "import sys; sys.argv = ['scfcost', '--help']"
    assert loaded_by(f"{ask}\ntry:\n  from scfcost.cli.app import main; main()\nexcept SystemExit: pass") == set()


def test_the_heavy_libraries_are_told_apart() -> None:
    assert loaded_by("import duckdb") >= {"duckdb"}
