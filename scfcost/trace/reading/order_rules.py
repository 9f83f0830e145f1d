"""The rules of the order of one connection's rows, stated once: for compiled code, and for a sentence about a row."""

from __future__ import annotations

from scfcost.trace.model import DIRECTION_MASK, UP
from scfcost.trace.reading.event_rules import CLOSE, CONNECT, LOST, MESSAGE

AWAITED, HEADLESS, CONNECTED = -1, 0, 1
"""Standing of a connection: its connect comes further down, it has none, or it is there."""
SOUND, SECOND_CONNECT, SECOND_CLOSE, BEFORE_CONNECT, AFTER_CLOSE, SECOND_LOSS, LOST_CLIENT, OTHER_FUNCTION = range(8)
"""What `broken_rule` finds."""
SENTENCES = {
    SECOND_CONNECT: "event: a second connect of {who}",
    SECOND_CLOSE: "event: a second close of {who}",
    BEFORE_CONNECT: "event: a {what} before the connect of {who}",
    AFTER_CLOSE: "event: a {what} after the close of {who}",
    SECOND_LOSS: "event: a second loss of {who}",
    LOST_CLIENT: "event: a message from the client of {who}, which is lost",
    OTHER_FUNCTION: "function: another function than in the rows before of {who}",
}
"""What is said of each."""
EVENT_WORDS = {CONNECT: "connect", LOST: "loss", CLOSE: "close"}
"""What a row is called, where it is no message."""


def broken_rule(code: int, function: int, standing: int, closed: bool, lost: bool, served: int) -> int:  # noqa: FBT001
    """Tell which rule a row breaks, in the order of its connection's rows.

    Parameters
    ----------
    code : int
        Row code: CONNECT, LOST, CLOSE, or MESSAGE and its flags.
    function : int
        Function that the row names, 0 for none.
    standing : int
        AWAITED, HEADLESS or CONNECTED before the row.
    closed, lost : bool
        Whether the connection closed, or its client was lost, before the row.
    served : int
        Function that the rows before name, 0 for none.

    Returns
    -------
    int
        SOUND, or the first rule that it breaks.
    """
    if code == CONNECT and standing == CONNECTED:
        return SECOND_CONNECT
    if code == CLOSE and closed:
        return SECOND_CLOSE
    if code != CONNECT and standing == AWAITED:
        return BEFORE_CONNECT
    if closed:
        return AFTER_CLOSE
    if code == LOST and lost:
        return SECOND_LOSS
    is_message = code not in (CONNECT, LOST, CLOSE)
    if is_message and lost and (code - MESSAGE) & DIRECTION_MASK == UP:
        return LOST_CLIENT
    if function != 0 and served not in (0, function):
        return OTHER_FUNCTION
    return SOUND
