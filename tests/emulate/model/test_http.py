"""Heads and bodies of HTTP/1.1, cut anywhere."""

from __future__ import annotations

import pytest

from scfcost.emulate.model.http import Body, answer, parse_head, with_fields

GET = b"GET /chat?room=1 HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: keep-alive\r\n\r\n"


def body_of(head: bytes, data: bytes, step: int, **how: bool) -> tuple[int, bool]:
    """Feed a body in steps; return how much was taken as its own, and whether it has ended."""
    body, used = Body(parse_head(head), **{"is_answer": True, **how}), 0
    for at in range(0, len(data), step):
        used += body.feed(data[at : at + step])
    return used, body.is_done


def test_a_head_tells_its_fields() -> None:
    head = parse_head(GET)
    assert (head.target, head.get("host"), head.wants_websocket) == ("/chat?room=1", "x", True)
    assert parse_head(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").status == 101


def test_fields_are_added_and_left_out_and_the_rest_stays() -> None:
    changed = with_fields(GET, {"X-Scf-Memory": "128"}, ("connection",))
    assert changed == (b"GET /chat?room=1 HTTP/1.1\r\nX-Scf-Memory: 128\r\nHost: x\r\nUpgrade: WebSocket\r\n\r\n")


@pytest.mark.parametrize("step", [1, 2, 5, 1_000])
def test_a_body_ends_where_its_length_or_its_last_chunk_says(step: int) -> None:
    length = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"5;x=1\r\nhello\r\n3\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n"
    assert body_of(length, b"helloGET /", step) == (5, True)
    assert body_of(chunked, chunks + b"GET /", step) == (len(chunks), True)
    assert body_of(b"HTTP/1.1 200 OK\r\n\r\n", b"until the end", step) == (13, False)
    assert body_of(b"HTTP/1.1 204 No\r\n\r\n", b"next", step) == (0, True)
    assert body_of(b"GET / HTTP/1.1\r\n\r\n", b"next", step, is_answer=False) == (0, True)


def test_an_answer_of_the_platform_is_whole() -> None:
    raw = answer(432, "ResourceLimitReached", b"{}", {"X-Scf-Request-Id": "1"})
    head, _, body = raw.partition(b"\r\n\r\n")
    assert parse_head(head).get("content-length") == "2" and body == b"{}"
