"""Write the reference pages of the docs from the program: commands, JSON fields, prices, the Python API.

They are written anew at each build and are not kept, so that they cannot say what the program does not.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import typer

import scfcost

Row = tuple[str, str, str, str, str]


def write_all(folder: Path) -> None:
    """Write every generated page below a folder, and nothing where a page stands as it should."""
    pages = {"commands": commands(), "json": json_forms(), "prices": prices(), "python": python_api()}
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def commands() -> str:
    """Return the page of every command, argument and flag, as the program's own help has them."""
    from scfcost.cli.app import app

    parts = ["# Commands", "", "Every command, as `--help` says it.", ""]
    root = typer.main.get_command(app)
    for name, command in _leaves(root, "scfcost"):
        context = command.make_context(name, [], resilient_parsing=True)
        parts += [f"## {name}", "", *_help(command.help or "")]
        parts += ["```text", " ".join(command.get_usage(context).split()).replace("Usage: ", ""), "```", ""]
        parts += [line for title, flags in _by_group(command, context).items() for line in _definitions(title, flags)]
    return "\n".join(parts) + "\n"


def _leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if not below:
        yield name, command
        return
    for child, found in below.items():
        if not found.hidden:
            yield from _leaves(found, f"{name} {child}")


def _by_group(command: Any, context: Any) -> dict[str, list[tuple[str, str]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            continue
        is_argument = parameter.param_type_name == "argument"
        title = "Arguments" if is_argument else getattr(parameter, "rich_help_panel", None) or "Options"
        groups.setdefault(title, []).append(record)
    return groups


def _definitions(title: str, flags: list[tuple[str, str]]) -> Iterator[str]:
    yield from (f"**{title}**", "")
    for flag, said in flags:
        yield from (f"`{flag}`", f": {_prose(' '.join(said.split()))}", "")


def _help(text: str) -> Iterator[str]:
    """Yield the paragraphs of a command's help; one that shows commands stays as it is typed."""
    for paragraph in text.replace("\b\n", "").strip().split("\n\n"):
        is_example = paragraph.lstrip().startswith("scfcost ")
        yield from ("```text", paragraph, "```", "") if is_example else (_prose(paragraph), "")


def _prose(text: str) -> str:
    """Escape what Markdown would read as markup outside code: help is plain text."""
    return re.sub(r"([*_<>\[\]|$\\`~#])", r"\\\1", " ".join(text.split()))


def json_forms() -> str:
    """Return the page of every field of every JSON document, from its schema."""
    parts = ["# JSON", "", "What `--format json` prints, field by field. Names are stable; a change that a reader must",
             "know raises the number in `schema`. The schemas are in the package, beside the code.", ""]  # fmt: skip
    for path in _schemas():
        schema = json.loads(path.read_text(encoding="utf-8"))
        parts += [f"## {schema.get('$id', path.name)}", "", schema.get("description", ""), ""]
        parts += ["| field | type | meaning |", "| --- | --- | --- |"]
        parts += [f"| `{name}` | {kind} | {said} |" for name, kind, said in _fields(schema, schema, "")]
        parts.append("")
    return "\n".join(parts) + "\n"


def _schemas() -> list[Path]:
    return sorted(Path(str(files("scfcost"))).rglob("*.schema.json"))


def _fields(schema: Mapping[str, Any], root: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, str]]:
    """Walk the fields of a schema in their order; a reference is followed, one into itself is not."""
    schema = _resolved(schema, root)
    required = set(schema.get("required", ()))
    for name, field in schema.get("properties", {}).items():
        found = _resolved(field, root)
        here = f"{path}.{name}" if path else name
        kind = _kind(found) + ("" if name in required else ", optional")
        yield here, kind, str(found.get("description", "")).replace("|", "\\|")
        if here.count(".") < 6:
            yield from _fields(found, root, here)
            if isinstance(found.get("items"), dict):
                yield from _fields(found["items"], root, f"{here}[]")
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict) and path.count(".") < 6:
        found = _resolved(extra, root)
        yield f"{path}.NAME", _kind(found), str(found.get("description", "")).replace("|", "\\|")
        yield from _fields(found, root, f"{path}.NAME")


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _kind(schema: Mapping[str, Any]) -> str:
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def prices() -> str:
    """Return the page of every figure of every price book, with its page and date."""
    parts = ["# Prices and limits", "", "Every figure that scfcost computes with, where it was read, and when.", ""]
    for path in sorted(Path(str(files("scfcost.catalog") / "data")).glob("*.toml")):
        book = tomllib.loads(path.read_text(encoding="utf-8"))
        parts += [f"## {path.stem}", "", ". ".join(_heading(book)), ""]
        parts += ["| figure | value | source | checked on | note |", "| --- | --- | --- | --- | --- |"]
        parts += ["| " + " | ".join(_prose(cell) for cell in row) + " |" for row in _figures(book, "")]
        parts.append("")
    return "\n".join(parts) + "\n"


def _heading(book: Mapping[str, Any]) -> Iterator[str]:
    for key in ("provider", "service", "currency"):
        if key in book:
            yield f"{key.capitalize()}: {book[key]}"


def _figures(node: Any, path: str) -> Iterator[Row]:
    if isinstance(node, dict):
        if "source" in node:
            told = {"source", "checked_on", "confidence", "note"}
            values = ", ".join(f"{key} {value}" for key, value in node.items() if key not in told and _plain(value))
            yield (path, values, str(node["source"]), str(node.get("checked_on", "")), str(node.get("note", "")))
        for key, value in node.items():
            yield from _figures(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for number, value in enumerate(node, 1):
            name = value.get("name", number) if isinstance(value, dict) else number
            yield from _figures(value, f"{path}[{name}]")


def _plain(value: Any) -> bool:
    return not isinstance(value, dict) and not (isinstance(value, list) and value and isinstance(value[0], dict))


def python_api() -> str:
    """Return the page of the public names of the package."""
    names = sorted((name for name in scfcost.__all__ if not name.startswith("__")), key=_rooms_last)
    listed = "\n".join(f"   {name}" for name in names)
    told = "\n".join(_told(name) for name in names)
    return f"""# Python

`import scfcost` loads nothing heavy; each name brings what it needs when it is first used. `scfcost.plots` draws
results, `scfcost.engines` reads traces larger than memory.

```{{eval-rst}}
.. currentmodule:: scfcost

.. autosummary::
   :nosignatures:

{listed}

{told}
```
"""


def _rooms_last(name: str) -> tuple[bool, str]:
    return isinstance(getattr(scfcost, name), ModuleType), name.lower()


def _told(name: str) -> str:
    found = getattr(scfcost, name)
    if isinstance(found, type):
        return f".. autoclass:: {name}\n   :members:\n"
    return f".. autofunction:: {name}\n" if callable(found) else f".. automodule:: scfcost.{name}\n   :members:\n"
