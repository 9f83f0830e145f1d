"""From the flags of `scfcost emulate` to a run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from shutil import get_terminal_size
from typing import Any

from scfcost.billing.terms import Terms
from scfcost.cli.emulate_architecture import architecture_functions
from scfcost.cli.emulate_asked import Asked, read_address, read_cut_close, read_freeze_ms, read_run_s, read_upstream
from scfcost.cli.inputs import pricing_of, settings_of
from scfcost.cli.output import Loudness, loudness
from scfcost.core.errors import ConfigError
from scfcost.core.text import one_line
from scfcost.emulate.launch.command import Command, command_of, read_environment
from scfcost.emulate.live import LiveLine
from scfcost.emulate.manners import Manners
from scfcost.emulate.model.rules import Mode, Rules
from scfcost.emulate.recording.journal import SUFFIXES
from scfcost.emulate.run import Function, Setup
from scfcost.emulate.services.counting import read_service
from scfcost.emulate.tunnel.clients import read_client
from scfcost.lifecycle.message_limits import MessageBounds


def setup_of(asked: Asked, flags: Mapping[str, Any]) -> Setup:
    """Put a run together.

    Parameters
    ----------
    asked : Asked
        What the flags of the emulator ask for.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.

    Raises
    ------
    ConfigError
        If a flag says something impossible, or nothing to run.
    """
    terms = terms_of_flags(flags)
    say = _say_nothing if loudness(flags) is Loudness.QUIET else _say
    limits = terms.book.limits.messages
    manners = Manners(
        read_cut_close(asked.cut_close), asked.end_at, read_freeze_ms(asked.freeze), asked.limits,
        MessageBounds(limits.message_bytes, limits.bytes_per_second, limits.messages_per_second),
        None if asked.client is None else read_client(asked.client), terms.region,
    )  # fmt: skip
    quota, burst = _refusing(asked, flags, terms)
    is_watched = sys.stderr.isatty() and loudness(flags) is not Loudness.QUIET
    functions, services = functions_of(asked, flags, terms)
    return Setup(
        functions, manners, asked.isolation, quota, burst, services,
        seconds=None if asked.for_ is None else read_run_s(asked.for_), watches=asked.watch,
        shows_output=asked.logs, say=say, log=say, live=LiveLine(terms, _show_live) if is_watched else None,
    )  # fmt: skip


def terms_of_flags(flags: Mapping[str, Any]) -> Terms:
    """Return what decides the bill."""
    return pricing_of(settings_of(flags)).terms()


def functions_of(asked: Asked, flags: Mapping[str, Any], terms: Terms) -> tuple[list[Function], list[Any]]:
    """Return the functions to run and the services to count.

    Parameters
    ----------
    asked : Asked
        What the flags of the emulator ask for.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    terms : Terms
        The price book of a date, with the plan and the region.
    """
    if asked.output.suffix not in SUFFIXES:
        raise ConfigError(f"{asked.output}: a recording ends with .parquet or .csv")
    address, port = read_address(asked.listen, expose=asked.expose)
    services = [read_service(one) for one in asked.service]
    environment = read_environment(asked.env, asked.env_file)
    if asked.architecture is not None:
        functions, stated = architecture_functions(
            asked.architecture, asked, environment, (address, port), terms, flags
        )
        named = {one.name for one in services}
        return functions, services + [one for one in stated if one.name not in named]
    rules = Rules.of(settings_of(flags).function(), Mode(asked.mode))
    if rules.function.function_type == "event":
        raise ConfigError("function_type: event functions have no connections to emulate: web-ws or web-http")
    command: Command | None = None
    upstream = None
    if asked.upstream is not None:
        upstream = read_upstream(asked)
    else:
        command = command_of(asked.words, environment)
    function = Function("default", rules, command, asked.output, (address, port), upstream, terms.period.granularity_ms)
    return [function], services


def _refusing(asked: Asked, flags: Mapping[str, Any], terms: Terms) -> tuple[int | None, int | None]:
    """Return quota and burst limit where they refuse: in `cut` mode, unless told to report."""
    settings = settings_of(flags)
    stated = settings.values["on_quota"]
    refuses = stated.value == "refuse" or stated.origin == "default"
    if asked.mode != Mode.CUT or not refuses:
        return None, None
    pricing = settings.pricing()
    quota, burst = pricing["quota_mb"], pricing["burst_per_minute"]
    return quota or terms.quota_mb(), burst or terms.burst_per_minute()


def _say(line: str) -> None:
    print(f"\r\033[K{line}" if sys.stderr.isatty() else line, file=sys.stderr, flush=True)


def _say_nothing(_: str) -> None:
    """Say nothing."""


def _show_live(line: str) -> None:
    print(f"\r\033[K{fitted(line, get_terminal_size().columns - 1)}", end="", file=sys.stderr, flush=True)


def fitted(line: str, width: int) -> str:
    """Return a live line that a terminal shows in one: codes and messages go first, what it costs stays.

    Parameters
    ----------
    line : str
        The line, its parts between ` | `.
    width : int
        Characters that there is room for. [1]

    Examples
    --------
    >>> fitted("9 s | 1 connection | 3 messages/s | 200: 1 | CNY 0.01", 40)
    '9 s | 1 connection | CNY 0.01'
    """
    parts = line.split(" | ")
    while len(" | ".join(parts)) > width and len(parts) > 3:
        del parts[-2]
    text = " | ".join(parts)
    return one_line(text if len(text) <= width else text.removesuffix(" at this rate"), max(width, 2))


def clear_live() -> None:
    """Take the live line off the terminal, so that the report begins a line of its own."""
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
