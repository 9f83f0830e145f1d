# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled pass that groups sorted rows into connections and finds the first sign of a broken rule."""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.core.units import FOREVER_MS
from scfcost.trace.reading.event_rules import CLOSE, CONNECT, LOST, MESSAGE
from scfcost.trace.reading.order_rules import CONNECTED, HEADLESS, SOUND, broken_rule
from scfcost.trace.reading.rules import BAD

FAULT, FIRST_MS, LAST_MS = 0, 1, 2
"""Cells of the state that goes from batch to batch: whether a rule broke, and the window's two ends."""
STATE_SIZE = 3
NO_FUNCTION = 0
"""Function code of a row that names none; others count from 1."""
_broken_rule = njit()(broken_rule)


@njit()
def group_rows(begins, time, code, payload, function, table, messages, state):
    """Group one batch of rows sorted by (id, time, code).

    Parameters
    ----------
    begins : ndarray of bool, shape (k,)
        Whether each row begins a connection.
    time, code, payload, function : ndarray, shape (k,)
        The canonical columns; a function code counts from 1.
    table : tuple of ndarray of int64, each of shape (connections + 1,)
        Connect, close, closing, function, has a connect row, messages, client lost: row 0 is the connection that
        goes on.
    messages : tuple of ndarray
        Instants, bytes and flags of the batch's messages: written here.
    state : ndarray of int64, shape (3,)
        Carried from batch to batch.

    Returns
    -------
    int
        Messages written.
    """
    connect, close, closing, functions, has_connect, count, lost = table
    message_ms, message_bytes, message_flags = messages
    row = position = 0
    for k in range(begins.size):
        if code[k] == BAD:
            state[FAULT] = 1
            return position
        state[FIRST_MS] = min(state[FIRST_MS], time[k])
        state[LAST_MS] = max(state[LAST_MS], time[k])
        if begins[k]:
            row += 1
            connect[row] = time[k]
        standing = HEADLESS if begins[k] else CONNECTED
        closed, is_lost = close[row] != FOREVER_MS, lost[row] != FOREVER_MS
        if _broken_rule(code[k], function[k], standing, closed, is_lost, functions[row]) != SOUND:
            state[FAULT] = 1
            return position
        if function[k] != NO_FUNCTION:
            functions[row] = function[k]
        if code[k] == CONNECT:
            has_connect[row] = 1
        elif code[k] == CLOSE:
            close[row] = time[k]
            closing[row] = payload[k]
        elif code[k] == LOST:
            lost[row] = time[k]
        else:
            message_ms[position] = time[k]
            message_bytes[position] = payload[k]
            message_flags[position] = code[k] - MESSAGE
            count[row] += 1
            position += 1
    return position


@njit()
def gather_runs(begin, count, values, gathered):
    """Put runs of values one after the other.

    Parameters
    ----------
    begin, count : ndarray of int64, shape (runs,)
        First value of each run, and how many there are. [1]
    values, gathered : ndarray, shape (k,)
        The values, and where they are put.
    """
    position = 0
    for i in range(begin.size):
        for k in range(begin[i], begin[i] + count[i]):
            gathered[position] = values[k]
            position += 1
