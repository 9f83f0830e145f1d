"""`scfcost architecture`: several functions, the calls between them and the services around them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import deliver, form_for, loudness, note
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.architecture.cost import Costing
    from scfcost.analysis.architecture.schema import Architecture
    from scfcost.analysis.estimate.estimate import TraceEstimate
    from scfcost.billing.terms import Pricing
    from scfcost.trace.model import Trace

_Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="The architecture, a TOML file; then the traces that its functions share, if any.",
        show_default=False,
    ),
]

MATTER = ("region", "plan", "catalog", "pricing_date", "scale", "days", "source_format", "config", "output", "format")
"""Parameters that the short help shows."""


@options.takes(options.PRICES, options.READING, options.OUTPUT, files=_Files)
def architecture(paths: list[str], flags: dict[str, Any]) -> None:
    """Price several functions, the calls between them and the services around them as one month.

    scfcost architecture examples/chat-room-redis.toml

    scfcost architecture system.toml traces.csv --plan payg

    scfcost architecture system.toml --format markdown -o cost.md
    """
    form = form_for("architecture", flags)
    from scfcost.analysis.architecture.schema import load_architecture

    deliver(_costed(load_architecture(Path(paths[0])), paths, flags).to_dict(), form, flags)


def _costed(found: Architecture, paths: list[str], flags: dict[str, Any]) -> Costing:
    from scfcost.analysis.architecture.cost import cost

    pricing = pricing_of_architecture(found, flags)
    return cost(found, _estimates(found, paths, flags, pricing), pricing.terms())


def pricing_of_architecture(found: Architecture, flags: Mapping[str, Any]) -> Pricing:
    """Take the settings of the bill from flags, then the architecture, then where every command has them from.

    Parameters
    ----------
    found : Architecture
        The architecture as its file says it.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    """
    from scfcost.billing.terms import Pricing
    from scfcost.cli.inputs import settings_of

    stated = {name: getattr(found, name) for name in ("plan", "region", "catalog")}
    settings = settings_of({name: stated.get(name) if value is None else value for name, value in flags.items()})
    return Pricing(**{name: value for name, value in settings.pricing().items() if name in options.PRICES})


def _estimates(
    found: Architecture, paths: list[str], flags: dict[str, Any], pricing: Pricing
) -> dict[str, TraceEstimate]:
    """Estimate each function that has traffic; files are read once."""
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.cli.inputs import trace_of

    traces: dict[tuple[str, ...], Trace] = {}
    estimates = {}
    called = {call.callee for call in found.calls}
    for name, function in found.functions.items():
        shared = function.traffic is None
        if shared and function.share is None and (name in called or not paths[1:]):
            continue
        files = tuple(paths[1:]) if shared else (str(Path(paths[0]).parent / str(function.traffic)),)
        if not files:
            raise ConfigError(f"functions.{name}: has a share of traces, but none is given: {paths[0]} TRACES...")
        if files not in traces:
            traces[files] = trace_of(files, flags)
        estimates[name] = estimate(traces[files], function.config, pricing=pricing)
        for warning in estimates[name].warnings:
            note(f"functions.{name}: {warning.message}", say=loudness(flags))
    return estimates
