"""What a user can set of one function and of the clients that connect to it.

Only the impossible is refused here (zero, negative, not a number). What a vendor documents as its range is data of a
price book, and a value outside it is computed and warned of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, dataclass, fields, replace
from typing import Any

from scfcost.config.initialisation import init_values
from scfcost.config.schedule import Schedule, parse_schedule
from scfcost.core.errors import ConfigError, nearest
from scfcost.core.units import MOST_OF_A_SETTING, ms_to_seconds, seconds_to_ms

RECONNECTS = ("none", "on-demand", "immediate")
"""What a client does after a cut."""
FUNCTION_TYPES = ("web-ws", "web-http", "event")
"""Kinds of function; they differ in what counts as a call and in what an idle timeout means."""
PLACEMENTS = ("fullest", "least-loaded")
"""Which running instance takes the next connection."""

MAX_CONCURRENCY_LIMIT = 1_000
"""Most connections that an instance of any platform can be set to hold; each has a limit of its own. [1]"""


@dataclass(frozen=True, slots=True, repr=False)
class FunctionConfig:
    """Settings of one function and of its clients, times in seconds with up to three decimals.

    Parameters
    ----------
    memory_mb : int
        Configured memory of an instance. [MB]
    idle_timeout_s : float
        Longest silence of a connection. [s]
    exec_timeout_s : float
        Longest life of a connection. [s]
    init_timeout_s : float
        Longest initialisation of an instance. [s]
    max_concurrency : int
        Connections that one instance can hold at once, 1 to 1,000; SCF allows up to 100. [1]
    keep_alive_s : float
        How long an instance without connections is kept. [s]
    placement : {"fullest", "least-loaded"}
        Which running instance takes the next connection.
    function_type : {"web-ws", "web-http", "event"}
        Kind of function.
    reconnect : {"none", "on-demand", "immediate"} or None
        What a client does after a cut; None means that the user did not say, and computes "none".
    reconnect_delay_s : float
        How long after a cut an `immediate` client is back. [s]
    buffer_pushes : bool
        Whether pushes wait for an `immediate` client that is away.
    heartbeat_s : float or None
        Period of an injected heartbeat. [s]
    heartbeat_up_bytes, heartbeat_down_bytes : int
        Size of an injected heartbeat and of its answer. [B]
    ping_resets_idle : bool
        Whether ping and pong rows count as activity.
    empty_close_is_normal : bool
        Whether close code 1005 counts as a normal close.
    provisioned : str or int
        Instances started in advance: a number, or a schedule such as "2, 10@mon-fri 09:00-18:00" in the time zone of
        the price book.
    init_ms : str or int
        Initialisation of a cold start: a number, or a distribution, see `cold_start.init_values`. [ms]
    bill_init : bool
        Whether initialisation is billed.
    recycle_on_error : bool
        Whether the instance of an invocation that ends with 433 or 439 is gone at that instant, which cuts the other
        connections that it holds.
    max_retries : int
        How often in a row a refused client tries again under a reconnect policy. [1]
    memory_base_mb, memory_per_connection_mb : int or float, optional
        What an instance needs, without connections and for each; None where not known. [MB]

    Raises
    ------
    ConfigError
        If a value is impossible: zero, negative, not a number, or not one of the choices.

    Examples
    --------
    >>> FunctionConfig(memory_mb=256, idle_timeout_s=60).idle_timeout_ms
    60000
    """

    memory_mb: int = 128
    idle_timeout_s: int | float = 15
    exec_timeout_s: int | float = 900
    init_timeout_s: int | float = 60
    max_concurrency: int = 1
    keep_alive_s: int | float = 0
    placement: str = "fullest"
    function_type: str = "web-ws"
    reconnect: str | None = None
    reconnect_delay_s: int | float = 1
    buffer_pushes: bool = False
    heartbeat_s: int | float | None = None
    heartbeat_up_bytes: int = 0
    heartbeat_down_bytes: int = 0
    ping_resets_idle: bool = False
    empty_close_is_normal: bool = False
    provisioned: str | int = 0
    init_ms: str | int = 0
    bill_init: bool = False
    recycle_on_error: bool = False
    max_retries: int = 3
    memory_base_mb: int | float | None = None
    memory_per_connection_mb: int | float | None = None

    def __post_init__(self) -> None:
        for name in ("idle_timeout_s", "exec_timeout_s", "init_timeout_s"):
            self._set(name, _positive_seconds(name, getattr(self, name)))
        for name in ("keep_alive_s", "reconnect_delay_s"):
            self._set(name, _seconds(name, getattr(self, name)))
        if self.heartbeat_s is not None:
            self._set("heartbeat_s", _positive_seconds("heartbeat_s", self.heartbeat_s))
        self._set("memory_mb", _whole("memory_mb", self.memory_mb, least=1))
        self._set("max_concurrency", _whole("max_concurrency", self.max_concurrency, least=1))
        if self.max_concurrency > MAX_CONCURRENCY_LIMIT:
            raise ConfigError(
                f"max_concurrency: {self.max_concurrency} is more than the {MAX_CONCURRENCY_LIMIT:,} connections "
                "that an instance of any platform can hold"
            )
        for name in ("heartbeat_up_bytes", "heartbeat_down_bytes", "max_retries"):
            self._set(name, _whole(name, getattr(self, name), least=0))
        for name in ("memory_base_mb", "memory_per_connection_mb"):
            if getattr(self, name) is not None:
                self._set(name, _megabytes(name, getattr(self, name)))
        for name in ("provisioned", "init_ms"):
            self._set(name, str(getattr(self, name)))
        try:
            parse_schedule(str(self.provisioned))
        except ConfigError as error:
            raise ConfigError(f"provisioned: {error}") from None
        init_values(str(self.init_ms))
        _choice("placement", self.placement, PLACEMENTS)
        _choice("function_type", self.function_type, FUNCTION_TYPES)
        if self.reconnect is not None:
            _choice("reconnect", self.reconnect, RECONNECTS)

    def __repr__(self) -> str:
        told = ((one.name, getattr(self, one.name)) for one in fields(self) if _differs(self, one))
        return f"FunctionConfig({', '.join(f'{name}={value!r}' for name, value in told)})"

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    @property
    def idle_timeout_ms(self) -> int:
        """Idle timeout. [ms]"""
        return seconds_to_ms(self.idle_timeout_s, "idle_timeout_s")

    @property
    def exec_timeout_ms(self) -> int:
        """Execution timeout. [ms]"""
        return seconds_to_ms(self.exec_timeout_s, "exec_timeout_s")

    @property
    def init_timeout_ms(self) -> int:
        """Initialisation timeout. [ms]"""
        return seconds_to_ms(self.init_timeout_s, "init_timeout_s")

    @property
    def keep_alive_ms(self) -> int:
        """How long an instance without connections is kept. [ms]"""
        return seconds_to_ms(self.keep_alive_s, "keep_alive_s")

    @property
    def reconnect_delay_ms(self) -> int:
        """How long after a cut an `immediate` client is back. [ms]"""
        return seconds_to_ms(self.reconnect_delay_s, "reconnect_delay_s")

    @property
    def heartbeat_ms(self) -> int:
        """Period of an injected heartbeat, 0 where there is none. [ms]"""
        return 0 if self.heartbeat_s is None else seconds_to_ms(self.heartbeat_s, "heartbeat_s")

    @property
    def beats_too_late(self) -> bool:
        """Whether a heartbeat is injected that is not shorter than the idle timeout, so that it keeps nothing open."""
        return self.function_type == "web-ws" and bool(self.heartbeat_ms) and self.heartbeat_ms >= self.idle_timeout_ms

    @property
    def provisioned_schedule(self) -> Schedule:
        """How many instances are started in advance, over time."""
        return parse_schedule(str(self.provisioned))

    @property
    def init_values_ms(self) -> tuple[int, ...]:
        """Equally likely initialisations of a cold start. [ms]"""
        return init_values(str(self.init_ms))

    @property
    def is_shared(self) -> bool:
        """Whether the bill depends on which instance serves which connection."""
        return self.max_concurrency > 1 or bool(self.provisioned_schedule)

    @property
    def is_placed_at_once(self) -> bool:
        """Whether one walk of a trace tries both placements: the dearer is the one with more busy time."""
        return self.max_concurrency > 1 and not (self.provisioned_schedule or self.is_coupled)

    @property
    def is_coupled(self) -> bool:
        """Whether what happens on an instance decides how its connections go on."""
        return any(self.init_values_ms) or self.recycle_on_error

    @property
    def holds_several(self) -> bool:
        """Whether an instance can hold several connections: one of an event function takes one event at a time."""
        return self.function_type != "event"

    @property
    def fits_memory(self) -> bool:
        """Whether an instance full of connections fits its memory, as far as its needs are known."""
        return self.memory_needed_mb <= self.memory_mb

    @property
    def memory_needed_mb(self) -> float:
        """What an instance full of connections needs, as far as it is known. [MB]"""
        return (self.memory_base_mb or 0) + self.max_concurrency * (self.memory_per_connection_mb or 0)

    @property
    def reconnect_policy(self) -> str:
        """The policy that is computed: `reconnect`, or "none" where the user did not say."""
        return self.reconnect or "none"

    def replace(self, **changes: Any) -> FunctionConfig:
        """Return a copy with some settings changed, checked again."""
        known = {f.name for f in fields(self)}
        for name in changes:
            if name not in known:
                raise ConfigError(f"{name}: no such setting; {nearest(name, sorted(known))}")
        return replace(self, **changes)


def _differs(config: FunctionConfig, one: Field[Any]) -> bool:
    return str(getattr(config, one.name)) != str(one.default)


def _seconds(name: str, value: object) -> int | float:
    value_ms = seconds_to_ms(value, name)
    if value_ms < 0:
        raise ConfigError(f"{name}: {value} is negative; give a number of seconds, 0 or more")
    return ms_to_seconds(value_ms)


def _positive_seconds(name: str, value: object) -> int | float:
    seconds = _seconds(name, value)
    if seconds == 0:
        raise ConfigError(f"{name}: must be more than 0 s")
    return seconds


def _whole(name: str, value: object, least: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        raise ConfigError(f"{name}: {value!r} is not a whole number") from None
    if number < least:
        raise ConfigError(f"{name}: {number} is less than {least}")
    if number > MOST_OF_A_SETTING:
        raise ConfigError(f"{name}: {str(number)[:40]} is absurd; expected at most {MOST_OF_A_SETTING:,}")
    return number


def _megabytes(name: str, value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ConfigError(f"{name}: {value!r} is not a number of MB, 0 or more")
    return number


def _choice(name: str, value: str, choices: Iterable[str]) -> None:
    known = tuple(choices)
    if value not in known:
        raise ConfigError(f"{name}: {value!r} is not known; {nearest(value, known)}")
