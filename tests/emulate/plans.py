"""What clients planned and saw, against what was recorded of them: order and causes, never speed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from tests.emulate.lives import Seen

SLACK_MS = 500
"""Two clocks, each read when a busy machine comes to it, and ends that would share a ms with a start are moved on by
one. [ms]"""


@dataclass
class Recorded:
    """The rows of one connection."""

    connect: int
    up: list[int] = field(default_factory=list)
    pings: list[int] = field(default_factory=list)
    down: list[int] = field(default_factory=list)
    close: int | None = None
    how: tuple[int | None, str | None] = None, None
    """Close code and side."""
    is_cut: bool = False


def recorded(path: Path) -> dict[str, Recorded]:
    """Return what a recording tells of each client."""
    found, names = dict[str, Recorded](), dict[str, str]()
    for row in pq.read_table(path).to_pylist():
        at, event = row["timestamp"], row["event"]
        if event == "connect":
            assert row["client"] not in found, "a client came twice"
            names[row["connection_id"]] = row["client"]
            found[row["client"]] = Recorded(at)
            continue
        one = found[names[row["connection_id"]]]
        if event == "close":
            one.close, one.how = at, (row["close_code"], row["closed_by"])
            one.is_cut = row["censored"] is not None
        elif row["direction"] == "up":
            (one.up if event == "message" else one.pings).append(at)
        elif event == "message":
            one.down.append(at)
    return found


def contradictions(path: Path, seen: list[Seen]) -> list[str]:
    """Return where a recording says what cannot have been, by what the clients did and saw."""
    rows = recorded(path)
    return [
        f"client {number} ({one.kind}): {text}"
        for number, one in enumerate(seen)
        if one.status == 101
        for text in _of(one, rows.get(str(number)))
    ]


def _of(seen: Seen, row: Recorded | None) -> Iterator[str]:
    if row is None:
        yield "connected, and was not recorded"
        return
    if not seen.asked_ms - SLACK_MS <= row.connect <= seen.opened_ms + SLACK_MS:
        yield f"began at {row.connect}, not from {seen.asked_ms} to {seen.opened_ms}"
    for what, did, later in (
        ("message", seen.sent_at("text", "frag"), row.up),
        ("ping", sorted(seen.sent_at("ping", "frag")), row.pings),
        ("answer", row.down, seen.got),
    ):
        if len(later) > len(did) or any(at < by - SLACK_MS for by, at in zip(did, later, strict=False)):
            yield f"a {what} came before it was sent: {did}, {later}"
    yield from _end(seen, row)


def _end(seen: Seen, row: Recorded) -> Iterator[str]:
    """Compare ends: nobody sees a cut or an answered close before it is, and neither is taken for the other."""
    planned = {what: value for _, what, value in seen.steps[: len(seen.sent)]}
    answered = "close" in planned and seen.code is not None
    was_told = answered or (row.is_cut and seen.code is None and not planned.keys() & {"abort", "fin"})
    if was_told and row.close is not None and seen.ended_ms < row.close - SLACK_MS:
        yield f"saw its end at {seen.ended_ms}, before {row.close}"
    if answered:
        if row.how != (planned["close"] or 1005, "client") or row.is_cut:
            yield f"closed with {planned['close']}, and was answered: {row}"
    elif seen.code is not None and not row.is_cut and row.how[0] not in (seen.code, 1006):
        yield f"was closed with {seen.code}: {row}"
    elif seen.code is None and row.close is not None and not row.is_cut and row.how[0] == 1000:
        yield f"saw no close frame: {row}"
