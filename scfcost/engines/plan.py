"""Whether a trace is read as a whole or in parts, and in how many."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scfcost.core.pieces import fingerprint
from scfcost.trace.reading.columns import CENSORED
from scfcost.trace.reading.sources import Source
from scfcost.trace.window import Asked


@dataclass(frozen=True, slots=True)
class Plan:
    """How a trace is read in parts."""

    sources: tuple[Source, ...]
    parts: int
    """How many parts its connections are divided into. [1]"""
    database_limit: str
    """What the database may hold in memory."""
    time_unit: str | None = None
    drop_heartbeats: str | None = None
    window: Asked | None = None
    """The window that was asked for; the first and the last instant otherwise. [ms]"""
    checkpoint: Path | None = None
    """Where packed rows and sums are kept for a run that goes on; nowhere otherwise."""
    rows: int = 1_000_000
    """Rows that memory holds at once. [1]"""

    def paths(self) -> list[Path]:
        """Return where the files are."""
        return [source.path for source in self.sources]

    def fingerprints(self) -> dict[str, list[Any]]:
        """Return size, time and a digest of each file: where they are the same, so is the file, see `fingerprint`."""
        found: dict[str, list[Any]] = {}
        for source in self.sources:
            state = source.path.stat()
            found[str(source.path.resolve())] = [state.st_size, state.st_mtime_ns, fingerprint(source.path)]
        return found


def default_limit() -> int:
    """Return a quarter of the machine's memory. [B]"""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4


def why_whole(sources: Sequence[Source]) -> str | None:
    """Say why files cannot be read in parts, None where they can."""
    for source in sources:
        if CENSORED in source.columns and source.kind == "jsonl":  # its first rows do not tell which keys the last have
            return (
                f"any row of {source.name} may tell what an old server cut: as Parquet or CSV it can be read in parts"
            )
        if CENSORED in source.columns:
            return f"{source.name} tells what an old server cut (the column {CENSORED})"
    return broken_header(sources)


def broken_header(sources: Sequence[Source]) -> str | None:
    """Say which header keeps files from being read in parts, None where none does."""
    for source in sources:
        if source.kind == "csv" and any({"\r", "\n"} & set(name) for name in source.columns):
            return f"the header of {source.name} has a line end within the name of a column: name it without"
    return None
