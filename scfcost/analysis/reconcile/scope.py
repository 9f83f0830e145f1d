"""Which part of a log is compared with a trace, and what the user should know of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from scfcost.analysis.reconcile.bill_file import BillFile
from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.core.money import round_fraction
from scfcost.core.warning import Warned
from scfcost.trace.formats.scf_records import RUNNING, LoggedInvocation

IDLE = "provisioned_idle"
"""The line of provisioned instances without work."""

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate


def of_functions(
    log: Sequence[LoggedInvocation], wanted: Sequence[str], estimate: TraceEstimate
) -> tuple[list[LoggedInvocation], list[Warned]]:
    """Keep the requests of the functions that the trace stands for, with what to know of the others.

    Parameters
    ----------
    log : sequence of LoggedInvocation
        Requests of any functions.
    wanted : sequence of str
        Functions that are named, none to tell them from the trace.
    estimate : TraceEstimate
        The forecast, by the functions of its trace.

    Raises
    ------
    ConfigError
        If a function is not in the log, or it is not clear which ones the trace stands for.
    """
    there = sorted({row.function for row in log})
    for one in wanted:
        if one not in there:
            raise ConfigError(f"the log holds no function {one!r}; {nearest(one, there)}")
    names = list(wanted) or [one for one in there if one in estimate.functions]
    if not names and len(there) > 1:
        raise ConfigError(f"the log holds {', '.join(there)}: say with --log-function which the trace stands for")
    names = names or there
    kept = [row for row in log if row.function in names]
    warnings = []
    if len(kept) < len(log):
        others = ", ".join(one for one in there if one not in names)
        warnings.append(Warned("other_functions", f"{len(log) - len(kept)} requests of {others} are left out"))
    if len(estimate.functions) > 1 and (silent := [one for one in estimate.functions if one not in names]):
        text = f"the log holds nothing of {', '.join(silent)}: their forecast counts as traffic that did not come"
        warnings.append(Warned("silent_functions", text))
    return kept, warnings


def covered_by(rows: Sequence[LoggedInvocation]) -> tuple[int, int]:
    """Return the first start and the last instant of a log. [ms]"""
    return min(row.start_ms or 0 for row in rows), max(row.last_ms for row in rows)


def common_time(estimate: TraceEstimate, covered: tuple[int, int]) -> tuple[tuple[int, int], Fraction | None]:
    """Return what is compared: the time that both share, or else the whole log, and the ratio of their lengths.

    Parameters
    ----------
    estimate : TraceEstimate
        The forecast, for the window of its trace.
    covered : tuple of int
        First and last instant of the log. [ms]

    Raises
    ------
    TraceError
        If they share no time, and one of them is 0 ms long.
    """
    trace = estimate.trace
    shared = max(trace.start_ms, covered[0]), min(trace.end_ms, covered[1])
    if shared[0] <= shared[1]:
        return shared, None
    if trace.window_ms == 0 or covered[0] == covered[1]:
        short = "trace" if trace.window_ms == 0 else "log"
        raise TraceError(f"trace and log share no time, and the {short} is 0 ms long, so neither can be scaled")
    return covered, Fraction(covered[1] - covered[0], trace.window_ms)


def left_out(
    estimate: TraceEstimate, kept: Sequence[LoggedInvocation], inside: Sequence[LoggedInvocation], bill: BillFile | None
) -> Iterator[Warned]:
    """Say what is not compared, and what had to be assumed.

    Parameters
    ----------
    estimate : TraceEstimate
        The forecast.
    kept : sequence of LoggedInvocation
        Requests of the functions that are compared.
    inside : sequence of LoggedInvocation
        Those of them that ran in the time that is compared.
    bill : BillFile or None
        The bill, where there is one.
    """
    unplaced = sum(row.ran and row.start_ms is None for row in kept)
    if unplaced:
        yield Warned("no_start", f"{unplaced} requests of the log have no start and are left out")
    away = sum(row.ran for row in kept) - unplaced - len(inside)
    if away:
        yield Warned("outside_period", f"{away} requests of the log start outside the time that is compared")
    running = sum(row.status == RUNNING for row in inside)
    if running:
        yield Warned("still_running", f"{running} requests have no end in the log; they are taken to run until it ends")
    silent = sum(row.memory_mb is None for row in inside)
    if silent:
        text = f"{silent} requests have no report line in the log: their memory is taken from the settings"
        yield Warned("memory_unknown", text)
    if any(config.max_concurrency > 1 for config in estimate.functions.values()):
        text = "the log does not say which instance served a request: both sides share instances by the same rule"
        yield Warned("instances_assumed", text)
    if not estimate.trace.has_messages:
        yield Warned("no_messages", "the trace has no message rows: the forecast is the point between low and high")
    if bill is not None:
        yield from _bill_warnings(bill)
        if "egress" in bill.lines and any(one.code == "bytes_unknown" for one in estimate.warnings):
            text = "the trace does not tell all bytes sent: what the bill charges for traffic was not fully forecast"
            yield Warned("bytes_unknown", text)


def idle_instances(estimate: TraceEstimate, bill: BillFile | None) -> Iterator[Warned]:
    """Say what provisioned instances cost that stand idle, and what would cost less.

    Parameters
    ----------
    estimate : TraceEstimate
        The forecast.
    bill : BillFile or None
        The bill, where there is one.
    """
    line = bill.lines.get(IDLE) if bill else None
    provisioned = sum(
        max((item.number for item in config.provisioned_schedule.items), default=0)
        for config in estimate.functions.values()
    )
    if line is not None and line.amount > 0 and not provisioned:
        charged = f"{round_fraction(line.amount):,f}"
        text = f"the bill charges {charged} for provisioned instances that stand idle, and the settings "
        yield Warned("idle_instances", f"{text}have none: give --provisioned, or delete them")
    month = estimate.monthly
    cost = next((one.amount for one in month.lines if one.item == IDLE), None) if month else None
    if month is None or not cost or not provisioned:
        return
    busy = estimate.result.packing.peak_instances
    text = (
        f"{month.currency} {cost:,} a month go to provisioned instances that stand idle: {provisioned:,} are started "
    )
    less = f"--provisioned {busy} costs less" if busy < provisioned else "a schedule that follows the hours costs less"
    yield Warned("idle_instances", f"{text}in advance, and {busy:,} are busy at once at most; {less}")


def _bill_warnings(bill: BillFile) -> Iterator[Warned]:
    if bill.outside:
        yield Warned("bill_outside", f"{bill.name}: {bill.outside} rows of other hours are left out")
    if bill.other_products:
        yield Warned("bill_products", f"{bill.name}: {bill.other_products} rows of other products are left out")
    if bill.unknown_items:
        yield Warned("bill_items", f"{bill.name}: lines that are not known: {', '.join(bill.unknown_items)}")
    for item in [item for item, line in bill.lines.items() if line.quantity is None and item != "plan"]:
        yield Warned("bill_quantity", f"{bill.name}: {item} has no quantity, so its difference cannot be explained")
