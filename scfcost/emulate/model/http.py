"""HTTP/1.1 as far as a tunnel has to know it: heads, what is added to them, and where a body ends.

References
----------
RFC 9112, 6: Content-Length, chunked, or until the connection closes.
"""

from __future__ import annotations

from dataclasses import dataclass

END_OF_HEAD = b"\r\n\r\n"
HEAD_LIMIT = 65_536
"""Longest head that is read. [B]"""
_NO_BODY = (204, 304)
_SWITCHING = 101


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request or an answer."""

    first: str
    """The request line or status line."""
    fields: tuple[tuple[str, str], ...]
    """Names in lower case, and values, in order."""

    def get(self, name: str) -> str | None:
        """Return the first value of a field, None where it is not there."""
        return next((value for one, value in self.fields if one == name), None)

    @property
    def target(self) -> str:
        """Path and query of a request."""
        words = self.first.split(" ")
        return words[1] if len(words) > 1 else ""

    @property
    def status(self) -> int:
        """Status code of an answer, 0 where it holds none."""
        words = self.first.split(" ")
        return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0

    @property
    def wants_websocket(self) -> bool:
        """Whether a request asks for a WebSocket."""
        return "websocket" in (self.get("upgrade") or "").lower()


def parse_head(raw: bytes) -> Head:
    """Read a head, its closing empty line included or not."""
    lines = raw.decode("latin-1").split("\r\n")
    fields = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip().lower(), value.strip()))
    return Head(lines[0], tuple(fields))


def with_fields(raw: bytes, added: dict[str, str], dropped: tuple[str, ...] = ()) -> bytes:
    """Return a head with fields put before its own, and some of its own left out; the rest stays as it was written.

    Parameters
    ----------
    raw : bytes
        The head, with its empty line.
    added : mapping of str to str
        Fields to add.
    dropped : collection of str
        Names of fields to leave out, lower case.
    """
    first, _, rest = raw.partition(b"\r\n")
    lines = rest.split(b"\r\n")
    names = tuple(name.encode() + b":" for name in dropped)
    kept = [line for line in lines if not line.lower().startswith(names)] if names else lines
    new = [f"{name}: {value}".encode("latin-1", "replace") for name, value in added.items()]
    return b"\r\n".join([first, *new, *kept])


class Body:
    """Where a body ends, told chunk by chunk.

    Parameters
    ----------
    head : Head
        The head before it.
    is_answer : bool
        Whether it is that of an answer, which may last until the connection closes.
    without : bool
        Whether there is none whatever the head says, as after HEAD.
    """

    def __init__(self, head: Head, *, is_answer: bool, without: bool = False) -> None:
        self.received = 0
        """Bytes of the body as they passed, chunk sizes included. [B]"""
        self.is_done = self.until_close = False
        self._chunked = "chunked" in (head.get("transfer-encoding") or "").lower()
        self._left, self._line, self._in_trailer = 0, b"", False
        length = head.get("content-length")
        if without or (is_answer and (head.status in _NO_BODY or 100 <= head.status < 200)):
            self.is_done = True
        elif not self._chunked and length is not None and length.isdecimal():
            self._left = int(length)
            self.is_done = self._left == 0
        elif not self._chunked:
            self.until_close, self.is_done = is_answer, not is_answer

    def feed(self, data: bytes) -> int:
        """Take a chunk, and return how much of it belongs to the body. [B]"""
        if self.is_done:
            return 0
        if self.until_close:
            used = len(data)
        elif self._chunked:
            used = self._feed_chunked(data)
        else:
            used = min(self._left, len(data))
            self._left -= used
            self.is_done = self._left == 0
        self.received += used
        return used

    def _feed_chunked(self, data: bytes) -> int:
        at = 0
        while at < len(data) and not self.is_done:
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._line += data[at:]
                return len(data)
            line, self._line, at = (self._line + data[at:end]).strip(), b"", end + 1
            self._take_line(line)
        return at

    def _take_line(self, line: bytes) -> None:
        if self._in_trailer:
            self.is_done = not line
        elif line:
            size = line.split(b";")[0].strip()
            try:
                self._left = int(size, 16)
            except ValueError:
                self.until_close, self._chunked = True, False  # not chunked after all: let it pass
                return
            if self._left == 0:
                self._in_trailer = True


def answer(code: int, reason: str, body: bytes, fields: dict[str, str]) -> bytes:
    """Return a whole answer of the platform itself, after which the connection closes.

    Parameters
    ----------
    code : int
        Status code.
    reason : str
        Reason phrase.
    body : bytes
        Body.
    fields : mapping of str to str
        Further fields.
    """
    head = {
        **fields, "Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close",
    }  # fmt: skip
    lines = [f"HTTP/1.1 {code} {reason}", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + body
