"""What the flags of `scfcost emulate` say, each read by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from scfcost.core.errors import ConfigError
from scfcost.core.units import seconds_to_ms

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


def read_upstream(asked: Asked) -> tuple[str, int]:
    """Read host and port of a server that already runs, and refuse what goes with a command alone."""
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


def read_cut_close(text: str) -> str:
    """Read how a cut ends a connection: drop, reset or a close code."""
    if text in _CUT_CLOSES or (text.isdecimal() and 1000 <= int(text) < 5000):
        return text
    raise ConfigError(f"--cut-close: {text!r} is neither drop nor reset nor a close code such as 1001")


def read_freeze_ms(text: str) -> int | None:
    """Read after how many ms of quiet a server stands still, None for never."""
    if text in ("off", "on"):
        return None if text == "off" else 0
    if text.isdecimal():
        return int(text)
    raise ConfigError(f"--freeze: {text!r} is neither off nor on nor a number of ms")


def read_run_s(text: str) -> float:
    """Read how long to run, in seconds."""
    milliseconds = seconds_to_ms(text, "--for")
    if milliseconds <= 0:
        raise ConfigError(f"--for: {text!r} is over at once")
    return milliseconds / 1_000
