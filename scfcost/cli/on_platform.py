"""Commands on a platform whose price book says how connections live there: the whole report, and a grid of settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from scfcost.cli.compiling import announce_compiling
from scfcost.cli.options import Format
from scfcost.cli.output import deliver, form_for, loudness, note, progress, status
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.compare.alone import PlatformEstimate
    from scfcost.analysis.compare.guesses import Guesses
    from scfcost.analysis.sweep.sweep import SweepResult

OUTER = ("memory", "max_concurrency", "reconnect", "heartbeat")
"""Flags of a sweep that are axes beside the timeouts."""
_OF_FUNCTIONS = (
    *("init_timeout", "keep_alive", "placement", "init_ms", "bill_init", "recycle_on_error"),
    *("memory_base", "memory_per_connection", "ping_resets_idle", "on_quota", "quota_mb", "burst_per_minute"),
    *("traffic_rule", "max_retries"),
)
"""Flags of what a platform's own rules say, or that only function platforms have."""


class OuterAxes(NamedTuple):
    """The axes of a sweep beside the timeouts, None where a flag was not given."""

    memories: list[int] | None
    """[MB]"""
    policies: list[str] | None
    beats: list[float] | None
    """[s]"""
    held: list[int] | None
    """[1]"""


def is_on_platform(flags: Mapping[str, Any]) -> bool:
    """Whether the price book that was asked for says itself how connections live on its platform."""
    from scfcost.catalog.load import load_book
    from scfcost.cli.inputs import settings_of

    return load_book(settings_of({**flags, **dict.fromkeys(OUTER)}).pricing()["catalog"]).is_replayed_by_rules


def guesses_of(flags: Mapping[str, Any]) -> Guesses:
    """Return what the flags say of what a trace lacks."""
    from scfcost.analysis.compare.guesses import Guesses

    names = ("handler_ms", "connections_per_room", "handler_cpu_ms", "disputed")
    return Guesses(**{name: flags.get(name) for name in names})


def refuse_guesses(flags: Mapping[str, Any]) -> None:
    """Refuse what only the meters of other platforms hang on."""
    for name in ("handler_ms", "handler_cpu_ms", "connections_per_room", "disputed"):
        if flags.get(name) is not None:
            raise ConfigError(
                f"--{name.replace('_', '-')}: no meter of this price book hangs on it; "
                "`scfcost compare`, or --catalog with a platform that replays a trace by rules of its own, takes it"
            )


def refuse(flags: Mapping[str, Any], others: Mapping[str, Any]) -> None:
    """Refuse flags that say nothing on a platform.

    Parameters
    ----------
    flags : mapping
        The flags of the command.
    others : mapping
        Flags of the command's own by their names, None where they were not given.

    Raises
    ------
    ConfigError
        If there is one.
    """
    given = [name for name, value in others.items() if value is not None]
    given += [f"--{name.replace('_', '-')}" for name in _OF_FUNCTIONS if flags.get(name) not in (None, False)]
    if given:
        raise ConfigError(
            f"{', '.join(given)}: is of function platforms; the rules of {flags.get('catalog') or 'this platform'} "
            "stand in its price book (`scfcost catalog show`): leave it out"
        )


def estimate_on_platform(paths: list[str], flags: dict[str, Any]) -> None:
    """Write the whole report for one platform.

    Parameters
    ----------
    paths : list of str
        The files that were named on the command line.
    flags : dict
        The flags of the command.
    """
    form = form_for("platform", flags)
    found = _estimated(paths, flags)
    if form is not Format.TABLE:
        for warning in found.warnings:
            note(warning.message, say=loudness(flags))
    deliver(found.to_dict(), form, flags)


def _estimated(paths: list[str], flags: dict[str, Any]) -> PlatformEstimate:
    from scfcost.analysis.compare.alone import OnPlatform, estimate_on
    from scfcost.analysis.compare.platform import lifecycle_of
    from scfcost.analysis.compare.settings import Chosen
    from scfcost.cli.inputs import pricing_of, settings_of, trace_of
    from scfcost.cli.parts import bar, engine_of, planned

    settings = settings_of(flags)
    chosen = Chosen(flags.get("idle_timeout"), flags.get("exec_timeout"))
    asked = OnPlatform(
        pricing_of(settings), settings.function(), settings.named_functions(), guesses_of(flags), chosen
    )  # fmt: skip
    all_terms = asked.terms()  # before a long reading
    with planned(paths, flags, of_rooms=lifecycle_of(all_terms).group == "room") as in_parts:
        if in_parts is not None:
            from scfcost.analysis.compare.in_parts import estimate_on as estimate_in_parts

            announce_compiling(loudness(flags))
            with bar(in_parts, flags) as advance:
                return estimate_in_parts(in_parts, asked, engine=engine_of(flags), progress=advance)
    trace = trace_of(paths, flags)
    with status("replaying", say=loudness(flags)):
        return estimate_on(
            trace, asked.pricing, asked.function, functions=asked.functions, guesses=asked.guesses, chosen=chosen
        )


def swept_on_platform(
    paths: list[str], flags: dict[str, Any], outer: OuterAxes, timeouts: tuple[str | None, str | None]
) -> SweepResult:
    """Price a grid of settings on a platform.

    Parameters
    ----------
    paths : list of str
        The files that were named on the command line.
    flags : dict
        The flags of the command.
    outer : OuterAxes
        The axes beside the timeouts.
    timeouts : tuple of str
        Axes of idle timeouts and of longest lives, None where none was asked for. [s]
    """
    from scfcost.analysis.compare.platform import all_terms_of, lifecycle_of
    from scfcost.analysis.compare.swept import PlatformAxes, sweep_on
    from scfcost.cli.inputs import one_setting_of, pricing_of, settings_of, trace_of
    from scfcost.cli.parts import bar, engine_of, planned

    plain = {name: None if name in OUTER else value for name, value in flags.items()}
    axes = PlatformAxes(
        _seconds(timeouts[0], "idle"), _seconds(timeouts[1], "exec"), outer.memories or (), outer.policies or (),
        outer.beats or (), outer.held or (),
    )  # fmt: skip
    base, _ = one_setting_of(plain)
    pricing = pricing_of(settings_of(plain))
    lifecycle = lifecycle_of(all_terms_of(pricing))
    axes.check(lifecycle)  # before a long reading
    if outer.policies is None and base.reconnect is None:
        note("clients are supposed to stay away after a cut, as --reconnect was not given", say=loudness(flags))
    with planned(paths, flags, of_rooms=lifecycle.group == "room") as in_parts:
        if in_parts is not None:
            from scfcost.analysis.compare.in_parts import sweep_on as sweep_in_parts

            announce_compiling(loudness(flags))
            with bar(in_parts, flags) as advance:
                return sweep_in_parts(
                    in_parts, axes, pricing, base, guesses_of(flags), engine=engine_of(flags), progress=advance
                )
    trace = trace_of(paths, flags)
    with progress("sweeping", say=loudness(flags)) as advance:
        return sweep_on(trace, axes, pricing, base, guesses_of(flags), progress=advance)


def _seconds(text: str | None, name: str) -> list[float]:
    from scfcost.config.axes import seconds_axis
    from scfcost.core.units import ms_to_seconds

    return [] if text is None else [ms_to_seconds(one) for one in seconds_axis(text, name)]
