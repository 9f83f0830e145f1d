"""The house: its rooms and their order, who may import whom, and who touches the world outside."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import scfcost

PACKAGE = Path(scfcost.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

FLOORS = [
    *("core", "config", "catalog", "platforms", "trace", "workload", "lifecycle", "billing"),
    *("engines", "emulate", "report", "plots", "analysis", "cli"),
]
"""Rooms of the house, ground floor first."""
ANNEXE = "emulate"
"""The room beside the engines: a running server, with a clock and sockets, that only the command line uses."""
ROOMS = {*FLOORS, ANNEXE}
BESIDE_THE_ROOMS = {"__init__.py", "locale", "__main__.py", "py.typed"}
"""All else that lies at the top of the package."""
PURE = FLOORS[: FLOORS.index("engines")]
"""Rooms without clock, network, print or logging."""
READS_FILES = {"core", "catalog", "trace", "emulate"}
"""The emulator reads what the system tells of its processes, and appends to a recording that must outlive it."""
FILE_CALLS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "fdopen"}
"""Functions and methods that touch what a file holds."""

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


def standing(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what stands outside functions: what runs on import, and what only a type checker reads."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def imported(path: Path, nodes: Callable[[ast.Module], Iterator[ast.AST]] = ast.walk) -> Iterator[tuple[str, int]]:
    """Yield each imported name in full, with its line."""
    for node in nodes(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path)}:{node.lineno}: write the import in full"
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


def climbs(here: str, there: str) -> bool:
    """Whether a module of one room may not import from the other."""
    if ANNEXE in (here, there):
        floor = FLOORS.index("engines")
        below = there in FLOORS and FLOORS.index(there) < floor
        return not (here == there or (here == ANNEXE and below) or here == "cli")
    return FLOORS.index(there) > FLOORS.index(here)


def own_modules() -> dict[str, Path]:
    """Return each module of the package by its name."""
    names = (".".join(("scfcost", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in MODULES)
    return {name.removesuffix(".__init__"): path for name, path in zip(names, MODULES, strict=True)}


def arrows(nodes: Callable[[ast.Module], Iterator[ast.AST]] = ast.walk) -> dict[str, set[str]]:
    """Return which modules of the package each of them imports, for whatever use."""
    known = own_modules()
    return {
        name: {
            found if found in known else found.rpartition(".")[0]
            for found, _ in imported(path, nodes)
            if found in known or found.rpartition(".")[0] in known
        }
        - {name}
        for name, path in known.items()
        if name != "scfcost"  # it gives out what others define
    }


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Name what is left when all is taken away, again and again, that imports nothing or is imported by nothing."""
    left = {name: targets & set(graph) for name, targets in graph.items()}
    while gone := {one for one in left if not left[one] or not any(one in targets for targets in left.values())}:
        left = {name: targets - gone for name, targets in left.items() if name not in gone}
    return sorted(left)


def test_nothing_stands_beside_the_rooms() -> None:
    found = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert found - BESIDE_THE_ROOMS <= ROOMS
    assert set(FLOORS) <= found


@pytest.mark.parametrize("path", [path for path in MODULES if room(path)], ids=place)
def test_no_import_climbs(path: Path) -> None:
    for name, line in imported(path):
        parts = name.split(".")
        if parts[0] != "scfcost" or name == "scfcost.__version__":
            continue
        assert parts[1] in ROOMS, f"{place(path)}:{line}: import {name} from the module that defines it"
        assert not climbs(room(path), parts[1]), f"{place(path)}:{line}: {parts[1]} stands above {room(path)}"


def test_the_annexe_is_entered_from_the_command_line_alone() -> None:
    assert not climbs("cli", ANNEXE)
    assert not climbs(ANNEXE, "billing")
    assert climbs("analysis", ANNEXE)
    assert climbs(ANNEXE, "engines")


def test_no_import_goes_in_a_circle() -> None:
    """Not even one inside a function, but for `Trace.from_frame`, which reads what it then is."""
    assert circles(arrows(standing)) == []
    wherever = arrows()
    wherever["scfcost.trace.model"].remove("scfcost.trace.frames")
    assert circles(wherever) == []


def test_a_circle_would_be_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["b", "c"]
    assert arrows()["scfcost.cli.app"] >= {"scfcost.cli.help", "scfcost.core.errors"}


def test_reading_knows_no_format() -> None:
    for name, targets in arrows().items():
        if name.startswith("scfcost.trace.reading"):
            assert not [one for one in targets if one.startswith("scfcost.trace.formats")], name


def test_the_emulator_stands_beside_the_engines_and_only_commands_use_it() -> None:
    used_by = {room(path) for path in MODULES for name, _ in imported(path) if within(name, "scfcost.emulate")}
    uses = {name for path in MODULES if room(path) == "emulate" for name, _ in imported(path)}
    assert used_by <= {"emulate", "cli"}
    assert not any(within(name, "scfcost.engines") for name in uses)


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
        assert not isinstance(node, ast.Global), f"{place(path)}:{node.lineno}: changes a global"


@pytest.mark.parametrize("path", [path for path in MODULES if room(path) not in READS_FILES], ids=place)
def test_files_are_touched_in_four_rooms_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            if call == "formatter.write_text":  # a paragraph of help
                continue
            assert call.split(".")[-1] not in FILE_CALLS, f"{place(path)}:{node.lineno}: {call}: see core/files.py"


EMULATED_MODEL = [path for path in MODULES if place(path).startswith("emulate/model/")]


@pytest.mark.parametrize("path", EMULATED_MODEL, ids=place)
def test_what_the_emulator_decides_knows_no_clock_and_no_socket(path: Path) -> None:
    for name, line in imported(path):
        assert not any(within(name, one) for one in (*IMPURE_MODULES, "asyncio", "os")), f"{place(path)}:{line}: {name}"
        assert not within(name, "scfcost.emulate") or within(name, "scfcost.emulate.model"), f"{place(path)}:{line}"


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


def test_importing_a_log_loads_no_compiler(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text('1.2.3.4 - - [01/Jan/2026:10:10:00 +0000] "GET /ws HTTP/1.1" 101 20480 "-" "-" 600.123\n')
    ask = f"import sys; sys.argv = ['scfcost', 'import', {str(log)!r}, '-o', {str(tmp_path / 'trace.parquet')!r}, '-q']"
    run = f"{ask}\ntry:\n  from scfcost.cli.app import main; main()\nexcept SystemExit: pass"
    assert not loaded_by(run) & {"numba", "pandas"}
    assert (tmp_path / "trace.parquet").exists()


def test_the_heavy_libraries_are_told_apart() -> None:
    assert loaded_by("import duckdb") >= {"duckdb"}


PROVIDERS = ("alibaba", "aws", "azure", "cloudflare", "fly", "google", "huawei", "tencent", "vercel", "volcengine")
"""Beginnings of the names of price books, each a provider."""
READS_THEIR_FILES = ("platforms/", "trace/formats/")
"""Rooms that are about the files of one provider."""


def _compared(path: Path) -> Iterator[str]:
    """Yield the strings that a module compares something with."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            inside = (part for side in (node.left, *node.comparators) for part in ast.walk(side))
        elif isinstance(node, ast.MatchValue):
            inside = ast.walk(node.value)
        else:
            continue
        yield from (one.value for one in inside if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_every_book_is_of_a_provider_that_is_looked_for() -> None:
    names = [path.stem for path in (PACKAGE / "catalog" / "data").glob("*.toml")]
    assert [name for name in names if not name.startswith(PROVIDERS)] == []


def test_nothing_is_decided_by_the_name_of_a_provider() -> None:
    """A platform is data: its rules, meters and prices stand in its book, and no module asks whose book it is."""
    found = [
        f"{place(path)}: {text!r}"
        for path in MODULES
        if not place(path).startswith(READS_THEIR_FILES)
        for text in _compared(path)
        if text.lower().startswith(PROVIDERS)
    ]
    assert found == []
