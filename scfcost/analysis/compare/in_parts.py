"""Platforms on a trace that is read in parts: the same, to the last digit, as on the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scfcost.analysis.compare.alone import OnPlatform, PlatformEstimate, made
from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.job import Deployed, PlatformJob, traffic_of
from scfcost.analysis.compare.swept import PlatformAxes, grid_on, swept
from scfcost.analysis.compare.table import Asked, Platforms, Pushed, check, pushed_bytes, tabled
from scfcost.analysis.estimate import document
from scfcost.analysis.estimate.estimate import other_policies
from scfcost.analysis.estimate.job import EstimateJob
from scfcost.analysis.estimate.summed import as_read, summed
from scfcost.analysis.in_parts import Engine
from scfcost.analysis.sweep.sweep import SweepResult
from scfcost.billing.over_time import Peaks
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.units import FOREVER_MS
from scfcost.core.warning import Warned
from scfcost.engines.job import Timed
from scfcost.engines.local import execute
from scfcost.engines.partial import Partial
from scfcost.engines.plan import Plan
from scfcost.lifecycle.intervals import time_order
from scfcost.trace.model import Trace


def estimate_on(
    plan: Plan, asked: OnPlatform, *, engine: Engine = execute, **options: Any
) -> PlatformEstimate:  # fmt: skip
    """Estimate a trace on a platform in parts: the same, to the last digit, as of the whole.

    Parameters
    ----------
    plan : Plan
        Files and parts of the trace.
    asked : OnPlatform
        The platform and the settings there.
    engine : callable
        What reads the parts and adds up their sums.
    **options
        What the engine takes beside them.

    Raises
    ------
    CatalogError
        If the book does not say how connections live on its platform, or knows no such region, plan or date.
    ConfigError, TraceError
        As in `estimate_on`; if a file is no trace.
    """
    all_terms = asked.terms()
    policies = other_policies({"": asked.function, **asked.functions})
    clients = [None, *policies] if policies else [None]
    settings = tuple(asked.deployed(all_terms, policy) for policy in clients)
    job = PlatformJob(settings)
    with engine(plan, job, **options) as found:
        first, *rest = job.priced(found, traffic_of(found), asked.guesses)
        read = as_read(found, plan.sources)
        extent = document.of_trace(read) | {
            "connections": found.total.number("sessions"), "messages": found.total.number("messages"),
        }  # fmt: skip
        return made(extent, all_terms, first, dict(zip(policies, rest, strict=True)), read)


def sweep_on(
    plan: Plan,
    axes: PlatformAxes,
    pricing: Pricing,
    function: FunctionConfig | None = None,
    guesses: Guesses | None = None,
    *,
    engine: Engine = execute,
    **options: Any,
) -> SweepResult:
    """Price a trace in parts under every setting of a grid on a platform: the same as of the whole.

    Parameters
    ----------
    plan : Plan
        Files and parts of the trace.
    axes : PlatformAxes
        The values of each axis.
    pricing : Pricing
        The platform's price book by name or file, with region, plan and date.
    function : FunctionConfig, optional
        The settings that are no axis.
    guesses : Guesses, optional
        What is known of handlers and rooms.
    engine : callable
        What reads the parts and adds up their sums.
    **options
        What the engine takes beside them.

    Raises
    ------
    CatalogError, ConfigError
        As in `swept.sweep_on`.
    """
    all_terms, settings = grid_on(axes, pricing, function)
    job = PlatformJob(tuple(Deployed(tuple(all_terms), config, (), chosen) for config, chosen in settings))
    with engine(plan, job, **options) as found:
        traffic = traffic_of(found)
        rows = [ways[0] for ways in job.priced(found, traffic, guesses or Guesses())]
        told = as_read(found, plan.sources).provenance.warnings
    return swept(all_terms, settings, rows, traffic, told)


NATURAL = "natural"
"""What the lives without any timeout are called, in the order of time."""


@dataclass(frozen=True, slots=True)
class CompareJob:
    """An estimate of a function platform, and every other platform beside it."""

    estimate: EstimateJob
    platforms: PlatformJob

    @property
    def piecewise(self) -> bool:
        """Clients that come back may be many invocations."""
        return True

    def check(self, hollow: Trace) -> None:
        """Refuse what either refuses."""
        self.estimate.check(hollow)
        self.platforms.check(hollow)

    def analyse(self, part: Trace) -> tuple[Partial, Mapping[str, Timed]]:
        """Sum one part under the settings of the function, and under the rules of each platform."""
        found, lives = self.estimate.analyse(part)
        others, kept = self.platforms.by_platform(part)
        found += others
        found.count("pushed", pushed_bytes(part))
        end, order = part.natural_end_ms(), time_order(part.connect_ms)
        return found, {**lives, **kept, NATURAL: (part.connect_ms[order], end[order])}


def compare_platforms(
    plan: Plan, job: EstimateJob, asked: Asked | None = None, *, engine: Engine = execute, **options: Any
) -> Platforms:
    """Put every platform, and plain servers, beside a function platform's estimate of a trace that is read in parts.

    Settings that `recommend` would put forward are not among the rows: it needs the whole trace.

    Parameters
    ----------
    plan : Plan
        Files and parts of the trace.
    job : EstimateJob
        The settings of the function.
    asked : Asked, optional
        Which platforms and servers, and in which money.
    engine : callable
        What reads the parts and adds up their sums.
    **options
        What the engine takes beside them.

    Raises
    ------
    ConfigError, CatalogError, TraceError
        As `table.compare_platforms`, and where the trace cannot be read.
    """
    asked = asked or Asked()
    settings = tuple(Deployed(tuple(all_terms), job.function, job.named) for all_terms in asked.terms())
    platforms = PlatformJob(settings)
    with engine(plan, CompareJob(job, platforms), **options) as found:
        estimate = summed(found, job, plan.sources)
        check(estimate)
        ways = platforms.priced(found, traffic_of(found), asked.guesses)
        rows = [way.row for one in ways for way in one]
        peaks = Peaks(np.array([-FOREVER_MS, FOREVER_MS]))
        for start, end, _ in found.rows(NATURAL):
            peaks.add(start, end)
        pushed = Pushed(found.total.number("pushed"), int(peaks.finish()[0]))
    text = "the trace was read in parts: what `recommend` would set is no row of it, as that needs the whole trace"
    return tabled([("as set", estimate)], asked, rows, pushed, told=[Warned("as_set_only", text)])
