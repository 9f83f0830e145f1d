"""Whether a connection goes beyond what the platform documents of messages, as they pass."""

from __future__ import annotations

from scfcost.core.units import MS_PER_SECOND
from scfcost.lifecycle.message_limits import MessageBounds


class Limits:
    """The messages of one connection in the present second of the clock."""

    def __init__(self, bounds: MessageBounds) -> None:
        self._bounds = bounds
        self._second = self._messages = self._bytes = 0

    def beyond(self, at_ms: int, payload_bytes: int) -> bool:
        """Whether a message breaks a bound, by its size or with the others of its second.

        Parameters
        ----------
        at_ms : int
            When it passed. [ms]
        payload_bytes : int
            Payload. [B]
        """
        if at_ms // MS_PER_SECOND != self._second:
            self._second, self._messages, self._bytes = at_ms // MS_PER_SECOND, 0, 0
        self._messages += 1
        self._bytes += payload_bytes
        return (
            payload_bytes > self._bounds.message_bytes
            or self._messages > self._bounds.messages_per_second
            or self._bytes > self._bounds.bytes_per_second
        )
