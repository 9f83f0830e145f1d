"""The end of a run on the screen: the report of `estimate`, then what the run itself saw and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial
from typing import Any

from scfcost.cli import options
from scfcost.cli.emulate_report import Report
from scfcost.cli.output import Screen, drawn
from scfcost.config.function import FunctionConfig
from scfcost.config.settings import FUNCTION_FIELDS
from scfcost.core.language import translated
from scfcost.core.text import counted
from scfcost.emulate.model.rules import Mode
from scfcost.emulate.run import Ran
from scfcost.emulate.services.uses import pasted

_GIVEN = (options.FUNCTION, options.CLIENTS, options.PRICES, options.LIMITS, {"config": None})


def screen(report: Report) -> str:
    """Return the report of a run as text for the terminal."""
    from scfcost.analysis.estimate.insights import insights
    from scfcost.report.console import estimate as console

    parts = []
    for one in report.ran:
        key = one.function.name
        parts.append(f"\n{key} at {one.address}\n" if len(report.ran) > 1 else "")
        if (found := report.estimates.get(key)) is not None:
            document, said = found.to_dict(), insights(found)
            parts.append(drawn(partial(console.render, document, insights=said), to_file=False))
        else:
            parts.append(f"{translated('Nobody connected: there is nothing to bill.')}\n")
        parts += [f"{translated(line)}\n" for line in _seen(report, one)]
    if costing := report.document.get("architecture"):
        from scfcost.report.console import architecture

        parts.append(f"\n{translated('The whole, with the traffic and the uses that were measured:')}\n")
        parts.append(drawn(partial(architecture.render, costing), to_file=False))
    return Screen("".join(parts))


def _seen(report: Report, one: Ran) -> Iterator[str]:
    key, model = one.function.name, one.host.model
    if (proof := report.proofs.get(key)) is not None:
        yield f"\nProof: {proof.sentence()}"
        yield from _as_run(report, one)
    refused = [f"{count} with {code}" for code, count in sorted(model.refusals.items())]
    if refused or model.left:
        left = [f"{model.left} left before their instance was ready"] if model.left else []
        yield f"Never connected: {', '.join(refused + left)}"
    measured = one.host.reconnects.measured()
    if measured.flags:
        back, cuts, flags, middle_ms = measured.returned, measured.cuts, measured.flags, measured.median_ms
        yield (
            f"Clients: {back} of {cuts} that were cut came back, after {middle_ms} ms in the middle: {flags}"
            if back
            else f"Clients: {back} of {cuts} that were cut came back: {flags}"
        )
    for count in one.services:
        yield f"Service {count.service.name}: {counted(count.connections, 'connection')}, {_commands(count)}"
        yield from pasted(key, count, model)
    if one.warnings:
        yield "\nWarnings of the run:"
        yield from (f"  {warned.message}" for warned in one.warnings)
    yield from _next(report, one)


def _as_run(report: Report, one: Ran) -> Iterator[str]:
    """Say what instances took as they ran, beside what they take as scfcost packs the connections."""
    billed_ms = report.document.get("as_run", report.document.get("functions", {}).get(one.function.name, {}))
    billed_ms = billed_ms.get("as_run", billed_ms).get("billed_ms")
    proof = report.proofs[one.function.name]
    if one.function.rules.function.max_concurrency > 1 and billed_ms is not None:
        yield (
            f"As run: {counted(one.host.model.used_instances, 'instance')} busy for {billed_ms / 1000:,.3f} s; as "
            f"scfcost packs the same connections: {counted(proof.instances, 'instance')}, "
            f"{proof.billed_ms / 1000:,.3f} s"
        )


def _commands(count: Any) -> str:
    told = ", ".join(f"{times} {command}" for command, times in count.commands.most_common(8))
    return told or f"{count.bytes_up:,} bytes up, {count.bytes_down:,} bytes down"


def _next(report: Report, one: Ran) -> Iterator[str]:
    if not one.has_trace:
        return
    trace, given = shlex.quote(str(one.function.output)), _given(report, one)
    found = one.host.reconnects.measured().flags or "--reconnect immediate"
    yield "\nNext:"
    yield f"  scfcost estimate {trace}{given}"
    if one.function.rules.mode is Mode.CUT:
        yield "  (longer timeouts need lives that nothing cut: scfcost emulate --mode record)"
    else:
        yield f"  scfcost recommend {trace} {found}"
    if one.function.rules.mode is not Mode.RECORD:  # else nothing was judged that a forecast could be held to
        yield f"  scfcost reconcile {trace}{given} --cls {shlex.quote(str(one.host.recorder.log_path))}"


def _given(report: Report, one: Ran) -> str:
    """Return the flags with which `estimate` takes the recording as it was meant."""
    words = []
    if report.asked.architecture is not None:
        plain, config = FunctionConfig(), one.function.rules.function
        stated = {flag: getattr(config, field) for flag, field in FUNCTION_FIELDS.items()}
        values = {flag: value for flag, value in stated.items() if value != getattr(plain, FUNCTION_FIELDS[flag])}
    else:
        values = {flag: report.flags.get(flag) for group in _GIVEN for flag in group}
    for flag, value in values.items():
        dashed = flag.replace("_", "-")
        if value is True or value is False:
            words.append(f"--{'' if value else 'no-'}{dashed}")
        elif value is not None:
            text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
            words.append(f"--{dashed} {shlex.quote(text)}")
    return "".join(f" {word}" for word in words)
