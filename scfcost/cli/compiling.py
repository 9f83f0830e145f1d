"""A sentence on a machine's first run: the loops of a replay are compiled once, and kept."""

from __future__ import annotations

import sys
from typing import Any

from scfcost.cli.output import Loudness, is_terminal, note

_announced = False


def announce_compiling(say: Loudness) -> None:
    """Let a terminal hear, once, when a loop is compiled: a run that takes some seconds more than the next ones."""
    if say is Loudness.QUIET or not is_terminal(sys.stderr):
        return
    from numba.core import event

    class Once(event.Listener):  # type: ignore[misc]  # numba ships no types
        """Says it at the first compilation; what is read from the cache is none."""

        def on_start(self, event: Any) -> None:  # noqa: ARG002 (what is compiled does not matter)
            global _announced
            if not _announced:
                _announced = True
                note("compiling once: the first run on a machine takes some seconds more", say=say)

        def on_end(self, event: Any) -> None:
            """Say nothing."""

    event.register("numba:compile", Once())
