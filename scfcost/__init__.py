"""What WebSocket connections cost on a serverless platform, and which timeouts to set.

>>> import scfcost
>>> scfcost.FunctionConfig(memory_mb=256).memory_mb
256
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scfcost.config import FunctionConfig
    from scfcost.constraints import Constraints
    from scfcost.errors import ScfcostError
    from scfcost.estimation import Estimate, estimate
    from scfcost.recommending import recommend
    from scfcost.reconciling import Reconciliation, reconcile
    from scfcost.sweeping import SweepResult, sweep
    from scfcost.trace.model import Trace
    from scfcost.trace.read import read_trace
    from scfcost.trace.scf_files import read_log

__version__ = "0.1.0"

_HOMES = {
    "Constraints": "scfcost.constraints",
    "Estimate": "scfcost.estimation",
    "FunctionConfig": "scfcost.config",
    "ScfcostError": "scfcost.errors",
    "Trace": "scfcost.trace.model",
    "estimate": "scfcost.estimation",
    "SweepResult": "scfcost.sweeping",
    "recommend": "scfcost.recommending",
    "sweep": "scfcost.sweeping",
    "read_trace": "scfcost.trace.read",
    "Reconciliation": "scfcost.reconciling",
    "read_log": "scfcost.trace.scf_files",
    "reconcile": "scfcost.reconciling",
}

__all__ = [
    "Constraints", "Estimate", "FunctionConfig", "Reconciliation", "ScfcostError", "SweepResult", "Trace",
    "__version__", "estimate", "read_log", "read_trace", "recommend", "reconcile", "sweep",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import scfcost` stays instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'scfcost' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
