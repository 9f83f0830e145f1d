"""Commands of Redis told by name, however the stream is cut."""

from __future__ import annotations

from collections import Counter

import pytest

from scfcost.emulate.services.counting import Service, ServiceCount, read_service
from scfcost.emulate.services.redis import Commands
from scfcost.emulate.services.uses import pasted, uses_of

SENT = (
    b"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n*4\r\n$4\r\nhset\r\n$6\r\nonline\r\n$4\r\n*1\r\n\r\n$1\r\n1\r\n"
    b"PING\r\n*3\r\n$7\r\nPUBLISH\r\n$4\r\nroom\r\n$11\r\nhello\r\n$2\r\n\r\n"
)


@pytest.mark.parametrize("step", [1, 2, 3, 10, 1_000])
def test_commands_are_told_however_the_stream_is_cut(step: int) -> None:
    commands, found = Commands(), []
    for at in range(0, len(SENT), step):
        found += commands.feed(SENT[at : at + step])
    assert found == ["HELLO", "HSET", "PING", "PUBLISH"]


def test_each_command_stands_at_the_event_that_happened_about_as_often() -> None:
    class Model:
        invocations, messages, messages_up, outcomes = 20, 900, 176, Counter({200: 20})

    count = ServiceCount(Service("redis", "127.0.0.1", 6379), connections=6)
    count.commands = Counter({"HSET": 20, "HDEL": 20, "PUBLISH": 176, "SUBSCRIBE": 3, "EXPIRE": 60})
    uses = {use["of"]: (use["on"], use["count"]) for use in uses_of("chat", count, Model)}  # type: ignore[arg-type]
    assert uses["HSET"] == ("connect", "1") and uses["HDEL"] == ("disconnect", "1")
    assert uses["PUBLISH"] == ("message-up", "1")
    assert "SUBSCRIBE" not in uses
    assert 'on = "message-up"' in "\n".join(pasted("chat", count, Model))  # type: ignore[arg-type]
    count.commands = Counter({"BLPOP": 33})
    assert "BLPOP, on average: no event" in "\n".join(pasted("chat", count, Model))  # type: ignore[arg-type]


def test_a_service_is_read_and_its_address_keeps_names_and_paths() -> None:
    service = read_service("redis=10.0.0.5:6379")
    assert (service.host, service.port, service.variable) == ("10.0.0.5", 6379, "REDIS_URL")
    assert service.url(5000) == "redis://127.0.0.1:5000"
    assert service.url(5000, "redis://u:p@10.0.0.5:6379/2") == "redis://u:p@127.0.0.1:5000/2"
