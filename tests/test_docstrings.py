"""A public function with two or more parameters says what each of them is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import scfcost
from scfcost.cli.app import app

PACKAGE = Path(scfcost.__file__).parent
ROOMS = sorted(path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__")


def public_functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    """Yield functions and methods whose name, and that of their class, has no underscore in front."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    named = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [one for one in named if one not in ("self", "cls", "_")]


def described(docstring: str) -> set[str]:
    """Return the parameters that a docstring has an entry for, such as `name : type` or `one, other : type`."""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", docstring, re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^(\S[^:\n]*?)(?: :.*)?$", section[1], re.MULTILINE) if section else []
    return {name.strip(" *") for head in heads for name in head.split(",")}


def by_protocol(body: list[ast.stmt]) -> set[ast.FunctionDef]:
    """Return the methods that a protocol of the same module has, and describes for all that keep to it."""
    classes = [node for node in body if isinstance(node, ast.ClassDef)]
    protocols = [one for one in classes if any(ast.unparse(base) == "Protocol" for base in one.bases)]
    names = {function.name for one in protocols for function in public_functions(one.body)}
    others = (function for one in classes if one not in protocols for function in public_functions(one.body))
    return {function for function in others if function.name in names}


def commands(group: Any = app) -> set[tuple[str, str]]:
    """Return module and name of what the command line calls; `test_docs` holds each flag to say what it is."""
    own = {(one.callback.__module__, one.callback.__name__) for one in group.registered_commands}
    return own.union(*(commands(one.typer_instance) for one in group.registered_groups))


def silent(room: str) -> list[str]:
    """Name the functions of a room that leave a parameter out."""
    found, called = [], commands()
    for path in sorted((PACKAGE / room).rglob("*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        module = ".".join((scfcost.__name__, *path.relative_to(PACKAGE).with_suffix("").parts))
        kept = by_protocol(body) | {one for one in public_functions(body) if (module, one.name) in called}
        for function in (one for one in public_functions(body) if one not in kept):
            wanted = parameters(function)
            missing = set(wanted) - described(ast.get_docstring(function) or "")
            if len(wanted) > 1 and missing:
                place = path.relative_to(PACKAGE).as_posix()
                found.append(f"{place}:{function.lineno}: {function.name}: {', '.join(sorted(missing))}")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_public_function_says_what_its_parameters_are(room: str) -> None:
    found = silent(room)
    assert found == []


def test_what_a_docstring_describes_is_read() -> None:
    entries = "one : int\n    The first.\ntwo, three : str\n    Others.\n"
    assert described(f"Do it.\n\nParameters\n----------\n{entries}\nReturns\n-------\nint\n") == {"one", "two", "three"}
    assert described("Do it.") == set()
