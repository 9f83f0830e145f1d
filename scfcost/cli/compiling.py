"""A sentence on a machine's first run: the loops of a replay are compiled once, and kept."""

from __future__ import annotations

import sys

from scfcost.cli.output import Loudness, is_terminal, note
from scfcost.core.compiler import on_compile

_announced = False


def announce_compiling(say: Loudness) -> None:
    """Let a terminal hear, once, when a loop is compiled: a run that takes some seconds more than the next ones."""
    if say is Loudness.QUIET or not is_terminal(sys.stderr):
        return

    def announce() -> None:
        global _announced
        if not _announced:
            _announced = True
            note("compiling once, about 5 s: what is compiled is kept for the next runs", say=say)

    on_compile(announce)
