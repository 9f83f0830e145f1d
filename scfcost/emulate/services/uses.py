"""What was counted of a service, as uses that an architecture states: so many at each event of a function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scfcost.emulate.model.function import FunctionModel
from scfcost.emulate.services.counting import ServiceCount

_OF_A_CONNECTION = {
    "HELLO", "AUTH", "CLIENT", "SELECT", "PING", "INFO", "COMMAND", "QUIT", "SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE",
    "PUNSUBSCRIBE", "READONLY",
}  # fmt: skip
"""Commands of a connection to Redis, which an instance gives once."""
_REMOVES = {"HDEL", "DEL", "SREM", "ZREM", "LREM", "UNLINK", "DECR", "HINCRBY"}


def uses_of(function: str, count: ServiceCount, model: FunctionModel) -> list[dict[str, Any]]:
    """Return uses of a service by event, each command with the event whose number it fits best.

    Without commands the connections of the service stand for its uses.

    Parameters
    ----------
    function : str
        Name of the function.
    count : ServiceCount
        What was asked of the service.
    model : FunctionModel
        The function, after the run.
    """
    commands = {name: times for name, times in count.commands.items() if name not in _OF_A_CONNECTION}
    listed = commands or ({} if count.commands else {"connections": count.connections})
    events = {
        "connect": model.invocations, "message-up": model.messages_up,
        "message-down": model.messages - model.messages_up, "disconnect": model.invocations - model.outcomes[202],
    }  # fmt: skip
    found = []
    for command, times in sorted(listed.items()):
        if times:
            event = _nearest(command, times, {name: number for name, number in events.items() if number})
            if event is not None:
                found.append({"caller": function, "on": event, "count": _ratio(times, events[event]), "of": command})
    return found


def _nearest(command: str, times: int, events: dict[str, int]) -> str | None:
    """Return the event that happened about as often, a disconnect for commands that remove."""
    order = sorted(events, key=lambda name: (name == "disconnect") != (command in _REMOVES))
    return min(order, key=lambda name: abs(times - events[name]) / max(times, events[name]), default=None)


def _ratio(times: int, events: int) -> str:
    """Return a count an event, with three decimals where it is no whole number."""
    thousandths = (2_000 * times + events) // (2 * events)
    whole, rest = divmod(thousandths, 1_000)
    return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)


def pasted(function: str, count: ServiceCount, model: FunctionModel) -> Iterator[str]:
    """Yield the uses as lines of an architecture file.

    Parameters
    ----------
    function : str
        Name of the function.
    count : ServiceCount
        What was asked of the service.
    model : FunctionModel
        The function, after the run.
    """
    for use in uses_of(function, count, model):
        average = ", on average: no event happened just as often" if "." in use["count"] else ""
        yield f"  [[services.uses]]  # {use['of']}{average}"
        yield f'  caller = "{use["caller"]}"'
        yield f'  on = "{use["on"]}"'
        yield f"  count = {use['count']}"
