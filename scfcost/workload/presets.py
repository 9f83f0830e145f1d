"""Scenarios to start from, each a file of the package that says where its figures come from."""

from __future__ import annotations

from importlib.resources import files

from scfcost.core.errors import ConfigError, nearest
from scfcost.workload.schema import Scenario, parse_scenario


def preset_names() -> list[str]:
    """Return the names of the presets."""
    folder = files("scfcost.workload") / "presets"
    return sorted(one.name.removesuffix(".toml") for one in folder.iterdir() if one.name.endswith(".toml"))


def preset_text(name: str) -> str:
    """Return the file of a preset as it stands, comments and all.

    Raises
    ------
    ConfigError
        If there is no such preset.
    """
    if name not in preset_names():
        raise ConfigError(f"scenario {name!r} is not known; {nearest(name, preset_names())}")
    return (files("scfcost.workload") / "presets" / f"{name}.toml").read_text(encoding="utf-8")


def preset(name: str) -> Scenario:
    """Return a preset.

    Raises
    ------
    ConfigError
        If there is no such preset.

    Examples
    --------
    >>> preset("chat-room").name
    'Chat room'
    """
    return parse_scenario(preset_text(name), f"{name}.toml")
