"""Object storage, on a server that speaks S3: files, globs, checkpoints, and faults without a secret in them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.read import read_trace
from scfcost.trace.reading.remote import fetch
from tests.engines.files import rows, written
from tests.forked import scfcost

s3fs = pytest.importorskip("s3fs", reason="s3fs is not installed (pip install '.[dev]')")
SECRET = "verysecretkey0123456789"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def environment(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """The usual places of credentials, and nothing else."""
    found = {
        "AWS_ENDPOINT_URL": server, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"), "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    return found


@pytest.fixture
def bucket(environment: dict[str, str], tmp_path: Path) -> Any:
    """A bucket with a trace in three files."""
    storage = s3fs.S3FileSystem(use_listings_cache=False)
    name = f"traces-{abs(hash(str(tmp_path))) % 10**9}"
    storage.mkdir(name)
    written(rows(), tmp_path / "local", 3, shuffled=True)
    for file in sorted((tmp_path / "local").iterdir()):
        storage.put(str(file), f"{name}/2026-10/{file.name}")
    yield name, storage
    storage.rm(name, recursive=True)


def test_a_glob_of_addresses_is_a_trace(bucket: Any, tmp_path: Path) -> None:
    name, _ = bucket
    found = read_trace(f"s3://{name}/2026-*/*.parquet")
    local = read_trace(str(tmp_path / "local" / "*.parquet"))
    assert (found.message_ms == local.message_ms).all()
    assert (found.connection_id == local.connection_id).all()
    assert found.provenance.sources[0] == f"s3://{name}/2026-10/000.parquet"


def test_the_command_line_reads_it_as_a_whole_and_in_parts(
    bucket: Any, tmp_path: Path, environment: dict[str, str]
) -> None:
    name, _ = bucket
    flags = (f"s3://{name}/2026-10/*.parquet", "--format", "json", "--replications", "0")
    whole = scfcost("estimate", *flags, cwd=tmp_path, **environment)
    parts = scfcost("estimate", *flags, "--checkpoint", "kept", cwd=tmp_path, **environment)
    assert (whole.returncode, parts.returncode) == (0, 0)
    assert whole.stdout == parts.stdout


def test_a_checkpoint_notices_a_changed_object(bucket: Any, tmp_path: Path, environment: dict[str, str]) -> None:
    name, storage = bucket
    flags = (f"s3://{name}/2026-10/*.parquet", "--checkpoint", "kept", "--format", "json")
    first = scfcost("estimate", *flags, cwd=tmp_path, **environment)
    again = scfcost("estimate", *flags, cwd=tmp_path, **environment)
    assert (first.returncode, again.stdout) == (0, first.stdout)
    other = tmp_path / "other.parquet"
    pq.write_table(rows(seed=9), other)
    storage.put(str(other), f"{name}/2026-10/001.parquet")
    changed = scfcost("estimate", *flags, cwd=tmp_path, **environment)
    assert changed.returncode == 2
    assert "001.parquet has changed since the checkpoint" in changed.stderr


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("s3://{}/nothing.parquet", "there is no such file"),
        ("s3://{}/2027*/*", "no file matches"),
        ("s3://no-such-bucket-here/x.csv", "there is no such"),
        ("gopher://{}/x.csv", "gopher:// is not read; addresses of cos, s3, s3a are"),
    ],
)
def test_what_is_not_there_is_one_message(bucket: Any, tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises((TraceError, ConfigError)) as caught:
        fetch(path.format(bucket[0]), tmp_path / "x")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_service_that_is_not_there_tells_no_secret(tmp_path: Path, environment: dict[str, str]) -> None:
    nowhere = {**environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    done = scfcost("estimate", "s3://bucket/x.parquet", cwd=tmp_path, **nowhere)
    assert done.returncode == 2
    assert done.stderr == "scfcost: s3://bucket/x.parquet: the service cannot be reached\n"


def test_missing_credentials_are_said_to_be_missing(tmp_path: Path, environment: dict[str, str]) -> None:
    bare = {**environment, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    done = scfcost("estimate", "s3://bucket/x.parquet", cwd=tmp_path, **bare)
    assert done.returncode == 2
    assert SECRET not in done.stderr
    assert done.stderr.startswith("scfcost: s3://bucket/x.parquet: ")
    assert done.stderr.count("\n") == 1


def test_an_address_with_credentials_is_refused_without_repeating_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        fetch(f"s3://AKID:{SECRET}@bucket/x.csv", tmp_path)
    assert SECRET not in str(caught.value)
    assert "environment" in str(caught.value)


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ConfigError, match=r"scfcost\[s3\]"):
        fetch("s3://bucket/x.csv", tmp_path)
