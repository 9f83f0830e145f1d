"""The architecture file: functions, the calls between them and the services around them; unknown keys refused."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from scfcost.catalog.services import listed_services
from scfcost.config.function import FunctionConfig
from scfcost.config.settings import FUNCTION_FIELDS
from scfcost.core.errors import ConfigError, nearest
from scfcost.core.files import text_of
from scfcost.core.tables import Exact, Strict, parse_model
from scfcost.core.units import read_ratio

Ratio = Annotated[Fraction, BeforeValidator(lambda value: read_ratio(value))]
"""A number of 0 or more, or a percentage, held exactly."""
Event = Literal["connect", "message-up", "message-down", "disconnect"]
"""What of a function sets something off; a call of a function that is called is both its connect and its disconnect."""
_OWN_KEYS = ("traffic", "share", "command", "env", "listen")
"""Keys of a function beside its settings."""


class Function(Strict):
    """A function: its traffic, or the calls of others, or both; its settings under the names of their flags."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    traffic: str | None = None
    """A trace or a scenario of its own, by its path from the file."""
    share: Ratio | None = None
    """Its share of the traces given beside the file."""
    command: str | None = None
    """What runs it, for `scfcost emulate`: a command, or a folder with an scf_bootstrap, from the file's own folder."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment that it gets when it is emulated."""
    listen: str | None = None
    """Address of its port when it is emulated, such as 127.0.0.1:8000."""
    config: FunctionConfig = Field(default_factory=FunctionConfig)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        """Gather the settings into a checked configuration."""
        if not isinstance(data, dict):
            raise ValueError("expected a table, such as [functions.chat]")  # noqa: TRY004
        known = {**FUNCTION_FIELDS, "type": "function_type"}
        for key in data:
            if key not in (*known, *_OWN_KEYS):
                raise ValueError(f"unknown key {key!r}; {nearest(key, (*known, *_OWN_KEYS))}")
        settings = {known[key]: value for key, value in data.items() if key in known}
        return {**{key: data[key] for key in _OWN_KEYS if key in data}, "config": FunctionConfig(**settings)}

    @model_validator(mode="after")
    def _one_source(self) -> Function:
        if self.traffic is not None and self.share is not None:
            raise ValueError("give traffic of its own or a share of the traces beside the file, not both")
        if self.share is not None and not 0 < self.share <= 1:
            raise ValueError('a share lies above 0 and at most at 1, such as 0.5 or "50%"')
        return self


class Trigger(Strict):
    """Something that happens so many times at each event of a function."""

    caller: str
    """The function whose events set it off."""
    on: Event = "connect"
    count: Ratio = Fraction(1)
    """How many times at each event; may be a part, such as 0.1. [1]"""


class Call(Trigger):
    """A function that calls another."""

    callee: str
    duration_ms: int = Field(ge=0)
    """How long the callee works on a call. [ms]"""
    bytes_out: int = Field(0, ge=0)
    """What the callee sends over the public network at each call. [B]"""


class Service(Strict):
    """Something beside the functions that is paid by the month, by use, or both."""

    name: str
    price: str | None = None
    """A service of the catalog, which then has the prices."""
    units: Ratio = Fraction(1)
    """How much of it is rented, in the unit of its monthly price. [unit]"""
    monthly: Exact | None = None
    """Fixed price of a unit for a month. [currency]"""
    per_use: Exact | None = None
    """Price of `uses_per_price` uses. [currency]"""
    uses_per_price: int = Field(1, ge=1)
    """Uses that one price buys. [1]"""
    source: str = "your own figure"
    checked_on: date | None = None
    uses: tuple[Trigger, ...] = ()
    address: str | None = None
    """HOST:PORT of one that runs, for `scfcost emulate` to count what is asked of it."""

    @model_validator(mode="after")
    def _has_a_price(self) -> Service:
        if self.price is None and self.monthly is None and self.per_use is None:
            raise ValueError("give monthly, per_use or both, or price = the name of a service of the catalog")
        if self.price is not None and (self.monthly is not None or self.per_use is not None):
            raise ValueError("price names a service of the catalog, so monthly and per_use cannot stand beside it")
        return self


class Architecture(Strict):
    """Several functions and what stands around them."""

    name: str
    plan: str | None = None
    region: str | None = None
    catalog: str | None = None
    functions: dict[str, Function] = Field(min_length=1)
    calls: tuple[Call, ...] = ()
    services: tuple[Service, ...] = ()

    @field_validator("services")
    @classmethod
    def _listed(cls, services: tuple[Service, ...]) -> tuple[Service, ...]:
        known = listed_services()
        for one in services:
            if one.price is not None and one.price not in known:
                raise ValueError(f"service {one.name!r}: price {one.price!r} is not known; {nearest(one.price, known)}")
        return services

    @model_validator(mode="after")
    def _named_functions_exist(self) -> Architecture:
        triggers = [*self.calls, *(use for service in self.services for use in service.uses)]
        for name in [one.caller for one in triggers] + [one.callee for one in self.calls]:
            if name not in self.functions:
                text = f"function {name!r} is named by a call or a use but is not there"
                raise ValueError(f"{text}; {nearest(name, self.functions)}")
        for call in self.calls:
            _check_call(call, self.functions[call.callee].config)
        return self


def _check_call(call: Call, callee: FunctionConfig) -> None:
    if callee.function_type == "web-ws":
        raise ValueError(
            f"function {call.callee!r} is called but is of type web-ws: its connections and pushes are its traffic; "
            "a function that is called is of type event or web-http"
        )
    if call.duration_ms > callee.exec_timeout_ms:
        raise ValueError(
            f"a call of {call.callee!r} takes {call.duration_ms} ms, longer than its execution timeout of "
            f"{callee.exec_timeout_ms} ms"
        )


def load_architecture(path: Path) -> Architecture:
    """Load and check an architecture file.

    Raises
    ------
    ConfigError
        If the file cannot be read or breaks the schema; the message names file, key and expected form.
    """
    return parse_model(Architecture, text_of(path, ConfigError), str(path), ConfigError, whole="architecture")
