"""The samples that come with scfcost."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

import scfcost
from scfcost.core.errors import ConfigError
from scfcost.trace.formats.base import Original
from scfcost.trace.formats.suggest import suggestion
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


def test_the_log_of_ones_own_server_is_read_by_the_mapping_suggested_for_it(tmp_path: Path) -> None:
    path, mapping = tmp_path / "app.log", tmp_path / "pair.toml"
    path.write_bytes(sample("app-log").content())
    mapping.write_text(suggestion(Original(path, "app.log")), encoding="utf-8")
    trace = read_trace(path, source_format=str(mapping))
    lines = path.read_text(encoding="utf-8").splitlines()
    sizes = [int(line.split()[-2]) for line in lines if line.endswith("bytes")]
    assert (trace.connections, trace.messages) == (24, len(sizes))
    assert sorted(trace.message_bytes.tolist()) == sorted(sizes)


def test_the_mapping_of_the_docs_reads_it_too(tmp_path: Path) -> None:
    path, mapping = tmp_path / "app.log", tmp_path / "pair.toml"
    path.write_bytes(sample("app-log").content())
    page = (REPOSITORY.parents[1] / "docs" / "how-to" / "logs.md").read_text(encoding="utf-8")
    mapping.write_text(page.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    trace = read_trace(path, source_format=str(mapping))
    assert (trace.connections, trace.messages) == (24, 204)
    assert set(trace.close_code.tolist()) == {1000, 1001}


def test_each_sample_has_its_origin_told() -> None:
    told = (Path(scfcost.__file__).parent / "trace/samples/README.md").read_text(encoding="utf-8")
    assert all(f"`{one.name}`" in told and f"`{one.file}`" in told for one in SAMPLES)


def test_a_sample_that_is_none_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'chat-room'"):
        sample("chatroom")
