"""Documents that are read as a whole are bounded, decompressed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.reading import compressed


def test_a_document_longer_than_the_bound_is_refused_decompressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compressed, "MOST_WHOLE", 1 << 20)
    path = tmp_path / "log.json.gz"
    path.write_bytes(gzip.compress(b" " * (1 << 20)))
    assert len(compressed.read_bytes(path, "log.json.gz")) == 1 << 20
    path.write_bytes(gzip.compress(b" " * ((1 << 20) + 1)))
    with pytest.raises(TraceError, match=r"log\.json\.gz: holds more than 1 MiB decompressed"):
        compressed.read_bytes(path, "log.json.gz")
    assert len(compressed.read_bytes(path, "log.json.gz", 16)) == 16
