"""What `scfcost emulate` says at the end: the estimate of the recording, and what the run itself saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from scfcost.analysis.estimate.document import instant
from scfcost.cli.constraint_options import constraints_of
from scfcost.cli.emulate_asked import Asked
from scfcost.cli.inputs import pricing_of, settings_of
from scfcost.cli.output import as_json, write
from scfcost.emulate.model.rules import Mode
from scfcost.emulate.proof import Proof, prove
from scfcost.emulate.run import Ran
from scfcost.emulate.services.uses import uses_of
from scfcost.lifecycle.outcomes import name

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate

SCHEMA = "scfcost.emulation/1"
"""Name and version of the JSON document."""
_OF_ESTIMATE = ("trace", "function", "usage", "outcomes", "impact", "concurrency", "bill", "monthly")


@dataclass(slots=True)
class Report:
    """The end of a run, as a document and as what the screen is drawn from."""

    ran: Sequence[Ran]
    asked: Asked
    flags: Mapping[str, Any]
    estimates: dict[str, TraceEstimate] = field(default_factory=dict)
    proofs: dict[str, Proof] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)


def reported(ran: Sequence[Ran], asked: Asked, flags: dict[str, Any]) -> Report:
    """Estimate what was recorded, hold it to what was seen live, and put both into one document.

    Parameters
    ----------
    ran : sequence of Ran
        What ran, function by function.
    asked : Asked
        What the flags of the emulator ask for.
    flags : dict
        Values of the command's shared flags and of those of its own, by name.
    """
    report = Report(ran, asked, flags)
    parts = {one.function.name: _of_function(report, one) for one in ran}
    report.document = {"schema": SCHEMA, "mode": asked.mode}
    if asked.architecture is None:
        report.document |= parts[ran[0].function.name]
    else:
        from scfcost.cli.emulate_architecture import costed

        report.document |= {"functions": parts, **costed(asked.architecture, list(ran), report.estimates, flags)}
    report.document["check"] = _check(report, flags)
    return report


def _of_function(report: Report, one: Ran) -> dict[str, Any]:
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.trace.read import read_trace

    part: dict[str, Any] = dict.fromkeys(_OF_ESTIMATE)
    warnings = list(one.warnings)
    key = one.function.name
    if one.has_trace:
        settings = settings_of(report.flags)
        trace = read_trace(one.function.output)
        found = estimate(trace, one.function.rules.function, pricing=pricing_of(settings))
        report.estimates[key] = found
        report.proofs[key] = prove(trace, one.host.recorder.log_path, one.function.rules)
        document = found.to_dict()
        part = {field: document[field] for field in _OF_ESTIMATE}
        warnings += found.warnings
    measured = one.host.reconnects.measured()
    services = [_of_service(one, count) for count in one.services]
    return {
        "address": one.address,
        "window": {"start": instant(one.begin_ms), "end": instant(one.end_ms)},
        **part,
        "as_run": _as_run(one),
        "instances": one.host.model.pool.created,
        "refused": {str(code): count for code, count in sorted(one.host.model.refusals.items())},
        "left": one.host.model.left,
        "reconnects": {**asdict(measured), "policy": measured.policy, "flags": measured.flags},
        "services": services,
        "proof": asdict(report.proofs[key]) | {"holds": report.proofs[key].holds} if one.has_trace else None,
        "files": _files(one),
        "warnings": [asdict(warned) for warned in warnings],
    }


def _as_run(one: Ran) -> dict[str, Any]:
    """Return what the run itself counted, without a look at the recording."""
    model = one.host.model
    shared = one.function.rules.mode is not Mode.CUT and model.rules.function.max_concurrency > 1
    alone = model.connection_ms if model.rules.function.max_concurrency == 1 else model.busy_ms
    late = sorted(one.host.late_ms)
    return {
        "outcomes": {name(code): count for code, count in sorted(model.outcomes.items())},
        "invocations": model.invocations,
        "connection_ms": model.connection_ms,
        "billed_ms": None if shared else alone,
        "egress_bytes": model.egress_bytes,
        "messages": model.messages,
        "peak_connections": model.peak_connections,
        "peak_instances": model.peak_instances,
        "timers_late_ms": {"p50": late[len(late) // 2], "most": late[-1]} if late else None,
    }


def _of_service(one: Ran, count: Any) -> dict[str, Any]:
    return {
        "name": count.service.name, "connections": count.connections, "bytes_up": count.bytes_up,
        "bytes_down": count.bytes_down, "commands": dict(count.commands.most_common()),
        "by_instance": {str(number): times for number, times in sorted(count.by_instance.items())},
        "uses": uses_of(one.function.name, count, one.host.model),
    }  # fmt: skip


def _files(one: Ran) -> dict[str, str | None]:
    return {
        "trace": str(one.function.output) if one.has_trace else None,
        "log": str(one.host.recorder.log_path),
        "settings": str(settings_path(one)),
    }


def settings_path(one: Ran) -> Any:
    """Return where settings and counts of a function are kept."""
    return one.function.output.with_name(one.function.output.stem + ".json")


def keep_settings(report: Report) -> None:
    """Keep settings and counts of each function beside its trace."""
    for one in report.ran:
        part = report.document.get("functions", {}).get(one.function.name, report.document)
        settings = asdict(one.function.rules.function)
        write(as_json({**part, "mode": report.asked.mode, "settings": settings}), settings_path(one))


def _check(report: Report, flags: dict[str, Any]) -> dict[str, Any]:
    """Judge the limits that were stated; one that cannot be judged is no limit that is kept."""
    from scfcost.analysis.sweep.check import KEPT, check

    constraints = constraints_of(flags)
    faults = []
    for key, found in report.estimates.items() if constraints.stated() else ():
        for one in check(found, constraints).to_dict()["limits"]:
            if one["verdict"] != KEPT:
                why = "; ".join(one["would_judge"]) or f"{one['found']} is more than {one['asked']}"
                faults.append(f"{key}: {one['what']} is {one['verdict']}: {why}")
    return {"stated": list(constraints.stated()), "broken": faults}


def failed(report: Report, *, checks: bool) -> list[str]:
    """Return why the run is a failure: limits that are broken and, where it is checked, verdicts that differ.

    Parameters
    ----------
    report : Report
        The report of the run.
    checks : bool
        Whether verdicts that differ are a failure.
    """
    reasons = list(report.document["check"]["broken"])
    if checks:
        reasons += [f"{key}: {proof.sentence()}" for key, proof in report.proofs.items() if not proof.holds]
        if not report.proofs:
            reasons.append("nobody connected: there is nothing to check")
    return reasons
