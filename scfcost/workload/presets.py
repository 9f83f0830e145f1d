"""Scenarios to start from, each a file of the package that says where its figures come from."""

from __future__ import annotations

from scfcost.core.errors import ConfigError, nearest
from scfcost.core.files import packaged_names, packaged_text
from scfcost.workload.schema import Scenario, parse_scenario


def preset_names() -> list[str]:
    """Return the names of the presets."""
    return packaged_names("scfcost.workload", "presets", ".toml")


def preset_text(name: str) -> str:
    """Return the file of a preset as it stands, comments and all.

    Raises
    ------
    ConfigError
        If there is no such preset.
    """
    if name not in preset_names():
        raise ConfigError(f"scenario {name!r} is not known; {nearest(name, preset_names())}")
    return packaged_text("scfcost.workload", f"presets/{name}.toml")


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
