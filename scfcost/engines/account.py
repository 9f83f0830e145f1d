"""The estimate of a trace that was summed in parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from scfcost.advice import idle_tried
from scfcost.config import RECONNECTS, FunctionConfig
from scfcost.costing import Impact, bills, impact_of_sums, measured, month_factor, named_outcomes, per_function, select
from scfcost.engines.job import extent
from scfcost.engines.partial import Answer, Partial
from scfcost.errors import ConfigError, TraceError
from scfcost.estimation import configs_of, message_bounds, other_policies, shorter, time_sums
from scfcost.lifecycle.grid import sums_at
from scfcost.lifecycle.instances import Packing
from scfcost.lifecycle.message_limits import BOUNDS, MessageExcess, message_excess
from scfcost.lifecycle.outcomes import CUTS, EMPTY_CLOSE
from scfcost.lifecycle.replay import SUMS, Invocations, replay
from scfcost.lifecycle.run import Platform, Run, place, place_within
from scfcost.metering import Usage, total, usage_of, usage_of_sums
from scfcost.priced import Lives, Priced, bill_warnings, close_warnings, quota_warnings, setting_warnings
from scfcost.pricing import Bill, Terms
from scfcost.report import document
from scfcost.trace.build import headless_warnings, message_warnings, time_warnings
from scfcost.trace.heartbeats import dropped_warning
from scfcost.trace.model import Int64, Trace
from scfcost.trace.sources import Source, column_warnings
from scfcost.warned import Warned

_CODES = 1_000
"""Status codes are smaller. [1]"""
_MOST = 2**61
"""Sums stay below this, so that none overflows."""


@dataclass(frozen=True, slots=True)
class EstimateJob:
    """An estimate."""

    function: FunctionConfig
    named: tuple[tuple[str, FunctionConfig], ...]
    terms: Terms
    platform: Platform

    def configs(self, hollow: Trace) -> dict[str, FunctionConfig]:
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

    def analyse(self, part: Trace) -> tuple[Partial, dict[str, Int64]]:
        """Sum one part, and return the life of each invocation."""
        configs = self.configs(part)
        rows = replay(part, configs)
        function = part.function_code[rows.session]
        found = Partial(extent(part))
        for code in range(len(part.functions)):
            own = function == code
            found.sums[f"tally {code}"] = rows.tally[code]
            found.sums[f"outcomes {code}"] = np.bincount(rows.outcome[own], minlength=_CODES).astype(np.int64)
            found.count(f"egress {code}", int(rows.egress_bytes[own].sum()))
            found.count(f"harmful {code}", int(rows.harmful[own].sum()))
            found.count(f"reconnects {code}", int((rows.number[own] > 0).sum()))
        found.sums["time"] = np.array(time_sums(rows), np.int64)
        found.count("empty", int((part.close_code == EMPTY_CLOSE).sum()))
        for title, others in self._others(configs):
            if self.platform.sums_suffice(others):
                for one, sums in sums_at(part, others).items():
                    found.sums[f"{title} {one}"] = np.array([sums[name] for name in SUMS], np.int64)
        self._add_excess(part, found)
        return found, {"start_ms": rows.start_ms, "end_ms": rows.end_ms, "function": function.astype(np.int64)}

    def _others(self, configs: Mapping[str, FunctionConfig]) -> Iterator[tuple[str, dict[str, FunctionConfig]]]:
        """Yield the settings that a report compares with, by what their sums are called."""
        for idle_s in idle_tried(configs):
            yield f"idle {idle_s}", shorter(configs, idle_s)
        yield from ((f"policy {policy}", stated) for policy, stated in other_policies(configs).items())

    def _add_excess(self, part: Trace, found: Partial) -> None:
        excess = message_excess(part, message_bounds(self.terms.book.limits.messages))
        found.count("beyond", excess.connections)
        for name, number in excess.broken.items():
            found.count(f"beyond {name}", number)
        bounds = excess.bounds
        found.worst = [
            (max(peaks[one] / getattr(bounds, one) for one in BOUNDS), str(part.connection_id[i]), peaks)
            for i, peaks in excess.worst
        ]


@dataclass(frozen=True, eq=False, repr=False)
class Account(Priced):
    """The bill of a trace that was summed in parts. Made by `account`."""

    extent: dict[str, Any]
    """What was read, as in the JSON document."""
    hollow: Trace
    """Window and functions."""
    functions: dict[str, FunctionConfig]
    terms: Terms
    platform: Platform
    sums: Partial
    trace: Trace
    """Every invocation as a session without messages: its function, and when it starts."""
    lived: Run
    """Start and end of every invocation, where it ran, and what would be refused."""
    measured: dict[str, Usage]
    charged: tuple[Bill, Bill | None]
    """The bill of the recorded usage, and that of a month."""
    policies: dict[str, tuple[Impact, Bill | None]] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()

    @property
    def run(self) -> Run:
        """What became of the trace."""
        return self.lived

    @property
    def usages(self) -> dict[str, Usage]:
        """The usage of each function."""
        return self.measured

    @property
    def usage(self) -> Usage:
        """What the bill is made of."""
        return total(self.measured)

    @property
    def bill(self) -> Bill:
        """Cost of the recorded usage, without allowance or plan."""
        return self.charged[0]

    @property
    def monthly(self) -> Bill | None:
        """Cost of a month of 30 days, None where the window is 0 ms."""
        return self.charged[1]

    @property
    def factor(self) -> Fraction | None:
        """30 days over the window, None where the window is 0 ms."""
        return month_factor(self.hollow)

    @property
    def window_ms(self) -> int:
        """Length of the window. [ms]"""
        return self.hollow.window_ms

    @property
    def outcomes(self) -> dict[str, int]:
        """Invocations by status code."""
        return named_outcomes(
            np.sum([self.sums.sums[f"outcomes {code}"] for code in range(len(self.functions))], axis=0)
        )

    @property
    def impact(self) -> Impact:
        """What the timeouts did to people."""
        return _sum([self._impact(code) for code in range(len(self.functions))])

    @property
    def lives(self) -> Lives:
        """Sessions and connection time as sums."""
        times = (int(one) for one in self.sums.sums["time"])
        return Lives(self.sums.number("sessions"), self.sums.number("natural_ms"), *times)

    def month_shared(self, connections: int) -> Bill | None:
        """Return the month with so many connections an instance."""
        configs = {one: config.replace(max_concurrency=connections) for one, config in self.functions.items()}
        rows = self.run.invocations
        usages = _usages(
            self.trace, rows, place(self.trace, rows, configs, self.platform), configs, self.platform, self.sums
        )
        return bills(self.hollow, total(usages), self.terms)[1]

    def month_idle(self, idle_s: int) -> tuple[Impact, Bill | None] | None:
        """Return impact and month with an idle timeout of at most so many seconds; None where instances are shared."""
        return _compared(f"idle {idle_s}", self.hollow, shorter(self.functions, idle_s), self.terms, self.sums)

    def _impact(self, code: int) -> Impact:
        lost, delayed, missed = (int(one) for one in self.sums.sums[f"tally {code}"])
        cut = int(self.sums.sums[f"outcomes {code}"][list(CUTS)].sum())
        harmful, reconnects = self.sums.number(f"harmful {code}"), self.sums.number(f"reconnects {code}")
        return Impact(cut, harmful, lost, delayed, missed, reconnects)

    def _extent(self) -> dict[str, Any]:
        return self.extent

    def _excess(self) -> dict[str, Any]:
        excess = _excess_of(self.terms, self.sums)
        worst = [{"connection_id": name, **peaks} for _, name, peaks in self.sums.worst]
        return {**document.of_message_excess(excess, self.hollow), "worst": worst} if excess else {}

    def _function(self, one: str) -> dict[str, Any]:
        code = self.hollow.functions.index(one)
        _, packing = select(self.trace, self.run, self.functions, self.platform, code)
        counts = named_outcomes(self.sums.sums[f"outcomes {code}"])
        return per_function(self.functions[one], self.measured[one], counts, self._impact(code), packing, code)


def account(found: Answer, job: EstimateJob, sources: Sequence[Source]) -> Account:
    """Put the sums of all parts together.

    Parameters
    ----------
    found : Answer
        What an engine found: window, sums and lives.
    job : EstimateJob
        The settings.
    sources : sequence of Source
        The files.

    Raises
    ------
    TraceError
        If the trace is too long to be summed exactly.
    """
    hollow, sums = found.hollow, found.total
    sizes = [sums.number(f"egress {code}") for code in range(len(hollow.functions))]
    if max(sums.number("natural_ms"), *sizes) > _MOST:
        raise TraceError("the trace is too long or too large to be summed exactly; estimate it in parts")
    configs = job.configs(hollow)
    trace, invocations = _lives(hollow, found)
    packing, limited = place_within(trace, invocations, configs, job.platform)
    seen = {
        "connections": sums.number("sessions"),
        "messages": sums.number("messages"),
        "sources": [source.name for source in sources],
    }
    usages = _usages(trace, invocations, packing, configs, job.platform, sums)
    made = Account(
        document.of_trace(hollow) | seen, hollow, configs, job.terms, job.platform, sums, trace,
        Run(invocations, packing, invocations.start_ms, limited.refused), usages,
        bills(hollow, total(usages), job.terms),
    )  # fmt: skip
    return replace(made, policies=_policies(made), warnings=tuple(_warnings(made, column_warnings(sources))))


def _lives(hollow: Trace, found: Answer) -> tuple[Trace, Invocations]:
    start, end, function = (found.lives(name) for name in ("start_ms", "end_ms", "function"))
    count = len(start)
    alone = hollow.replace(
        connection_id=np.broadcast_to(np.int64(0), count), connect_ms=start, close_ms=end,
        function_code=function.astype(np.int16),
    )  # fmt: skip
    return alone, Invocations.of_lives(start, end, np.arange(count), functions=len(hollow.functions))


def _usages(
    trace: Trace,
    invocations: Invocations,
    packing: Packing,
    configs: Mapping[str, FunctionConfig],
    platform: Platform,
    sums: Partial,
) -> dict[str, Usage]:
    """Measure the lives where they ran, and add the bytes, which only the parts know."""
    usages = measured(trace, invocations, packing, configs, platform)
    for code, (one, usage) in enumerate(usages.items()):
        usages[one] = usage + usage_of(configs[one], 0, 0, 0, sums.number(f"egress {code}"))
    return usages


def _compared(
    title: str, hollow: Trace, configs: Mapping[str, FunctionConfig], terms: Terms, sums: Partial
) -> tuple[Impact, Bill | None] | None:
    found = {}
    for one in configs:
        if f"{title} {one}" not in sums.sums:
            return None
        found[one] = dict(zip(SUMS, sums.sums[f"{title} {one}"].tolist(), strict=True))
    usage = total({one: usage_of_sums(configs[one], own) for one, own in found.items()})
    return impact_of_sums(list(found.values())), bills(hollow, usage, terms)[1]


def _policies(made: Account) -> dict[str, tuple[Impact, Bill | None]]:
    others = other_policies(made.functions)
    found = {RECONNECTS[0]: (made.impact, made.monthly)} if others else {}
    for policy, configs in others.items():
        compared = _compared(f"policy {policy}", made.hollow, configs, made.terms, made.sums)
        if compared is None:
            return {}  # on shared instances, what each policy costs needs its lives
        found[policy] = compared
    return found


def _excess_of(terms: Terms, sums: Partial) -> MessageExcess:
    broken = {one: sums.number(f"beyond {one}") for one in BOUNDS}
    return MessageExcess(message_bounds(terms.book.limits.messages), broken, sums.number("beyond"), [])


def _warnings(made: Account, of_files: Iterable[Warned]) -> Iterator[Warned]:
    sums, terms = made.sums, made.terms
    yield from of_files
    yield from headless_warnings(sums.number("headless"))
    yield from message_warnings({one: sums.number(one) for one in ("pushes", "unsized", "undirected")})
    yield from time_warnings(made.hollow.end_ms)
    if "dropped" in sums.sums:
        yield dropped_warning(sums.number("dropped"))
    yield from setting_warnings(made.functions, terms)
    yield from close_warnings(sums.number("empty"))
    yield from bill_warnings(made.window_ms, made.bill, terms)
    yield from quota_warnings(made.platform, terms, made.run.would_refuse)
    excess = _excess_of(terms, sums)
    if excess:
        yield Warned("message_limits", excess.sentence(sums.number("sessions"), terms.book.limits.messages.source))


def _sum(impacts: list[Impact]) -> Impact:
    names = Impact.__slots__
    return Impact(**{one: sum(getattr(impact, one) for impact in impacts) for one in names})
