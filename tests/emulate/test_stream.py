"""The short way of a message: handed on and noted, as long as the connection is open."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from scfcost.emulate.model.connection import ENDED, OPEN, Connection
from scfcost.emulate.model.frames import FrameHeads
from scfcost.emulate.tunnel.stream import short_way

HELLO = b"\x81\x02hi"


def test_a_message_that_comes_after_the_process_died_goes_the_long_way_and_into_no_row() -> None:
    seen: dict[str, list[Any]] = {"written": [], "long": [], "spoke": [], "rows": []}
    rules = SimpleNamespace(idle_ms=2**60)
    model = cast(Any, SimpleNamespace(now_ms=0, rules=rules, spoke=lambda *what: seen["spoke"].append(what)))
    journal = cast(Any, SimpleNamespace(rows=seen["rows"], rest=",\n"))
    connection = Connection(cast(Any, None), 0, exec_at_ms=2**62, state=OPEN)
    heads = FrameHeads()
    heads.is_plain = True
    take = short_way(
        model, connection, heads, 1, journal, "id", seen["written"].append, lambda *what: seen["long"].append(what)
    )
    take(HELLO)
    assert (seen["written"], len(seen["rows"]), len(seen["spoke"]), seen["long"]) == ([HELLO], 1, 1, [])
    connection.state = ENDED
    take(HELLO)
    assert (seen["written"], len(seen["rows"]), len(seen["spoke"]), seen["long"]) == ([HELLO], 1, 1, [(1, HELLO)])
