"""What platforms ask of each part of a trace: sums under the rules of each, and lives to be looked at in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.platform import Outcome, Priced, lifecycle_of, priced
from scfcost.analysis.compare.row import Traffic
from scfcost.analysis.compare.settings import Chosen, check_instances, replayed_on, settings_on
from scfcost.analysis.estimate.estimate import configs_of, data_messages
from scfcost.analysis.evaluate import month_factor
from scfcost.billing.in_parts import InParts, Meters, kept_of, sums_of
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, TraceError
from scfcost.engines.job import Timed, extent
from scfcost.engines.partial import Answer, Partial
from scfcost.trace.model import Int64, Trace
from scfcost.trace.reading.draft import untold_bytes

MOST = 2**61
"""Sums stay below this, so that none overflows."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One platform with the settings that a trace is replayed under there."""

    terms: tuple[Terms, ...]
    """Its prices, and those of the services behind it."""
    function: FunctionConfig
    named: tuple[tuple[str, FunctionConfig], ...] = ()
    """Settings by the name of a function."""
    chosen: Chosen = field(default_factory=Chosen)

    @property
    def meters(self) -> Meters:
        """What its books measure."""
        return Meters(lifecycle_of(list(self.terms)), tuple(one.book for one in self.terms))

    def configs(self, trace: Trace) -> dict[str, FunctionConfig]:
        """Return the settings of each function of a trace, as set elsewhere."""
        return configs_of(trace, self.function, dict(self.named))


@dataclass(frozen=True, slots=True)
class PlatformJob:
    """A trace on some platforms, or under some settings of one."""

    settings: tuple[Deployed, ...]

    @property
    def piecewise(self) -> bool:
        """Clients that come back may be many invocations."""
        return True

    def check(self, hollow: Trace) -> None:
        """Refuse what cannot be set on a platform, and a trace without a month.

        Raises
        ------
        ConfigError
            If a function is none of the trace, or no WebSocket, or the window is 0 ms long.
        """
        if hollow.window_ms <= 0:
            raise ConfigError("the window is 0 ms long, so there is no month to estimate; give --window")
        for one in self.settings:
            configs = one.configs(hollow).values()
            check_instances(one.meters.lifecycle, configs)
            if any(config.function_type != "web-ws" for config in configs):
                raise ConfigError(
                    "platforms are estimated for WebSockets (--function-type web-ws); requests and events are not"
                )

    def analyse(self, part: Trace) -> tuple[Partial, Mapping[str, Timed]]:
        """Sum one part under the rules of each platform."""
        found, kept = self.by_platform(part)
        found.sums |= extent(part)
        found.count("data", data_messages(part))
        found.count("untold", untold_bytes(part))
        return found, kept

    def by_platform(self, part: Trace) -> tuple[Partial, dict[str, Timed]]:
        """Return the sums of one part by platform, and what is kept of it in the order of time.

        Parameters
        ----------
        part : Trace
            Some connections of the trace.
        """
        found, kept = Partial(), dict[str, Timed]()
        for number, one in enumerate(self.settings):
            meters = one.meters
            replayed = replayed_on(meters.lifecycle, part, one.configs(part), one.chosen, on_instances=False)
            own = {**Outcome.of(replayed.invocations).sums(), **sums_of(meters, replayed)}
            found.sums |= {f"{number} {name}": np.asarray(sums, np.int64) for name, sums in own.items()}
            kept |= {f"{number}-{name}": columns for name, columns in kept_of(meters, replayed).items()}
        return found, kept

    def priced(self, found: Answer, traffic: Traffic, guesses: Guesses) -> Iterator[tuple[Priced, ...]]:
        """Yield what each platform comes to, once, or once with and once without hibernation.

        Parameters
        ----------
        found : Answer
            What an engine found: window, sums and lives.
        traffic : Traffic
            What the trace comes to without timeouts.
        guesses : Guesses
            What the user says of what a trace lacks.
        """
        for number, one in enumerate(self.settings):
            sums = _of(found.total.sums, number)
            meters, book = one.meters, one.terms[0].book
            configs = {
                name: settings_on(meters.lifecycle, config, one.chosen)
                for name, config in one.configs(found.hollow).items()
            }

            def rows(name: str, number: int = number) -> Iterator[Int64]:
                return found.rows(f"{number}-{name}")

            replayed = InParts(found.hollow, configs, meters, sums, rows, book.time_zone)
            yield tuple(priced(list(one.terms), replayed, Outcome.of_sums(sums), traffic, guesses))


def _of(sums: Mapping[str, Int64], number: int) -> dict[str, Int64]:
    start = f"{number} "
    return {name.removeprefix(start): values for name, values in sums.items() if name.startswith(start)}


def traffic_of(found: Answer) -> Traffic:
    """Return what a trace that was summed in parts comes to without timeouts.

    Raises
    ------
    TraceError
        If the trace is too long to be summed exactly.
    """
    total = found.total
    if total.number("natural_ms") > MOST:
        raise TraceError("the trace is too long or too large to be summed exactly; take a shorter stretch (--window)")
    return Traffic(
        total.number("sessions"), total.number("natural_ms"), total.number("data"), found.hollow.has_messages,
        month_factor(found.hollow),
    )  # fmt: skip
