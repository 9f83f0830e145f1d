"""From the flags of `scfcost emulate` to a run."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from shutil import get_terminal_size
from typing import Any
from urllib.parse import urlsplit

from scfcost.billing.terms import Terms
from scfcost.cli.inputs import pricing_of, settings_of
from scfcost.cli.output import Loudness, loudness
from scfcost.core.errors import ConfigError
from scfcost.core.text import one_line
from scfcost.core.units import seconds_to_ms
from scfcost.emulate.launch.command import Command, command_of, read_environment
from scfcost.emulate.live import LiveLine
from scfcost.emulate.manners import Manners
from scfcost.emulate.model.rules import Mode, Rules
from scfcost.emulate.recording.journal import SUFFIXES
from scfcost.emulate.run import Function, Setup
from scfcost.emulate.services.counting import read_service
from scfcost.emulate.tunnel.clients import read_client
from scfcost.lifecycle.message_limits import MessageBounds

_CUT_CLOSES = ("drop", "reset")


@dataclass(frozen=True, slots=True)
class Asked:
    """The flags that `emulate` alone has, as typed."""

    words: Sequence[str]
    output: Path
    mode: str
    listen: str
    upstream: str | None
    isolation: str
    env: Sequence[str]
    env_file: Path | None
    service: Sequence[str]
    client: str | None
    for_: str | None
    cut_close: str
    end_at: str
    freeze: str
    limits: str
    expose: bool = False
    watch: bool = False
    logs: bool = False

    @property
    def architecture(self) -> Path | None:
        """The architecture that was given, None where it is a command."""
        if len(self.words) == 1 and self.words[0].endswith(".toml"):
            return Path(self.words[0])
        return None


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
        _cut_close(asked.cut_close), asked.end_at, _freeze_ms(asked.freeze), asked.limits,
        MessageBounds(limits.message_bytes, limits.bytes_per_second, limits.messages_per_second),
        None if asked.client is None else read_client(asked.client), terms.region,
    )  # fmt: skip
    quota, burst = _refusing(asked, flags, terms)
    is_watched = sys.stderr.isatty() and loudness(flags) is not Loudness.QUIET
    functions, services = functions_of(asked, flags, terms)
    return Setup(
        functions, manners, asked.isolation, quota, burst, services,
        seconds=None if asked.for_ is None else _duration_s(asked.for_), watches=asked.watch,
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
        from scfcost.cli.emulate_architecture import architecture_functions

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
        upstream = _upstream(asked)
    else:
        command = command_of(asked.words, environment)
    function = Function("default", rules, command, asked.output, (address, port), upstream, terms.period.granularity_ms)
    return [function], services


def _upstream(asked: Asked) -> tuple[str, int]:
    if asked.words:
        raise ConfigError("--upstream is a server that already runs: give it, or a command, not both")
    if asked.watch or asked.service:
        raise ConfigError("--watch and --service are for servers that scfcost starts, not for --upstream")
    text = asked.upstream or ""
    parts = urlsplit(text if "://" in text else f"ws://{text}")
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme in ("wss", "https"):
        raise ConfigError(
            f"--upstream: {text!r} is encrypted, and its messages cannot be seen; give its plain ws:// port"
        )
    if parts.scheme not in ("ws", "http") or not parts.hostname or port is None:
        raise ConfigError(f"--upstream: {text!r} is no address such as ws://127.0.0.1:9000")
    return parts.hostname, port


def read_address(text: str, *, expose: bool) -> tuple[str, int]:
    """Read HOST:PORT, of this machine alone unless exposing it is allowed.

    Parameters
    ----------
    text : str
        HOST:PORT, or a port alone.
    expose : bool
        Whether other machines may reach it.
    """
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65_535:
        raise ConfigError(f"--listen: {text!r} is no address such as 127.0.0.1:8000")
    if not _is_loopback(host) and not expose:
        raise ConfigError(f"--listen: other machines reach {host}; add --expose if they shall")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _cut_close(text: str) -> str:
    if text in _CUT_CLOSES or (text.isdecimal() and 1000 <= int(text) < 5000):
        return text
    raise ConfigError(f"--cut-close: {text!r} is neither drop nor reset nor a close code such as 1001")


def _freeze_ms(text: str) -> int | None:
    if text in ("off", "on"):
        return None if text == "off" else 0
    if text.isdecimal():
        return int(text)
    raise ConfigError(f"--freeze: {text!r} is neither off nor on nor a number of ms")


def _duration_s(text: str) -> float:
    milliseconds = seconds_to_ms(text, "--for")
    if milliseconds <= 0:
        raise ConfigError(f"--for: {text!r} is over at once")
    return milliseconds / 1_000


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
