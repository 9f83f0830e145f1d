"""What an estimate asks of each part of a trace: sums of every case, and the lives of those that need instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from scfcost.analysis.estimate.estimate import (
    configs_of,
    data_messages,
    message_bounds,
    other_policies,
    shorter,
    time_sums,
)
from scfcost.analysis.estimate.insights import idle_tried
from scfcost.analysis.evaluate import impact_of, of_function
from scfcost.analysis.known import knows_silences
from scfcost.billing.messages import count_messages
from scfcost.billing.metering import measure
from scfcost.billing.terms import Terms
from scfcost.config.function import RECONNECTS, FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.engines.job import extent
from scfcost.engines.partial import Partial
from scfcost.engines.spill import lives_of
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.grid import sums_at
from scfcost.lifecycle.message_limits import BOUNDS, message_excess
from scfcost.lifecycle.outcomes import EMPTY_CLOSE
from scfcost.lifecycle.records import SUMMED, Invocations, Stretch, Sums
from scfcost.lifecycle.replay import replay
from scfcost.trace.assumption import HIGH, LOW, assume, assumed, point
from scfcost.trace.model import Int64, Trace
from scfcost.trace.reading.draft import untold_bytes

NOW = "now"
"""The case that is asked for; others are what a report compares it with."""
OUTCOMES = "outcomes"
"""What the counts of invocations by status code are called, with the bound and the function that they are of."""
_CODES = 1_000
"""Status codes are smaller. [1]"""

Configs = dict[str, FunctionConfig]


@dataclass(frozen=True, slots=True)
class EstimateJob:
    """An estimate."""

    function: FunctionConfig
    named: tuple[tuple[str, FunctionConfig], ...]
    terms: Terms
    platform: Platform
    compares: bool = True
    """Whether it is compared with other policies, idle timeouts and shared instances, which a report tells of."""

    @property
    def piecewise(self) -> bool:
        """Clients that come back may be many invocations."""
        settings = (self.function, *(config for _, config in self.named))
        return self.compares or any(config.reconnect_policy != RECONNECTS[0] for config in settings)

    def configs(self, hollow: Trace) -> Configs:
        """Return the settings of each function."""
        return configs_of(hollow, self.function, dict(self.named))

    def check(self, hollow: Trace) -> None:
        """Refuse settings under which what happens on instances decides how connections go on.

        Raises
        ------
        ConfigError
            If connections are refused, wait for an instance, or are cut with one.
        """
        if self.platform.couples(self.configs(hollow)):
            raise ConfigError(
                "refusals, initialisation and recycled instances need the whole trace in memory: raise --memory-limit"
            )

    def cases(self, hollow: Trace) -> dict[str, Configs]:
        """Return the settings of each other case by its name; `low` and `high` are of a trace without messages."""
        configs = self.configs(hollow)
        known = knows_silences(has_messages=hollow.has_messages, configs=configs.values())
        found = {} if known else dict.fromkeys((LOW, HIGH), configs)
        if not self.compares:
            return found
        found |= {idle_case(idle_s): shorter(configs, idle_s) for idle_s in idle_tried(configs)}
        return found | {policy_case(policy): stated for policy, stated in other_policies(configs).items()}

    def analyse(self, part: Trace) -> tuple[Partial, dict[str, Stretch]]:
        """Sum one part, and return the lives of the cases that need instances."""
        configs = self.configs(part)
        supposed = point(part, configs)
        rows = replay(supposed, configs)
        found, lives = Partial(extent(part)), {NOW: lives_of(supposed, rows)}
        found.sums["time"] = np.array(time_sums(rows), np.int64)
        found.sums["metered"] = count_messages(supposed, rows, configs)
        self._add_outcomes(found, OUTCOMES, supposed, rows)
        self._add_sums(found, NOW, supposed, configs, rows)
        for case, settings in self.cases(part).items():
            other = assume(part, case) if case in (LOW, HIGH) else point(part, settings)
            if case not in (LOW, HIGH) and self.platform.sums_suffice(settings):
                for code, sums in enumerate(sums_at(other, settings).values()):
                    found.sums[f"{case} {code}"] = np.array(sums.row(), np.int64)
                continue
            others = replay(other, settings)
            if case in (LOW, HIGH):
                self._add_outcomes(found, f"{OUTCOMES} {case}", other, others)
            self._add_sums(found, case, other, settings, others)
            if not self.platform.sums_suffice(settings):
                lives[case] = lives_of(other, others)
        self._add_reported(found, part)
        return found, lives

    def _add_outcomes(self, found: Partial, name: str, trace: Trace, rows: Invocations) -> None:
        """Count the invocations of each function by status code."""
        for code in range(len(trace.functions)):
            counts = np.bincount(of_function(trace, rows, code).outcome, minlength=_CODES)
            found.sums[f"{name} {code}"] = counts.astype(np.int64)

    def _add_sums(self, found: Partial, case: str, trace: Trace, configs: Configs, rows: Invocations) -> None:
        """Add the sums of a case, function by function, from its invocations."""
        usages = measure(trace, rows, configs, granularity_ms=self.platform.granularity_ms)
        for code, usage in enumerate(usages.values()):
            impact = impact_of(of_function(trace, rows, code))
            sums = [getattr(impact, name) if hasattr(impact, name) else usage[name] for name in SUMMED]
            found.sums[f"{case} {code}"] = np.array(sums, np.int64)

    def _add_reported(self, found: Partial, part: Trace) -> None:
        """Add what warnings and the limits of messages count."""
        found.count("data", data_messages(part))
        found.count("empty", int((part.close_code == EMPTY_CLOSE).sum()))
        found.count("untold", untold_bytes(part))
        found.sums["assumed"] = np.array(assumed(part), np.int64)
        excess = message_excess(part, message_bounds(self.terms.book.limits.messages))
        found.count("beyond", excess.connections)
        for name, number in excess.broken.items():
            found.count(f"beyond {name}", number)
        bounds = excess.bounds
        found.worst = [
            (max(peaks[one] / getattr(bounds, one) for one in BOUNDS), str(part.connection_id[i]), peaks)
            for i, peaks in excess.worst
        ]


def idle_case(idle_s: int) -> str:
    """Name the case of an idle timeout of at most so many seconds."""
    return f"idle-{idle_s}"


def policy_case(policy: str) -> str:
    """Name the case of a reconnect policy."""
    return f"policy-{policy}"


def sums_of_case(sums: Mapping[str, Int64], case: str) -> Iterator[Sums[int]]:
    """Yield the sums of each function in a case.

    Parameters
    ----------
    sums : mapping of str to ndarray of int64
        Sums of a job, by case and place of the function.
    case : str
        Name of the case.
    """
    code = 0
    while f"{case} {code}" in sums:
        yield Sums(*sums[f"{case} {code}"].tolist())
        code += 1
