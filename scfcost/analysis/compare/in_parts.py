"""Platforms on a trace that is read in parts: the same, to the last digit, as on the whole."""

from __future__ import annotations

from typing import Any

from scfcost.analysis.compare.alone import OnPlatform, PlatformEstimate, made
from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.job import Deployed, PlatformJob, traffic_of
from scfcost.analysis.compare.swept import PlatformAxes, grid_on, swept
from scfcost.analysis.estimate import document
from scfcost.analysis.estimate.estimate import other_policies
from scfcost.analysis.estimate.summed import as_read
from scfcost.analysis.in_parts import Engine
from scfcost.analysis.sweep.sweep import SweepResult
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.engines.local import execute
from scfcost.engines.plan import Plan


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
    return swept(all_terms, settings, rows, traffic)
