"""What a trace lacks and a month hangs on: what is taken for it, how far off that may be, and how a row says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from scfcost.billing.replayed import ALONE, FEWEST, PACKED, OnInstances, Supposed, largest
from scfcost.billing.terms import Terms

HANDLER_MS = 20
"""How long a handler is taken to run where the user does not say. [ms]"""
HANDLER_MS_BETWEEN = (5, 80)
"""What that guess may be off by. [ms]"""
HANDLER_CPU_MS = 10
"""How long a handler is taken to compute where the user does not say. [ms]"""
HANDLER_CPU_MS_BETWEEN = (2, 40)
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
    handler_cpu_ms: int | None = None
    """How long a handler computes for a connect or a message. [ms]"""
    disputed: bool | None = None
    """Whether what sources disagree on is counted; in the most of a month alone where the user does not say."""


@dataclass(frozen=True, slots=True)
class Hangs:
    """What the months of a platform hang on beside the trace."""

    on_handler: bool
    """How long handlers run."""
    on_handler_cpu: bool
    """How long handlers compute."""
    on_rooms: bool
    """Who shares a room."""
    on_placement: bool
    """How connections lie on instances."""
    on_disputed: bool
    """Whether something is counted that the vendor does not speak of."""

    @classmethod
    def of(cls, replayed: OnInstances, all_terms: Sequence[Terms], *, hibernates: bool) -> Hangs:
        """Return what the meters of a platform, and of the services behind it, hang on.

        Parameters
        ----------
        replayed : OnInstances
            The trace under the rules of the platform.
        all_terms : sequence of Terms
            Its price book, and those of the services behind it.
        hibernates : bool
            Whether its objects sleep between events.
        """
        measures = [one for terms in all_terms for meter in terms.book.meters.values() for one in meter.measured]
        counts = {one.what for one in measures}
        in_rooms = replayed.lifecycle.group == "room" and not replayed.names_rooms
        return cls(
            "handler" in counts or ("awake" in counts and hibernates), "handler_cpu" in counts, in_rooms,
            "busy" in counts, any(one.only_most for one in measures),
        )  # fmt: skip


def cases(guesses: Guesses, hangs: Hangs, *, hibernates: bool) -> list[Supposed]:
    """Return what is supposed for the point, and beside it what makes a month least and most.

    Parameters
    ----------
    guesses : Guesses
        What the user says.
    hangs : Hangs
        What the month hangs on.
    hibernates : bool
        Whether objects sleep between events.
    """
    handler = guesses.handler_ms if guesses.handler_ms is not None else HANDLER_MS
    cpu = guesses.handler_cpu_ms if guesses.handler_cpu_ms is not None else HANDLER_CPU_MS
    room = guesses.connections_per_room or CONNECTIONS_PER_ROOM
    computes = cpu if hangs.on_handler_cpu else 0
    counts = hangs.on_disputed and bool(guesses.disputed)
    point = Supposed(handler, PACKED, room, hibernates, computes, counts)
    least = most = point
    if guesses.handler_ms is None and hangs.on_handler:
        low, high = HANDLER_MS_BETWEEN
        least, most = replace(least, handler_ms=low), replace(most, handler_ms=high)
    if guesses.handler_cpu_ms is None and hangs.on_handler_cpu:
        low, high = HANDLER_CPU_MS_BETWEEN
        least, most = replace(least, handler_cpu_ms=low), replace(most, handler_cpu_ms=high)
    if guesses.connections_per_room is None and hangs.on_rooms:
        least, most = replace(least, connections_per_room=None), replace(most, connections_per_room=1)
    if hangs.on_disputed and guesses.disputed is None:
        most = replace(most, disputed=True)
    if hangs.on_placement:
        least, most = replace(least, lie=FEWEST), replace(most, lie=ALONE)
    return [point] if least == most else [point, least, most]


def notes(replayed: OnInstances, guesses: Guesses, hangs: Hangs, *, has_messages: bool) -> Iterator[str]:
    """Yield what a reader of a platform's row has to know.

    Parameters
    ----------
    replayed : OnInstances
        The trace under the rules of the platform.
    guesses : Guesses
        What the user says.
    hangs : Hangs
        What the month hangs on.
    has_messages : bool
        Whether the trace has message rows.
    """
    lifecycle = replayed.lifecycle
    yield _cuts(replayed)
    if lifecycle.held is not None:
        yield _held(replayed)
    if guesses.handler_ms is None and hangs.on_handler:
        low, high = HANDLER_MS_BETWEEN
        yield f"a handler is taken to run {HANDLER_MS} ms, {low} to {high} (--handler-ms)"
    if guesses.handler_cpu_ms is None and hangs.on_handler_cpu:
        low, high = HANDLER_CPU_MS_BETWEEN
        yield f"a handler is taken to compute for {HANDLER_CPU_MS} ms, {low} to {high} (--handler-cpu-ms)"
    if guesses.connections_per_room is None and hangs.on_rooms:
        yield f"{CONNECTIONS_PER_ROOM} a room are taken, low all in one, high one each (--connections-per-room)"
    if lifecycle.group == "room" and replayed.has_rooms:
        yield "rooms are those that the trace names"
    if not has_messages:
        yield "the trace has no message rows: messages are not counted, and the month is the known part"
    if hangs.on_disputed and guesses.disputed is not None:
        yield "what sources disagree on is counted" if guesses.disputed else "what sources disagree on is not counted"
    yield from lifecycle.notes


def _cuts(replayed: OnInstances) -> str:
    lifecycle, config = replayed.lifecycle, next(iter(replayed.configs.values()))
    cuts = []
    if lifecycle.idle_timeout_s or lifecycle.idle_timeout_range_s:
        cuts.append(f"{config.idle_timeout_s:,g} s of silence")
    if lifecycle.max_life_s or lifecycle.max_life_range_s:
        cuts.append(f"{config.exec_timeout_s:,g} s of life")
    if cuts:
        return f"cuts after {' and after '.join(cuts)}, code {lifecycle.cut_code}"
    return "no limit on silence or life is documented, so no connection is cut"


def _held(replayed: OnInstances) -> str:
    size, most = largest(replayed), replayed.lifecycle.most_held
    held = max(config.max_concurrency for config in replayed.configs.values())
    if held == 1:
        return f"1 connection an instance of {size.memory_mb:,} MB, up to {most:,} can be set: --max-concurrency"
    can = f", of up to {most:,}" if most > held else ""
    text = f"{held} connections an instance of {size.memory_mb:,} MB{can}"
    return f"{text}; low packs them tightest, high gives each its own"
