# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled passes over rows as they arrive: what each tells of its connection, then its message into its place."""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import UNKNOWN
from scfcost.trace.reading.event_rules import CLOSE, CONNECT, LOST, MESSAGE
from scfcost.trace.reading.order_rules import CONNECTED, HEADLESS, SOUND, broken_rule

CONNECT_MS, CLOSE_MS, CLOSING, FUNCTION, HAS_CONNECT, MESSAGES, LOST_MS, LAST_MS, LAST_CODE, IS_TIED = range(10)
"""Columns of the table of connections: the first seven as a trace has them, instant of the last row, code of the last
message, and whether messages of one instant arrived in another order than that of their codes."""
COLUMNS = 10
FINE, UNSOUND, UNORDERED = 0, -1, -2
"""Verdicts: no fault yet, a row breaks a rule, a row arrives after a later one of its connection."""
CROWDED = -1
"""Answer of a numbering where too many ids want the same slot."""
MOST_TRIES = 200
"""Slots that are looked at for one id: in a table half full a hundred are unheard of. [1]"""
NO_FUNCTION, NO_CLOSING = 0, UNKNOWN * 4
"""Function code of a row that names none, and close code and side of a connection that does not close."""
_MIXED = -7046029254386353131
"""The golden ratio of 64 bits, odd: what it multiplies is spread over the upper bits."""
_broken_rule = njit()(broken_rule)


@njit()
def number_near(key, lowest, numbers, keys, count, number):
    """Give connections numbers as their ids are first seen, where the ids lie near each other.

    Parameters
    ----------
    key : ndarray of int64, shape (k,)
        Id of each row.
    lowest : int
        Id of the first cell of `numbers`.
    numbers : ndarray of int32, shape (range of ids,)
        Number of each id, counted from 1, 0 for one not seen yet: written here.
    keys : ndarray of int64, shape (n,)
        Id of each connection: written here, with room for k more.
    count : int
        Connections so far. [1]
    number : ndarray of int32, shape (k,)
        Number of the connection of each row, counted from 0: written here.

    Returns
    -------
    int
        Connections now. [1]
    """
    for k in range(key.size):
        cell = key[k] - lowest
        if numbers[cell] == 0:
            keys[count] = key[k]
            count += 1
            numbers[cell] = count
        number[k] = numbers[cell] - 1
    return count


@njit()
def number_far(key, slots, keys, count, number):
    """Give connections numbers as their ids, or the hashes of these, are first seen.

    Parameters
    ----------
    key : ndarray of int64, shape (k,)
        Id of each row, or its hash.
    slots : ndarray of int32, shape (2**j,)
        The number of a connection counted from 1, 0 where a slot is empty: written here.
    keys : ndarray of int64, shape (n,)
        Id of each connection: written here, with room for k more.
    count : int
        Connections so far. [1]
    number : ndarray of int32, shape (k,)
        Number of the connection of each row, counted from 0: written here.

    Returns
    -------
    int
        Connections now, or CROWDED. [1]
    """
    mask = slots.size - 1
    for k in range(key.size):
        mixed = key[k] * _MIXED
        slot, tries = (mixed ^ (mixed >> 32)) & mask, 0
        while slots[slot] != 0 and keys[slots[slot] - 1] != key[k]:
            slot, tries = (slot + 1) & mask, tries + 1
            if tries > MOST_TRIES:
                return CROWDED
        if slots[slot] == 0:
            keys[count] = key[k]
            count += 1
            slots[slot] = count
        number[k] = slots[slot] - 1
    return count


@njit()
def _begin(connection, time):
    connection[CONNECT_MS] = connection[LAST_MS] = time
    connection[CLOSE_MS] = connection[LOST_MS] = FOREVER_MS
    connection[CLOSING] = NO_CLOSING
    connection[FUNCTION] = connection[HAS_CONNECT] = connection[MESSAGES] = 0
    connection[LAST_CODE] = connection[IS_TIED] = 0


@njit()
def _is_sound(connection, time, code, function):
    """Whether a row may stand where the order of (time, code) puts it, after all rows before its instant."""
    closed = connection[CLOSE_MS] < time or (code == CLOSE and connection[CLOSE_MS] != FOREVER_MS)
    lost = connection[LOST_MS] < time or (code >= LOST and connection[LOST_MS] != FOREVER_MS)
    is_there = code != CONNECT or connection[HAS_CONNECT] == 1 or connection[CONNECT_MS] < time
    standing = CONNECTED if is_there else HEADLESS
    return _broken_rule(code, function, standing, closed, lost, connection[FUNCTION]) == SOUND


@njit()
def _take_message(connection, time, code):
    if time == connection[LAST_MS] and code < connection[LAST_CODE]:
        connection[IS_TIED] = 1
    connection[MESSAGES] += 1
    connection[LAST_CODE] = code


@njit()
def _take_other(connection, time, code, payload):
    if code == CONNECT:
        connection[HAS_CONNECT] = 1
    elif code == CLOSE:
        connection[CLOSE_MS], connection[CLOSING] = time, payload
    else:
        connection[LOST_MS] = time


@njit()
def take_rows(number, rows, seen, connections, messages):
    """Take down what a batch of rows tells of its connections, and its messages in the order of the rows.

    Parameters
    ----------
    number : ndarray of int32, shape (k,)
        Number of the connection of each row, counted in the order in which they were first seen.
    rows : tuple of ndarray, each of shape (k,)
        Instant, code, payload and function of each row, as `rules` has them.
    seen : int
        Connections that were seen before this batch. [1]
    connections : ndarray of int64, shape (n, COLUMNS)
        What is known of each connection: written here.
    messages : tuple of ndarray, each of shape (k,)
        Number of the connection, instant, bytes and flags of each message: written here.

    Returns
    -------
    int
        Messages written, or a verdict other than FINE. [1]
    """
    time, code, payload, function = rows
    owner, message_ms, message_bytes, message_flags = messages
    position = 0
    for k in range(number.size):
        connection = connections[number[k]]
        if number[k] == seen:
            _begin(connection, time[k])
            seen += 1
        if time[k] < connection[LAST_MS]:
            return UNORDERED
        if not _is_sound(connection, time[k], code[k], function[k]):
            return UNSOUND
        if function[k] != NO_FUNCTION:
            connection[FUNCTION] = function[k]
        if code[k] == CONNECT or code[k] == CLOSE or code[k] == LOST:
            _take_other(connection, time[k], code[k], payload[k])
        else:
            _take_message(connection, time[k], code[k])
            owner[position], message_ms[position] = number[k], time[k]
            message_bytes[position], message_flags[position] = payload[k], code[k] - MESSAGE
            position += 1
        connection[LAST_MS] = time[k]
    return position


@njit()
def turn(order, connections, column):
    """Turn the table of connections into columns.

    Parameters
    ----------
    order : ndarray of int64, shape (n,)
        Rows of the table in the order of the ids.
    connections : ndarray of int64, shape (n, COLUMNS)
        What is known of each connection.
    column : ndarray of int64, shape (COLUMNS, n)
        Written here.
    """
    for i in range(order.size):
        for j in range(COLUMNS):
            column[j, i] = connections[order[i], j]


@njit()
def place_messages(arrived, cursor, step, placed):
    """Put the messages of a batch into the places of their connections.

    From the first batch on with the cursors at each connection's first place and steps of 1, or from the last batch
    back with the cursors behind its last place and steps of -1: two threads that meet fill every place once.

    Parameters
    ----------
    arrived : tuple of ndarray, each of shape (k,)
        Number of the connection, instant, bytes and flags of each message, as `take_rows` wrote them.
    cursor : ndarray of int64, shape (n,)
        Where the next message of each connection goes: moved on here.
    step : int
        1, or -1 to go from the last message to the first.
    placed : tuple of ndarray, each of shape (messages,)
        Instants, bytes and flags: written here.
    """
    owner, time, size, flags = arrived
    message_ms, message_bytes, message_flags = placed
    back = 1 if step < 0 else 0
    for k in range(owner.size):
        row = owner.size - 1 - k if step < 0 else k
        place = cursor[owner[row]] - back
        cursor[owner[row]] += step
        message_ms[place], message_bytes[place], message_flags[place] = time[row], size[row], flags[row]


@njit()
def settle_ties(tied, begin, count, placed):
    """Put the messages of one instant into the order of their flags, those with the same as they arrived.

    Parameters
    ----------
    tied : ndarray of int64, shape (t,)
        Connections that have such messages.
    begin, count : ndarray of int64, shape (n,)
        First message of each connection, and how many it has. [1]
    placed : tuple of ndarray, each of shape (messages,)
        Instants, bytes and flags in the order of connections and time: changed here.
    """
    message_ms, message_bytes, message_flags = placed
    for i in range(tied.size):
        first = begin[tied[i]]
        for k in range(first + 1, first + count[tied[i]]):
            size, flags, j = message_bytes[k], message_flags[k], k
            while j > first and message_ms[j - 1] == message_ms[k] and message_flags[j - 1] > flags:
                message_bytes[j], message_flags[j] = message_bytes[j - 1], message_flags[j - 1]
                j -= 1
            message_bytes[j], message_flags[j] = size, flags
