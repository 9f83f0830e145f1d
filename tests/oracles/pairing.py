"""Connections out of lines of one event each, by a walk over the lines in the order of time."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple


class Line(NamedTuple):
    """A line: its instant [ms], what it tells, and the key it names."""

    at: int
    event: str
    key: str


class Life(NamedTuple):
    """A connection: its key, and its instants [ms]; no end where it is still open."""

    key: str
    start: int
    end: int | None


def unique_keys(lines: list[Line]) -> tuple[list[Life], int]:
    """Pair lines of keys that only one connection has at a time; return the lives and the closes of none."""
    open_at: dict[str, int] = {}
    lives, never_opened, closed = list[Life](), 0, set[str]()
    for line in sorted(lines, key=lambda one: one.at):
        if line.event == "restart":
            for key, start in list(open_at.items()):
                if start < line.at:
                    lives.append(Life(key, open_at.pop(key), line.at))
        elif line.event == "connect":
            if line.key in open_at:
                lives.append(Life(line.key, open_at[line.key], line.at))
            open_at[line.key] = line.at
            closed.add(line.key)
        elif line.key in open_at:
            lives.append(Life(line.key, open_at.pop(line.key), line.at))
        elif line.key not in closed:
            never_opened += 1
    return sorted([*lives, *(Life(key, start, None) for key, start in open_at.items())], key=str), never_opened


def shared_keys(lines: list[Line]) -> tuple[list[Life], int]:
    """Pair lines of keys that several connections may have: the first opened is the first closed."""
    open_at: dict[str, list[int]] = defaultdict(list)
    lives, never_opened = list[Life](), 0
    for line in sorted(lines, key=lambda one: one.at):
        if line.event == "connect":
            open_at[line.key].append(line.at)
        elif open_at[line.key]:
            lives.append(Life(line.key, open_at[line.key].pop(0), line.at))
        else:
            never_opened += 1
    rest = (Life(key, start, None) for key, starts in open_at.items() for start in starts)
    return sorted([*lives, *rest], key=str), never_opened
