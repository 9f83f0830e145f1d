"""Commands in what a client of Redis sends, told by name; the bytes pass untouched.

References
----------
redis.io/docs/latest/develop/reference/protocol-spec: a command is an array of bulk strings, or a line of words.
"""

from __future__ import annotations

_LONGEST_NAME = 32


class Commands:
    """The commands of one connection."""

    def __init__(self) -> None:
        self._buffer = b""
        self._skip = self._words = 0
        self._is_name = False

    def feed(self, data: bytes) -> list[str]:
        """Return the names of the commands that a chunk begins, in upper case."""
        found: list[str] = []
        self._buffer += data
        while self._buffer:
            if self._skip:
                step = min(self._skip, len(self._buffer))
                self._buffer, self._skip = self._buffer[step:], self._skip - step
                continue
            line, end, rest = self._buffer.partition(b"\r\n")
            if not end or not self._take(line, rest, found):
                break
        return found

    def _take(self, line: bytes, rest: bytes, found: list[str]) -> bool:
        """Take a line; False where more has to come first."""
        if line[:1] == b"*" and line[1:].isdigit():
            self._words, self._is_name = int(line[1:]), True
        elif line[:1] == b"$" and self._words and line[1:].isdigit():
            size = int(line[1:])
            if self._is_name:
                if len(rest) < size and size <= _LONGEST_NAME:
                    return False
                found.append(rest[: min(size, _LONGEST_NAME)].decode("ascii", "replace").upper())
                self._is_name = False
            self._words -= 1
            self._skip = size + 2
        elif line.strip() and not self._words:
            found.append(line.split()[0][:_LONGEST_NAME].decode("ascii", "replace").upper())
        self._buffer = rest
        return True
