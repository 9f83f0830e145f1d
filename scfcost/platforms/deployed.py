"""Settings of functions as they are deployed, out of the files that the vendor's and other tools keep."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from scfcost.core.errors import ConfigError
from scfcost.core.files import text_of
from scfcost.core.guard import OF_SHAPE, parse_json, taking_apart

NAMES = {
    "memory": ("MemorySize", "memorySize", "mem_size"),
    "exec_timeout": ("Timeout", "timeout"),
    "init_timeout": ("InitTimeout", "initTimeout", "init_timeout"),
}
"""A setting, and what the tools call it where it stands directly in a function. [MB, s, s]"""
READ = (
    "the output of `tccli scf GetFunction`, serverless.yml, cloudbaserc.json, or a plan of Terraform "
    "(`terraform show -json plan`)"
)
"""Files that are known, in words."""


_DEEPEST = 200
"""Brackets of YAML that stand in one another: its reader takes the square of them in time. [1]"""
_MOST = 10**9
"""A setting is less. [1]"""
_MOST_VALUES = 100_000
"""Values of a document: a few aliases in YAML stand for as many as would fill the memory. [1]"""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function as it is deployed."""

    name: str
    settings: dict[str, int | str]
    """By the names of flags, without dashes; what the file does not say is not there."""
    is_full_name: bool = False
    """Whether the function is deployed under this very name, not under one that a tool makes of it."""

    def in_words(self) -> str:
        """Return what was found, and what a bill hangs on and the file does not say."""
        found = ", ".join(f"{_flag(name)} {value}" for name, value in self.settings.items())
        silent = [name for name in ("memory", "idle_timeout", "exec_timeout") if name not in self.settings]
        if self.settings.get("function_type") == "event":
            silent = [name for name in silent if name != "idle_timeout"]
        missing = ", ".join(_flag(name) for name in silent)
        return (found or "no setting") + (f" (not said there: {missing})" if silent else "")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def deployed_functions(path: Path) -> list[Deployed]:
    """Read the functions of a file, in its order.

    Parameters
    ----------
    path : Path
        A JSON or YAML file of one of the tools that `READ` names.

    Returns
    -------
    list of Deployed
        At least one; times in seconds, memory in MB.

    Raises
    ------
    ConfigError
        If the file cannot be read, is of another kind, or holds a value that is no whole number.
    """
    with taking_apart(str(path), "JSON or YAML", ConfigError, *OF_SHAPE):  # as odd values of YAML raise
        document = _parsed(path)
    found = [function for kind in _KINDS for function in kind(document)]
    if not found:
        raise ConfigError(f"{path}: no function of Tencent Cloud SCF is in it; expected {READ}")
    return [
        Deployed(name, _settings(values, f"{path}: {name}"), name in (values.get("FunctionName"), values.get("name")))
        for name, values in found
    ]


def _parsed(path: Path) -> Mapping[str, Any]:
    text = text_of(path, ConfigError)
    try:
        document = parse_json(text) if text.lstrip().startswith("{") else _yaml(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: neither JSON nor YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(document, Mapping):
        raise ConfigError(f"{path}: expected {READ}")
    if _is_larger(document, _MOST_VALUES):
        raise ConfigError(f"{path}: holds more than {_MOST_VALUES:,} values, those that aliases repeat included")
    return document


def _is_larger(value: Any, most: int) -> bool:
    """Whether a document has more values than so many once its aliases are followed; one in itself has no end."""
    waiting, count = [value], 0
    while waiting and count <= most:
        one = waiting.pop()
        count += 1
        inside = list(one.values()) if isinstance(one, Mapping) else one if isinstance(one, list) else []
        waiting += inside[: most + 1]
    return count > most


def _nesting(text: str) -> int:
    """Return how many brackets stand in one another at most, those within texts included."""
    steps = ({"[": 1, "{": 1, "]": -1, "}": -1}[sign] for sign in re.findall(r"[][{}]", text))
    return max(accumulate(steps), default=0)


def _yaml(text: str) -> Any:
    import yaml

    if _nesting(text) > _DEEPEST:
        raise ValueError(f"more than {_DEEPEST} brackets stand in one another")
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


Found = Iterator[tuple[str, Mapping[str, Any]]]


def _get_function(document: Mapping[str, Any]) -> Found:
    """Take the answer of the vendor's GetFunction, as `tccli` prints it or whole."""
    answer = document.get("Response", document)
    if isinstance(answer, Mapping) and "MemorySize" in answer:
        yield str(answer.get("FunctionName", "default")), answer


def _terraform(document: Mapping[str, Any]) -> Found:
    """Take the functions that a plan of Terraform is to leave, those of its modules too."""
    module = _table(_table(document.get("planned_values")).get("root_module"))
    waiting = [module]
    while waiting:
        module = waiting.pop(0)
        waiting += [_table(child) for child in _rows(module.get("child_modules"))]
        for resource in map(_table, _rows(module.get("resources"))):
            if resource.get("type") == "tencentcloud_scf_function":
                values = _table(resource.get("values"))
                yield str(values.get("name", resource.get("name", "default"))), values


def _serverless(document: Mapping[str, Any]) -> Found:
    """Take a component's `inputs`, or the `functions` below a `provider` whose settings they share."""
    if "scf" in str(document.get("component", "")):
        inputs = _table(document.get("inputs"))
        yield str(inputs.get("name", document.get("name", "default"))), inputs
    provider = _table(document.get("provider"))
    if provider.get("name") == "tencent":
        for name, values in _table(document.get("functions")).items():
            yield str(name), {**provider, **_table(values)}


def _cloudbase(document: Mapping[str, Any]) -> Found:
    """Take the list of functions of a cloudbaserc.json, with the defaults they share."""
    shared = _table(document.get("functionDefaultConfig"))
    for values in map(_table, _rows(document.get("functions"))):
        yield str(values.get("name", "default")), {**shared, **values}


_KINDS: tuple[Callable[[Mapping[str, Any]], Found], ...] = (_get_function, _terraform, _serverless, _cloudbase)


def _settings(values: Mapping[str, Any], where: str) -> dict[str, int | str]:
    told: dict[str, int | str] = {}
    for setting, names in NAMES.items():
        for name in names:
            if values.get(name) not in (None, ""):
                told[setting] = _whole(values[name], f"{where}: {name}")
    protocol = _table(_table(values.get("ProtocolParams")).get("WSParams"))
    if protocol.get("IdleTimeOut") is not None:
        told["idle_timeout"] = _whole(protocol["IdleTimeOut"], f"{where}: ProtocolParams.WSParams.IdleTimeOut")
    shared = _first(values.get("InstanceConcurrencyConfig") or values.get("instance_concurrency_config"))
    most = shared.get("MaxConcurrency", shared.get("max_concurrency"))
    if most is not None:
        told["max_concurrency"] = max(_whole(most, f"{where}: MaxConcurrency"), 1)
    if kind := _function_type(values):
        told["function_type"] = kind
    return told


def _function_type(values: Mapping[str, Any]) -> str | None:
    kind = str(values.get("Type") or values.get("func_type") or values.get("type") or "").lower()
    if kind in ("http", "web"):
        protocol = str(values.get("ProtocolType") or values.get("protocolType") or "").upper()
        return "web-http" if "ProtocolType" in values and protocol != "WS" else "web-ws"
    return "event" if kind == "event" else None


def _whole(value: Any, where: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value < _MOST:
            raise ConfigError(f"{where}: expected a whole number from 0 to {_MOST - 1:,}")
        return value
    if not isinstance(value, str) or not value.isdecimal() or len(value) >= len(str(_MOST)):
        raise ConfigError(f"{where}: {reprlib.repr(value)} is not a whole number")
    return int(value)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _rows(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _first(value: Any) -> Mapping[str, Any]:
    return _table(value[0] if isinstance(value, list) and value else value)
