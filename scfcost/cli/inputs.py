"""From flags to a trace and its settings, the same way in every command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scfcost.cli.options import LIMITS, PRICES
from scfcost.cli.output import note, status
from scfcost.settings import Settings, gather

if TYPE_CHECKING:
    from scfcost.config import FunctionConfig
    from scfcost.estimation import Estimate
    from scfcost.trace.model import Trace


def settings_of(flags: Mapping[str, Any]) -> Settings:
    """Gather the settings of a command from its own arguments."""
    return gather(flags, flags.get("config"))


def one_setting_of(flags: Mapping[str, Any]) -> tuple[FunctionConfig, dict[str, Any]]:
    """Gather the settings that every function of a trace gets, and those of the bill, for commands that vary them."""
    settings = settings_of(flags)
    if settings.functions:
        names = ", ".join(settings.functions)
        text = f"the settings of single functions ({names}) are left aside: here every function gets the same"
        note(text, quiet=flags["quiet"])
    return settings.function(), {
        name: value
        for name, value in settings.pricing().items()
        if name in PRICES or (name in LIMITS and name in flags)
    }


def trace_of(paths: Sequence[str], flags: Mapping[str, Any]) -> Trace:
    """Read the trace of a command."""
    from scfcost.trace.heartbeats import drop_heartbeats
    from scfcost.trace.read import read_trace
    from scfcost.trace.window import parse_window

    window = flags.get("window")
    with status("reading", quiet=flags["quiet"]):
        trace = read_trace(
            paths,
            on_error=flags.get("on_error", "strict"),
            rejects=flags.get("rejects"),
            time_unit=flags.get("time_unit"),
            window=parse_window(window) if window else None,
            memory_limit=flags.get("memory_limit"),
            source_format=flags.get("source_format"),
            log_format=flags.get("log_format"),
            tz=flags.get("tz"),
            source_idle_timeout=flags.get("source_idle_timeout"),
            source_max_life=flags.get("source_max_life"),
        )
    rule = flags.get("drop_heartbeats")
    return drop_heartbeats(trace, rule) if rule else trace


def estimate_of(paths: Sequence[str | Path], flags: Mapping[str, Any]) -> Estimate:
    """Read and price the trace of a command."""
    from scfcost.estimation import estimate

    settings = settings_of(flags)
    base, named, pricing = settings.function(), settings.named_functions(), settings.pricing()
    trace = trace_of([str(path) for path in paths], flags)
    with status("replaying", quiet=flags["quiet"]):
        return estimate(trace, base, functions=named, **pricing)
