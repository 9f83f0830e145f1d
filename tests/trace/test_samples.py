"""The samples that come with scfcost."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import scfcost
from scfcost.core.errors import ConfigError
from scfcost.trace.read import read_trace
from scfcost.trace.samples import SAMPLES, sample

REPOSITORY = Path(__file__).parents[2] / "data" / "sample_traces"


def test_the_chat_room_is_that_of_the_repository() -> None:
    with gzip.open(REPOSITORY / "chat_room.csv.gz", "rt", encoding="utf-8", newline=None) as rows:
        assert sample("chat-room").content().decode() == rows.read()
    assert sample("chat-room").content(".parquet") == (REPOSITORY / "chat_room.parquet").read_bytes()


def test_samples_of_logs_read_as_traces(tmp_path: Path) -> None:
    for name, connections, log_format in (
        ("access-log", 60, '$remote_addr [$time_local] "$request" $status $body_bytes_sent $msec $request_time'),
        ("har", 2, None),
    ):
        path = tmp_path / sample(name).usual
        path.write_bytes(sample(name).content())
        assert read_trace(path, log_format=log_format).connections == connections


def test_each_sample_has_its_origin_told() -> None:
    told = (Path(scfcost.__file__).parent / "trace/samples/README.md").read_text(encoding="utf-8")
    assert all(f"`{one.name}`" in told and f"`{one.file}`" in told for one in SAMPLES)


def test_a_sample_that_is_none_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'chat-room'"):
        sample("chatroom")
