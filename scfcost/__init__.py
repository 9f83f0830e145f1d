"""What WebSocket connections cost on a serverless platform, and which timeouts to set.

>>> import scfcost
>>> scfcost.FunctionConfig(memory_mb=256).memory_mb
256
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scfcost.core.cache import find_cache
from scfcost.core.version import __version__

if TYPE_CHECKING:
    from scfcost import engines, plots
    from scfcost.analysis.capacity.capacity import Capacity, capacity
    from scfcost.analysis.estimate.compare import Comparison, compare
    from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
    from scfcost.analysis.estimate.result import Estimate
    from scfcost.analysis.forecast.growth import Growth, growth, read_growth
    from scfcost.analysis.forecast.sensitivity import Sensitivity, sensitivity
    from scfcost.analysis.forecast.uncertainty import Uncertainty, bootstrap, replicate
    from scfcost.analysis.reconcile.reconcile import Reconciliation, reconcile
    from scfcost.analysis.sweep.constraints import Constraints
    from scfcost.analysis.sweep.explore import Exploration, explore
    from scfcost.analysis.sweep.grid import Axes, grid_of
    from scfcost.analysis.sweep.job import SweepJob
    from scfcost.analysis.sweep.recommend import Recommendation, recommend
    from scfcost.analysis.sweep.sweep import SweepResult, sweep
    from scfcost.analysis.sweep.widget import explorer
    from scfcost.billing.terms import Pricing
    from scfcost.catalog.load import load_book
    from scfcost.config.function import FunctionConfig
    from scfcost.core.errors import BadRowsError, CatalogError, ConfigError, ResultError, ScfcostError, TraceError
    from scfcost.trace.formats.scf_files import read_log
    from scfcost.trace.model import Trace
    from scfcost.trace.read import read_trace
    from scfcost.trace.write import write_trace
    from scfcost.workload.generate import generate, plan, scaled_plan, simulate
    from scfcost.workload.schema import load_scenario, parse_scenario


_NAMES = {
    "analysis.capacity.capacity": ("Capacity", "capacity"),
    "analysis.estimate.compare": ("Comparison", "compare"),
    "analysis.estimate.estimate": ("TraceEstimate", "estimate"),
    "analysis.estimate.result": ("Estimate",),
    "analysis.forecast.growth": ("Growth", "growth", "read_growth"),
    "analysis.forecast.sensitivity": ("Sensitivity", "sensitivity"),
    "analysis.forecast.uncertainty": ("Uncertainty", "bootstrap", "replicate"),
    "analysis.reconcile.reconcile": ("Reconciliation", "reconcile"),
    "analysis.sweep.constraints": ("Constraints",),
    "analysis.sweep.explore": ("Exploration", "explore"),
    "analysis.sweep.grid": ("Axes", "grid_of"),
    "analysis.sweep.job": ("SweepJob",),
    "analysis.sweep.recommend": ("Recommendation", "recommend"),
    "analysis.sweep.sweep": ("SweepResult", "sweep"),
    "analysis.sweep.widget": ("explorer",),
    "billing.terms": ("Pricing",),
    "catalog.load": ("load_book",),
    "config.function": ("FunctionConfig",),
    "core.errors": ("BadRowsError", "CatalogError", "ConfigError", "ResultError", "ScfcostError", "TraceError"),
    "trace.formats.scf_files": ("read_log",),
    "trace.model": ("Trace",),
    "trace.read": ("read_trace",),
    "trace.write": ("write_trace",),
    "workload.generate": ("generate", "plan", "scaled_plan", "simulate"),
    "workload.schema": ("load_scenario", "parse_scenario"),
}
"""The public names of each module."""
_HOMES = {name: module for module, names in _NAMES.items() for name in names}
_ROOMS = ("engines", "plots")
"""Rooms that are public as a whole."""

__all__ = [
    "Axes", "BadRowsError", "Capacity", "CatalogError", "Comparison", "ConfigError", "Constraints",
    "Estimate", "Exploration", "FunctionConfig", "Growth", "Pricing", "Recommendation", "Reconciliation",
    "ResultError", "ScfcostError", "Sensitivity", "SweepJob", "SweepResult", "Trace", "TraceError",
    "TraceEstimate", "Uncertainty", "__version__", "bootstrap", "capacity", "compare", "engines", "estimate",
    "explore", "explorer", "generate", "grid_of", "growth", "load_book", "load_scenario", "parse_scenario",
    "plan", "plots", "read_growth", "read_log", "read_trace", "recommend", "reconcile", "replicate",
    "scaled_plan", "sensitivity", "simulate", "sweep", "write_trace",
]  # fmt: skip


find_cache(Path(__file__).parent)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import scfcost` stays instant."""
    if name in _ROOMS:
        return import_module(f"scfcost.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'scfcost' has no attribute {name!r}")
    return getattr(import_module(f"scfcost.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
