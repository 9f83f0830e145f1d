"""WebSocket frames seen in a byte stream that passes untouched: heads only, payloads are skipped.

References
----------
RFC 6455, 5.2: the head of a frame is 2 to 14 bytes; 7.1.5 and 7.4: the code in a close frame.
"""

from __future__ import annotations

from typing import NamedTuple

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
"""Opcodes."""
NO_STATUS = 1005
"""RFC 6455: a close frame without a code."""
_SHORT, _EIGHT_BYTES = 126, 127
"""Values of the seven bits of length that say that two, or eight, bytes of length follow."""
WHOLE_BYTES = {
    bytes((0x80 | reserved << 4 | opcode, masked | size)): 2 + (4 if masked else 0) + size
    for opcode in (TEXT, BINARY)
    for reserved in range(8)
    for masked in (0, 0x80)
    for size in range(_SHORT)
}
"""Length of a small frame that is a whole data message, compressed or not, by its first two bytes. [B]"""


class Frame(NamedTuple):
    """A frame whose last byte has passed."""

    opcode: int
    is_last: int
    """1 where it ends a message."""
    payload_bytes: int
    close_code: int
    """Code of a close frame, 0 of another."""


class FrameHeads:
    """The frames of one direction of a connection, told as their last byte passes."""

    __slots__ = ("_body", "_head", "_left", "_open", "is_plain")

    def __init__(self) -> None:
        self.is_plain = True
        """Whether a message begins with the next byte: no frame is under way, and no fragment before this one."""
        self._head, self._left = b"", 0
        self._open: tuple[int, int, int, bytes] = (0, 0, 0, b"")
        self._body: bytearray | None = None

    @property
    def is_between(self) -> bool:
        """Whether a frame may be put in here without breaking another."""
        return not self._left and not self._head

    def feed(self, data: bytes) -> list[tuple[int, int, int, int]]:
        """Return the frames that a chunk ends, in order, each as a `Frame`'s fields."""
        done: list[tuple[int, int, int, int]] = []
        at = 0
        if self._left:
            at = min(self._left, len(data))
            self._left -= at
            if self._body is not None:
                self._body += data[:at]
            if self._left:
                return done
            done.append(self._ended())
        if self._head:
            data, at, self._head = self._head + data[at:], 0, b""
        while at < len(data):
            start = _payload_start(data, at)
            if start < 0 or start > len(data):
                self._head = bytes(data[at:])
                break
            at = self._take(data, at, start, done)
        return done

    def _take(self, data: bytes, at: int, start: int, done: list[tuple[int, int, int, int]]) -> int:
        """Take the frame whose head ends at `start`, as far as it is there; return where the next begins."""
        size, masked = data[at + 1] & 127, data[at + 1] & 128
        if size >= _SHORT:
            size = int.from_bytes(data[at + 2 : at + (4 if size == _SHORT else 10)], "big")
        mask = data[start - 4 : start - 2] if masked else b"\0\0"
        opcode, here = data[at] & 15, len(data) - start
        self._open = opcode, data[at] >> 7, size, bytes(mask)
        self._body = bytearray(data[start : start + min(size, here)]) if opcode == CLOSE else None
        if here < size:
            self._left = size - here
            return len(data)
        done.append(self._ended())
        return start + size

    def _ended(self) -> tuple[int, int, int, int]:
        opcode, is_last, size, mask = self._open
        code = 0
        if self._body is not None:
            code = (self._body[0] ^ mask[0]) << 8 | (self._body[1] ^ mask[1]) if size > 1 else NO_STATUS
        self._body = None
        return opcode, is_last, size, code


def _payload_start(data: bytes, at: int) -> int:
    """Return where the payload of the frame that begins at `at` does, -1 where the head does not tell yet."""
    if len(data) - at < 2:
        return -1
    size = data[at + 1] & 127
    longer = 0 if size < _SHORT else 2 if size == _SHORT else 8
    return at + 2 + longer + (4 if data[at + 1] & 128 else 0)
