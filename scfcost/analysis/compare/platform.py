"""One platform on a trace: replayed under its own rules, counted by its own meters, priced by its own book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from scfcost.analysis.compare.row import Row, Served
from scfcost.analysis.estimate.result import Estimate
from scfcost.analysis.evaluate import impact_of
from scfcost.billing.measures import ALONE, FEWEST, PACKED, Replayed, Size, Supposed, projected, quantities
from scfcost.billing.pricing import Bill, price
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.lifecycle import Lifecycle
from scfcost.catalog.load import load_book
from scfcost.config.function import MAX_CONCURRENCY_LIMIT, FunctionConfig
from scfcost.core.errors import CatalogError
from scfcost.lifecycle.instances import pack
from scfcost.lifecycle.replay import replay
from scfcost.trace.model import Trace

NEVER_S = 10**8
"""A timeout that no connection of a trace reaches: three years. [s]"""
HANDLER_MS = 20
"""How long a handler is taken to run where the user does not say. [ms]"""
HANDLER_MS_BETWEEN = (5, 80)
"""What that guess may be off by. [ms]"""
CONNECTIONS_PER_ROOM = 50
"""Connections that are taken to share a room where the user does not say. [1]"""


@dataclass(frozen=True, slots=True)
class Guesses:
    """What a trace lacks and the user may say."""

    handler_ms: int | None = None
    """How long a handler runs for a connect or a message. [ms]"""
    connections_per_room: int | None = None
    """Connections that share a room. [1]"""


def settings_on(lifecycle: Lifecycle, config: FunctionConfig) -> FunctionConfig:
    """Return the settings of a function as a platform would have them.

    Parameters
    ----------
    lifecycle : Lifecycle
        How connections live there.
    config : FunctionConfig
        The function, as set elsewhere: what clients do stays, and so does what the platform lets one set.

    Returns
    -------
    FunctionConfig
        With the timeouts, memory and connections an instance of the platform.
    """
    held = 1
    if lifecycle.held is not None:
        wanted = config.max_concurrency if config.max_concurrency > 1 else lifecycle.held
        held = min(wanted, lifecycle.most_held, MAX_CONCURRENCY_LIMIT)
    return config.replace(
        idle_timeout_s=lifecycle.idle_timeout_s or NEVER_S,
        exec_timeout_s=lifecycle.max_life_s or NEVER_S,
        ping_resets_idle=lifecycle.ping_resets_idle,
        memory_mb=Size.of(lifecycle, config.memory_mb).memory_mb,
        max_concurrency=held, keep_alive_s=0, provisioned=0, init_ms=0, recycle_on_error=False, function_type="web-ws",
    )  # fmt: skip


def replayed_on(lifecycle: Lifecycle, trace: Trace, configs: Mapping[str, FunctionConfig]) -> Replayed:
    """Replay a trace under the rules of a platform.

    Parameters
    ----------
    lifecycle : Lifecycle
        How connections live there.
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function, as set elsewhere.
    """
    own = {name: settings_on(lifecycle, config) for name, config in configs.items()}
    rows = replay(trace, own)
    packing = None if lifecycle.held is None else pack(trace, rows, own, granularity_ms=lifecycle.busy_step_ms)
    return Replayed(trace, rows, own, packing, lifecycle)


def rows_on(catalog: str, estimate: Estimate, trace: Trace, guesses: Guesses, plan: str | None = None) -> Iterator[Row]:
    """Yield the rows of a platform: one, or one with and one without hibernation.

    Parameters
    ----------
    catalog : str
        A price book with a lifecycle, by its name or file.
    estimate : Estimate
        The trace under the settings of the function platform.
    trace : Trace
        What is replayed: with an assumption where it has no message rows.
    guesses : Guesses
        What the user says of what a trace lacks.
    plan : str, optional
        Plan that is priced where the book has it; the book's default otherwise.

    Raises
    ------
    CatalogError
        If the book does not say how connections live on its platform.
    """
    book = load_book(catalog)
    lifecycle = book.lifecycle
    if lifecycle is None:
        raise CatalogError(
            f"{book.name} does not say how connections live there: give [lifecycle], or use `scfcost price`"
        )
    replayed = replayed_on(lifecycle, trace, estimate.functions)
    all_terms = [_terms(name, plan) for name in (catalog, *lifecycle.behind)]
    factor = estimate.factor or Fraction(1)
    served = Served.by(impact_of(replayed.invocations), estimate, len(replayed.invocations))
    for hibernates in lifecycle.variants():
        cases = _cases(lifecycle, guesses, all_terms, hibernates=hibernates)
        months = [_month(all_terms, replayed, case, factor) for case in cases]
        point = months[0]
        totals = [sum((bill.total for bill in bills), Decimal("0.00")) for bills in months]
        known = estimate.messages.known and not any(bill.unknown for bill in point)
        yield Row(
            name=book.name + ("-hibernating" if hibernates else ""),
            title=lifecycle.title + _variant(lifecycle, hibernates=hibernates), region=all_terms[0].region,
            bills=tuple(point), low=min(totals), high=max(totals) if known else None, served=served,
            quantities={
                f"{terms.book.name}.{meter}": value
                for terms in all_terms for meter, value in quantities(terms.book, replayed, cases[0]).items()
            },
            notes=tuple(_notes(replayed, guesses, estimate, runs=_runs(_measured(all_terms), hibernates=hibernates))),
        )  # fmt: skip


def _variant(lifecycle: Lifecycle, *, hibernates: bool) -> str:
    if lifecycle.hibernates == "never":
        return ""
    return ", hibernating" if hibernates else ", always awake"


def _terms(catalog: str, plan: str | None) -> Terms:
    known = load_book(catalog).period().plan_names()
    return Pricing(catalog=catalog, plan=plan if plan in known else None).terms()


def _measured(all_terms: list[Terms]) -> set[str]:
    return {one.what for terms in all_terms for meter in terms.book.meters.values() for one in meter.measured}


def _is_disputed(all_terms: list[Terms]) -> bool:
    return any(one.only_most for terms in all_terms for meter in terms.book.meters.values() for one in meter.measured)


def _cases(lifecycle: Lifecycle, guesses: Guesses, all_terms: list[Terms], *, hibernates: bool) -> list[Supposed]:
    """Return what is supposed for the point, and beside it what makes a month least and most."""
    measures = _measured(all_terms)
    handler = guesses.handler_ms if guesses.handler_ms is not None else HANDLER_MS
    room = guesses.connections_per_room or CONNECTIONS_PER_ROOM
    point = Supposed(handler, PACKED, room, hibernates)
    least = most = point
    if guesses.handler_ms is None and _runs(measures, hibernates=hibernates):
        low, high = HANDLER_MS_BETWEEN
        least, most = replace(least, handler_ms=low), replace(most, handler_ms=high)
    if guesses.connections_per_room is None and lifecycle.group == "room":
        least, most = replace(least, connections_per_room=None), replace(most, connections_per_room=1)
    if _is_disputed(all_terms):
        most = replace(most, disputed=True)
    if "busy" in measures:
        least, most = replace(least, lie=FEWEST), replace(most, lie=ALONE)
    return [point] if least == most else [point, least, most]


def _month(all_terms: list[Terms], replayed: Replayed, case: Supposed, factor: Fraction) -> list[Bill]:
    found = []
    for terms in all_terms:
        counted = quantities(terms.book, replayed, case)
        used: dict[str, Fraction] = dict.fromkeys(terms.book.meters, Fraction(0))
        used |= projected(terms.book, counted, replayed, factor)
        found.append(price(used, terms, with_plan=True))
    return found


def _runs(measures: set[str], *, hibernates: bool) -> bool:
    """Whether the month hangs on how long handlers run."""
    return "handler" in measures or ("awake" in measures and hibernates)


def _notes(replayed: Replayed, guesses: Guesses, estimate: Estimate, *, runs: bool) -> Iterator[str]:
    lifecycle = replayed.lifecycle
    cuts = [f"{lifecycle.idle_timeout_s:,} s of silence"] if lifecycle.idle_timeout_s else []
    cuts += [f"{lifecycle.max_life_s:,} s"] if lifecycle.max_life_s else []
    yield f"cuts after {' and after '.join(cuts)}, code {lifecycle.cut_code}" if cuts else "no timeout cuts"
    if lifecycle.held is not None:
        yield _held(replayed)
    if guesses.handler_ms is None and runs:
        low, high = HANDLER_MS_BETWEEN
        yield f"a handler is taken to run {HANDLER_MS} ms, {low} to {high} (--handler-ms)"
    if guesses.connections_per_room is None and lifecycle.group == "room":
        yield f"{CONNECTIONS_PER_ROOM} a room are taken, low all in one, high one each (--connections-per-room)"
    if not estimate.messages.known:
        yield "the trace has no message rows: messages are not counted, and the month is the known part"
    yield from lifecycle.notes


def _held(replayed: Replayed) -> str:
    size, most = replayed.size(), replayed.lifecycle.most_held
    held = max(config.max_concurrency for config in replayed.configs.values())
    if held == 1:
        return f"1 connection an instance of {size.memory_mb:,} MB, up to {most:,} can be set (--max-concurrency)"
    return f"{held} connections an instance of {size.memory_mb:,} MB; low packs them tightest, high gives each its own"
