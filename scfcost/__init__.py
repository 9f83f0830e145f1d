"""What WebSocket connections cost on a serverless platform, and which timeouts to set.

>>> import scfcost
>>> scfcost.FunctionConfig(memory_mb=256).memory_mb
256
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from scfcost.core.version import __version__

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import Estimate, estimate
    from scfcost.analysis.reconcile.reconcile import Reconciliation, reconcile
    from scfcost.analysis.sweep.constraints import Constraints
    from scfcost.analysis.sweep.recommend import recommend
    from scfcost.analysis.sweep.sweep import SweepResult, sweep
    from scfcost.billing.terms import Pricing
    from scfcost.config.function import FunctionConfig
    from scfcost.core.errors import ScfcostError
    from scfcost.trace.formats.scf_files import read_log
    from scfcost.trace.model import Trace
    from scfcost.trace.read import read_trace


_HOMES = {
    "Constraints": "scfcost.analysis.sweep.constraints",
    "Estimate": "scfcost.analysis.estimate.estimate",
    "FunctionConfig": "scfcost.config.function",
    "Pricing": "scfcost.billing.terms",
    "ScfcostError": "scfcost.core.errors",
    "Trace": "scfcost.trace.model",
    "estimate": "scfcost.analysis.estimate.estimate",
    "SweepResult": "scfcost.analysis.sweep.sweep",
    "recommend": "scfcost.analysis.sweep.recommend",
    "sweep": "scfcost.analysis.sweep.sweep",
    "read_trace": "scfcost.trace.read",
    "Reconciliation": "scfcost.analysis.reconcile.reconcile",
    "read_log": "scfcost.trace.formats.scf_files",
    "reconcile": "scfcost.analysis.reconcile.reconcile",
}

__all__ = [
    "Constraints", "Estimate", "FunctionConfig", "Pricing", "Reconciliation", "ScfcostError", "SweepResult", "Trace",
    "__version__", "estimate", "read_log", "read_trace", "recommend", "reconcile", "sweep",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import scfcost` stays instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'scfcost' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
