"""What a user set, and where: flags over environment over what is deployed over scfcost.toml over defaults."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, nearest
from scfcost.core.files import text_of
from scfcost.core.tables import read_exact
from scfcost.core.units import MOST_OF_A_SETTING

FILE = "scfcost.toml"
"""The configuration file that is read where none is named."""
CHECK = "check"
"""The table of the configuration file that holds budgets and limits."""
DEPLOYED = "--from-function"
"""Origin of a setting that is deployed."""
ENVIRONMENT = "SCFCOST_"
"""What the name of an environment variable begins with."""

FUNCTION_FIELDS = {
    "memory": "memory_mb",
    "idle_timeout": "idle_timeout_s",
    "exec_timeout": "exec_timeout_s",
    "init_timeout": "init_timeout_s",
    "max_concurrency": "max_concurrency",
    "keep_alive": "keep_alive_s",
    "placement": "placement",
    "function_type": "function_type",
    "reconnect": "reconnect",
    "reconnect_delay": "reconnect_delay_s",
    "buffer_pushes": "buffer_pushes",
    "heartbeat": "heartbeat_s",
    "heartbeat_up_bytes": "heartbeat_up_bytes",
    "heartbeat_down_bytes": "heartbeat_down_bytes",
    "ping_resets_idle": "ping_resets_idle",
    "empty_close_is_normal": "empty_close_is_normal",
    "provisioned": "provisioned",
    "init_ms": "init_ms",
    "bill_init": "bill_init",
    "recycle_on_error": "recycle_on_error",
    "max_retries": "max_retries",
    "memory_base": "memory_base_mb",
    "memory_per_connection": "memory_per_connection_mb",
}
"""Settings of a function: name of the flag, without dashes, and field of FunctionConfig."""
PRICING_DEFAULTS: dict[str, Any] = {
    "region": None,
    "plan": None,
    "catalog": "tencent-scf-cn",
    "pricing_date": None,
    "traffic_rule": "response",
    "traffic_price": None,
    "quota_mb": None,
    "burst_per_minute": None,
    "on_quota": "report",
    "seed": 0,
}
"""Settings of the bill and their defaults; None leaves the choice to the price book."""
_FLAGS = ("buffer_pushes", "ping_resets_idle", "empty_close_is_normal", "bill_init", "recycle_on_error")
MOST_SEED = 2**63 - 1
"""The largest seed: compiled code draws by it."""
_MOST_DIGITS = 40
"""Of a whole number that is worth a look. [1]"""
_WHOLE = {"quota_mb": 1, "burst_per_minute": 1, "seed": 0}
"""Whole numbers and the least that each may be."""
_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w-]+)\s*=")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from."""

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of a command, checked."""

    values: dict[str, Setting]
    functions: dict[str, dict[str, Setting]]
    """Settings of single functions, by name."""

    def function(self) -> FunctionConfig:
        """Return the settings of every function that has none of its own."""
        return _config({name: self.values[name] for name in FUNCTION_FIELDS})

    def named_functions(self) -> dict[str, FunctionConfig]:
        """Return the settings of single functions, those of all functions where they say nothing."""
        common = {name: self.values[name] for name in FUNCTION_FIELDS}
        return {name: _config({**common, **own}) for name, own in self.functions.items()}

    def pricing(self) -> dict[str, Any]:
        """Return the settings of the bill, as the fields of `Pricing`."""
        return {name: self.values[name].value for name in PRICING_DEFAULTS}


def gather(
    flags: Mapping[str, Any],
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    deployed: Mapping[str, Mapping[str, Any]] | None = None,
) -> Settings:
    """Gather settings, each from the first place that has it.

    Parameters
    ----------
    flags : mapping
        What was given on the command line, None where nothing was.
    file : Path, optional
        A configuration file; `scfcost.toml` in the current directory, if there is one, otherwise.
    environment : mapping, optional
        The environment; that of the process otherwise.
    deployed : mapping, optional
        Settings of functions as they are deployed, by the function's name; those of an only one are every function's.

    Raises
    ------
    ConfigError
        If a file cannot be read, or a key or value is not known.
    """
    known = {**_function_defaults(), **PRICING_DEFAULTS}
    written, functions, place = _read_file(file, known)
    variables = os.environ if environment is None else environment
    single = deployed is not None and len(deployed) == 1
    common = next(iter(deployed.values())) if deployed and single else {}
    _refuse_unknown_variables(variables, known)
    values = {}
    for name, default in known.items():
        variable = ENVIRONMENT + name.upper()
        if flags.get(name) is not None:
            values[name] = Setting(
                _typed(name, flags[name], f"--{name.replace('_', '-')}"), f"--{name.replace('_', '-')}"
            )
        elif variable in variables:
            values[name] = Setting(_typed(name, variables[variable], variable), variable)
        elif name in common:
            values[name] = Setting(_typed(name, common[name], DEPLOYED), DEPLOYED)
        elif name in written:
            values[name] = Setting(_typed(name, written[name], f"{place(name)}: {name}"), place(name))
        else:
            values[name] = Setting(default, "default")
    own = {
        function: {
            key: Setting(_typed(key, value, f"{place(name)}: {name}"), place(name))
            for key, value in table.items()
            for name in [f"functions.{function}.{key}"]
        }
        for function, table in functions.items()
    }
    if deployed and not single:
        for function, told in deployed.items():
            found = {key: Setting(_typed(key, value, DEPLOYED), DEPLOYED) for key, value in told.items()}
            own[function] = {**own.get(function, {}), **found}
    return Settings(values, own)


def _function_defaults() -> dict[str, Any]:
    defaults = {one.name: one.default for one in fields(FunctionConfig)}
    return {name: defaults[field] for name, field in FUNCTION_FIELDS.items()}


def _config(settings: Mapping[str, Setting]) -> FunctionConfig:
    try:
        return FunctionConfig(**{FUNCTION_FIELDS[name]: setting.value for name, setting in settings.items()})
    except ConfigError as error:
        field = str(error).split(":", 1)[0]
        origin = next((s.origin for name, s in settings.items() if FUNCTION_FIELDS[name] == field), "default")
        raise ConfigError(f"{error} (from {origin})") from None


def _read_file(
    file: Path | None, known: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], Callable[[str], str]]:
    """Return the settings of all functions, those of single ones, and what tells the place of each in the file."""
    path = file or Path(FILE)
    text = _text(file)
    data, lines = _parsed(text, path), _line_numbers(text)
    data.pop(CHECK, None)
    functions = data.pop("functions", {})
    if not isinstance(functions, dict) or not all(isinstance(table, dict) for table in functions.values()):
        raise ConfigError(f"{path}: functions: expected a table for each function, such as [functions.chat]")
    _refuse_unknown_keys(data, known, str(path))
    for name, table in functions.items():
        _refuse_unknown_keys(table, FUNCTION_FIELDS, f"{path}: functions.{name}")
    return data, functions, lambda name: f"{path}:{lines[name]}" if name in lines else str(path)


def _line_numbers(text: str) -> dict[str, int]:
    """Find the line of each key by its dotted name; keys written in rarer ways have none."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = header[1].replace('"', "") + "."
        elif key := _KEY.match(line):
            found.setdefault(table + key[1], number)
    return found


def check_table(file: Path | None, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `[check]` table of the configuration file: budgets and limits.

    Parameters
    ----------
    file : Path or None
        The configuration file; `scfcost.toml`, if there is one, where none is named.
    known : mapping of str
        The keys that may stand in the table.

    Raises
    ------
    ConfigError
        If the file cannot be read, or the table holds a key that is not known.
    """
    table = _parsed(_text(file), file or Path(FILE)).get(CHECK, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file or FILE}: {CHECK}: expected a table, [check]")
    _refuse_unknown_keys(table, known, f"{file or FILE}: {CHECK}")
    return table


def _text(file: Path | None) -> str:
    path = file or Path(FILE)
    if file is None and not path.exists():
        return ""
    return text_of(path, ConfigError)


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: not TOML: it is nested too deeply") from None


def _refuse_unknown_keys(data: Mapping[str, Any], known: Mapping[str, Any], where: str) -> None:
    for key in data:
        if key not in known:
            raise ConfigError(f"{where}: {key}: no such setting; {nearest(key, known)}")


def _refuse_unknown_variables(variables: Mapping[str, str], known: Mapping[str, Any]) -> None:
    for variable in variables:
        name = variable.removeprefix(ENVIRONMENT).lower()
        if variable.startswith(ENVIRONMENT) and name not in ("debug", "lang") and name not in known:
            raise ConfigError(f"{variable}: no such setting; {nearest(name, known)}")


def _exact(value: Any, where: str) -> Decimal:
    try:
        return read_exact(str(value).strip())
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None


def _typed(name: str, value: Any, where: str) -> Any:
    """Bring a value from text or TOML to the type of its setting."""
    if name in _FLAGS:
        word = str(value).lower()
        if word not in (*_TRUE, *_FALSE):
            raise ConfigError(f"{where}: {value!r} is neither true nor false")
        return word in _TRUE
    if isinstance(value, bool | list | dict):
        raise ConfigError(f"{where}: {value!r} is not a single value")
    if name in _WHOLE:
        if not str(value).isdecimal() or int(str(value)[:_MOST_DIGITS]) < _WHOLE[name]:
            raise ConfigError(f"{where}: {value!r} is not a whole number of {_WHOLE[name]} or more")
        most = MOST_SEED if name == "seed" else MOST_OF_A_SETTING
        if len(str(value)) > _MOST_DIGITS or int(value) > most:
            raise ConfigError(f"{where}: {str(value)[:40]} is absurd; expected at most {most:,}")
        return int(value)
    if name == "traffic_price":
        return _exact(value, where)
    if name == "pricing_date" and not isinstance(value, date):
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise ConfigError(f"{where}: {value!r} is not a day such as 2026-11-23") from None
    return value
