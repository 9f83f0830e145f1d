"""Estimates and sweeps of traces that are read in parts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from scfcost.analysis.estimate.job import EstimateJob
from scfcost.analysis.estimate.result import Estimate
from scfcost.analysis.estimate.summed import summed
from scfcost.analysis.sweep.grid import Grid
from scfcost.analysis.sweep.job import SweepJob
from scfcost.analysis.sweep.sweep import SweepResult
from scfcost.engines.local import execute
from scfcost.engines.partial import Answer
from scfcost.engines.plan import Plan

Engine = Callable[..., AbstractContextManager[Answer]]
"""What reads a plan's trace and adds up a job's sums: `local.execute`, or that of another engine."""


def estimate_in_parts(plan: Plan, job: EstimateJob, *, engine: Engine = execute, **options: Any) -> Estimate:
    """Estimate a trace that is read in parts; errors as in `local.execute`.

    Parameters
    ----------
    plan : Plan
        Files and parts of the trace.
    job : EstimateJob
        The settings.
    engine : callable
        What reads the parts and adds up their sums.
    **options
        What the engine takes beside them.
    """
    with engine(plan, job, **options) as found:
        return summed(found, job, plan.sources)


def sweep_in_parts(plan: Plan, grid: Grid, *, engine: Engine = execute, **options: Any) -> SweepResult:
    """Sweep over a trace that is read in parts; errors as in `local.execute`.

    Parameters
    ----------
    plan : Plan
        Files and parts of the trace.
    grid : Grid
        The settings.
    engine : callable
        What reads the parts and adds up their sums.
    **options
        What the engine takes beside them.
    """
    job = SweepJob(grid)
    with engine(plan, job, **options) as found:
        return job.result(found.hollow, found.total)
