"""The rules of an events file in plain Python: rows in, connections and rejected rows out."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

RANK = {"connect": 0, "up": 1, "": 2, "down": 3, "lost": 8, "close": 9}


@dataclass
class Connection:
    """What the rows of one id amount to."""

    connect: int = 0
    close: int | None = None
    close_code: int | None = None
    closed_by: str = ""
    lost: int | None = None
    """Instant from which the client is gone without a close."""
    messages: list[tuple[int, str, int | None, str]] = field(default_factory=list)


def floor_ms(text: str, unit: str) -> int:
    """Return an instant written as a decimal number in whole ms, floored."""
    scale = {"s": Fraction(1000), "ms": Fraction(1), "us": Fraction(1, 1000), "ns": Fraction(1, 1_000_000)}[unit]
    return (Fraction(text) * scale).__floor__()


def read(rows: list[dict[str, str]], unit: str) -> tuple[dict[str, Connection], set[int]]:
    """Judge rows of text; return the connections by id, and the numbers of the bad rows."""
    bad = {number for number, row in enumerate(rows) if not _sound(row)}
    connections: dict[str, Connection] = {}
    by_id: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        if number not in bad:
            by_id.setdefault(row["connection_id"], []).append(number)
    for connection_id, numbers in by_id.items():
        numbers.sort(key=lambda n: (floor_ms(rows[n]["timestamp"], unit), _rank(rows[n]), n))
        kept = []
        has_connect = any(rows[n]["event"] == "connect" for n in numbers)
        connected = lost = closed = False
        for n in numbers:
            event = rows[n]["event"]
            first = event == "connect" and not connected
            if closed or (event == "connect" and connected) or (has_connect and not connected and not first):
                bad.add(n)
                continue
            if lost and (event == "lost" or (event not in ("connect", "close") and rows[n]["direction"] == "up")):
                bad.add(n)
                continue
            lost = lost or event == "lost"
            connected = connected or event == "connect"
            closed = event == "close"
            kept.append(n)
        if kept:
            connections[connection_id] = _connection([rows[n] for n in kept], unit)
    return connections, bad


def _rank(row: dict[str, str]) -> int:
    return RANK[row["event"]] if row["event"] in ("connect", "lost", "close") else RANK[row["direction"]]


def _sound(row: dict[str, str]) -> bool:
    if not row["connection_id"] or row["event"] not in ("connect", "message", "ping", "pong", "lost", "close"):
        return False
    try:
        Fraction(row["timestamp"])
        if row["event"] in ("message", "ping", "pong"):
            return row["direction"] in ("up", "down", "") and int(row["bytes"] or 0) >= 0
        if row["event"] == "close":
            return 1000 <= int(row["close_code"] or 1000) <= 4999 and row["closed_by"] in ("client", "server", "")
    except ValueError:
        return False
    return True


def _connection(rows: list[dict[str, str]], unit: str) -> Connection:
    connection = Connection(connect=floor_ms(rows[0]["timestamp"], unit))
    for row in rows:
        instant = floor_ms(row["timestamp"], unit)
        if row["event"] == "close":
            connection.close = instant
            connection.close_code = int(row["close_code"]) if row["close_code"] else None
            connection.closed_by = row["closed_by"]
        elif row["event"] == "lost":
            connection.lost = instant
        elif row["event"] != "connect":
            size = int(row["bytes"]) if row["bytes"] else None
            connection.messages.append((instant, row["direction"], size, row["event"]))
    return connection
