"""From flags to a trace and its settings, the same way in every command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scfcost.cli.compiling import announce_compiling
from scfcost.cli.options import LIMITS, PRICES
from scfcost.cli.output import loudness, note, progress, status
from scfcost.config.settings import Settings, gather
from scfcost.core.errors import ConfigError, nearest
from scfcost.core.units import MS_PER_DAY

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate
    from scfcost.billing.terms import Pricing
    from scfcost.config.function import FunctionConfig
    from scfcost.platforms.deployed import Deployed
    from scfcost.trace.model import Trace
    from scfcost.workload.generate import Plan


def settings_of(flags: Mapping[str, Any]) -> Settings:
    """Gather the settings of a command from its own arguments."""
    found = gather(flags, flags.get("config"), deployed=_deployed(flags))
    _check_held(found)
    return found


def _check_held(settings: Settings) -> None:
    """Refuse more connections an instance than the platform of the price book allows."""
    held = max(one.max_concurrency for one in (settings.function(), *settings.named_functions().values()))
    if held == 1:
        return
    from scfcost.catalog.load import load_book

    book = load_book(settings.pricing()["catalog"])
    most = book.most_held
    if most is not None and held > most:
        raise ConfigError(f"max_concurrency: {held} is more than the {most:,} connections that an instance can hold")


def _deployed(flags: Mapping[str, Any]) -> dict[str, Mapping[str, Any]] | None:
    """Read the settings that are deployed, where a command names their file, and say which were found."""
    path = flags.get("from_function")
    return None if path is None else {one.name: one.settings for one in _deployed_by(path, loudness(flags))}


def deployed_name(flags: Mapping[str, Any]) -> str | None:
    """Return the name of the one function whose settings a command took from a file, None where there is not one."""
    path = flags.get("from_function")
    found = [] if path is None else _deployed_by(path, loudness(flags))
    return found[0].name if len(found) == 1 and found[0].is_full_name else None


@cache
def _deployed_by(named: str, say: Any) -> list[Deployed]:
    """Read the functions of FILE, or the one of FILE#NAME; say what was found, once a run."""
    from scfcost.platforms.deployed import deployed_functions

    file, _, name = (named, "", "") if Path(named).exists() else named.partition("#")
    functions = {one.name: one for one in deployed_functions(Path(file))}
    if name and name not in functions:
        raise ConfigError(f"--from-function: {name}: no such function in {file}; {nearest(name, functions)}")
    chosen = {name: functions[name]} if name else functions
    told = "; ".join(f"{one.name}: {one.in_words()}" for one in chosen.values())
    each = f"; each goes by its name in the trace, {file}#NAME takes one for all" if len(chosen) > 1 else ""
    note(f"deployed, by {file}: {told}{each}", say=say)
    return list(chosen.values())


def pricing_of(settings: Settings) -> Pricing:
    """Return prices, limits and seed of gathered settings."""
    from scfcost.billing.terms import Pricing

    return Pricing(**settings.pricing())


def one_setting_of(flags: Mapping[str, Any]) -> tuple[FunctionConfig, Pricing]:
    """Gather the settings that every function of a trace gets, and those of the bill, for commands that vary them."""
    settings = settings_of(flags)
    if settings.functions:
        names = ", ".join(settings.functions)
        text = f"the settings of single functions ({names}) are left aside: here every function gets the same"
        note(text, say=loudness(flags))
    from scfcost.billing.terms import Pricing

    known = {*PRICES, *(LIMITS if "on_quota" in flags else ())}
    return settings.function(), Pricing(**{k: value for k, value in settings.pricing().items() if k in known})


def seed_of(flags: Mapping[str, Any]) -> int:
    """Return the seed of what a command draws at random."""
    return int(settings_of(flags).pricing()["seed"])


def plan_of(paths: Sequence[str], flags: Mapping[str, Any], *, most_messages: int | None = None) -> Plan | None:
    """Plan the generation of a command's scenario; None where its paths are traces.

    Parameters
    ----------
    paths : sequence of str
        The files or globs that were named on the command line.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    most_messages : int, optional
        Messages that memory holds; as many as there are where not given. [1]
    """
    generated = [path for path in paths if path.endswith(".toml")]
    if not generated:
        return None
    from scfcost.workload.generate import DAYS, plan
    from scfcost.workload.schema import load_scenario
    from scfcost.workload.size import MOST_MESSAGES, scale_to_users

    if len(paths) > 1:
        raise ConfigError(f"{generated[0]}: a scenario is estimated by itself, without other files")
    scenario = load_scenario(Path(generated[0]))
    scale = 1.0 if flags.get("scale") is None else flags["scale"]
    if flags.get("users") is not None:
        if flags.get("scale") is not None:
            raise ConfigError("--users and --scale both say how much traffic there is: give one")
        scale = scale_to_users(scenario, flags["users"])
    most = MOST_MESSAGES if most_messages is None else most_messages
    if most_messages is None and flags.get("memory_limit"):
        from scfcost.trace.reading.memory import checked_size, rows_within

        most = min(most, rows_within(checked_size(flags["memory_limit"])))
    days, rule = DAYS if flags.get("days") is None else flags["days"], flags.get("drop_heartbeats")
    cold = bool(flags.get("cold"))
    return plan(scenario, days=days, scale=scale, most_messages=most, cold=cold, drop_heartbeats=rule)


def trace_of(paths: Sequence[str], flags: Mapping[str, Any]) -> Trace:
    """Read the trace of a command, or generate that of its scenario.

    Parameters
    ----------
    paths : sequence of str
        The files or globs that were named on the command line.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    """
    announce_compiling(loudness(flags))
    made = plan_of(paths, flags)
    trace = _read(paths, flags) if made is None else _generated(made, paths[0], flags)
    if flags.get("client_idle") is None:
        return trace
    from scfcost.trace.client_idle import close_when_idle

    return close_when_idle(trace, flags["client_idle"])


def grown_of(trace: Trace, made: Plan | None, flags: Mapping[str, Any]) -> Callable[[float], Trace]:
    """Return what makes a multiple of a command's traffic: its scenario generated so, or copies of its sessions.

    Parameters
    ----------
    trace : Trace
        The trace.
    made : Plan or None
        Plan of the scenario that it was generated from; None for a recorded one.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    """
    from scfcost.workload.generate import scaled_plan, simulate
    from scfcost.workload.scaling import scaled

    seed = seed_of(flags)
    if made is None:
        return lambda factor: scaled(trace, factor, seed)
    return lambda factor: simulate(scaled_plan(made, factor), seed)


def _generated(made: Plan, file: str, flags: Mapping[str, Any]) -> Trace:
    from scfcost.workload.generate import simulate

    if flags.get("window"):
        raise ConfigError("--window cuts a recorded trace; a scenario is as long as --days says")
    seed = seed_of(flags)
    with progress("generating", say=loudness(flags)) as advance:
        trace = simulate(made, seed, progress=advance)
    days = made.span_ms / MS_PER_DAY
    name = f"{file} (generated: {days:g} day{'' if days == 1 else 's'}, seed {seed})"
    return trace.replace(provenance=replace(trace.provenance, sources=(name,)))


def _read(paths: Sequence[str], flags: Mapping[str, Any]) -> Trace:
    from scfcost.trace.heartbeats import drop_heartbeats
    from scfcost.trace.read import read_trace

    for name in ("days", "users", "cold"):
        if flags.get(name) is not None:
            raise ConfigError(f"--{name} is for scenarios (.toml); {paths[0]} is a trace, which --scale multiplies")
    with status("reading", say=loudness(flags)):
        trace = read_trace(
            paths,
            on_error=flags.get("on_error", "strict"),
            rejects=flags.get("rejects"),
            time_unit=flags.get("time_unit"),
            window=window_of(flags),
            memory_limit=flags.get("memory_limit"),
            source_format=flags.get("source_format"),
            log_format=flags.get("log_format"),
            tz=flags.get("tz"),
            source_idle_timeout=flags.get("source_idle_timeout"),
            source_max_life=flags.get("source_max_life"),
            stitch=_stitch(flags),
            columns=columns_of(flags),
        )
    if flags.get("scale") is not None:
        from scfcost.workload.scaling import scaled

        trace = scaled(trace, flags["scale"], seed_of(flags))
    rule = flags.get("drop_heartbeats")
    return drop_heartbeats(trace, rule) if rule else trace


def columns_of(flags: Mapping[str, Any]) -> dict[str, str] | None:
    """Return what a table calls the columns of a trace, None where that was not said."""
    if not flags.get("column"):
        return None
    from scfcost.trace.formats.named_columns import read_columns

    return read_columns(flags["column"])


def window_of(flags: Mapping[str, Any]) -> tuple[int | None, int] | None:
    """Return the window that was asked for, None where none was. [ms]"""
    from scfcost.trace.window import asked_window

    return asked_window(flags["window"]) if flags.get("window") else None


def _stitch(flags: Mapping[str, Any]) -> tuple[str, float] | None:
    key, seconds = flags.get("stitch"), flags.get("within")
    if (key is None) != (seconds is None):
        missing = "--within S, how long a client may be away" if seconds is None else "--stitch KEY"
        raise ConfigError(f"stitch: give {missing}, too")
    return None if key is None else (str(key), float(seconds or 0))


def estimate_of(paths: Sequence[str | Path], flags: Mapping[str, Any]) -> TraceEstimate:
    """Read and price the trace of a command.

    Parameters
    ----------
    paths : sequence of str or Path
        The files or globs that were named on the command line.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    """
    from scfcost.analysis.estimate.estimate import estimate

    settings = settings_of(flags)
    base, named, pricing = settings.function(), settings.named_functions(), pricing_of(settings)
    trace = trace_of([str(path) for path in paths], flags)
    with status("replaying", say=loudness(flags)):
        return estimate(trace, base, functions=named, pricing=pricing)
