"""What would take more memory than a limit is refused before it is read, whatever form it has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.read import read_trace
from scfcost.trace.reading import memory
from tests.trace.files import event, write_rows

START = 1_760_000_000_000
LIMIT = "450MB"
WHO = [f"c{n}" for n in range(9)]
TRACES = [".csv", ".csv.gz", ".jsonl", ".parquet"]
LOGS = ["lines", "mapping", "pairs", "capture"]
LINE = '1.2.3.4 - - [09/Oct/2025:08:53:20 +0000] "GET / HTTP/1.1" 101 7 "-" "-" 5.000\n'
LIVES = 'kind = "json"\n[fields]\nconnect_time = "s"\nclose_time = "e"\n'
PAIRS = (
    'kind = "json"\n[fields]\ntime = "at"\n[pair]\nkey = "who"\nopen = { what = "open" }\nclose = { what = "shut" }\n'
)
ENTRY = {
    "startedDateTime": "2025-10-09T08:53:20.000Z", "time": 9000, "request": {"method": "GET", "url": "wss://x/"},
    "response": {"status": 101}, "_resourceType": "websocket",
    "_webSocketMessages": [{"type": "send", "time": START / 1000, "opcode": 1, "data": "x"}] * len(WHO),
}  # fmt: skip


def written(form: str, folder: Path) -> tuple[Path, str | None]:
    """Write nine connections, or messages, in some form; return the file and what it has to be read as."""
    mapping, path = folder / "m.toml", folder / "t"
    if form in TRACES:
        return write_rows(folder / f"t{form}", [event(who, START, "connect") for who in WHO]), None
    if form == "lines":
        path.write_text(LINE * len(WHO))
        return path, None
    if form == "mapping":
        mapping.write_text(LIVES)
        path.write_text('{"s": "2025-10-09T08:53:20Z", "e": "2025-10-09T08:53:25Z"}\n' * len(WHO))
        return path, str(mapping)
    if form == "pairs":
        mapping.write_text(PAIRS)
        events = [(at, what, who) for who in WHO for at, what in (("0", "open"), ("5", "shut"))]
        rows = [{"at": f"2025-10-09T08:53:2{at}Z", "what": what, "who": who} for at, what, who in sorted(events)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path, str(mapping)
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [ENTRY]}}))
    return path, "har"


@pytest.mark.parametrize("form", [*TRACES, *LOGS])
def test_what_fits_is_read_and_what_does_not_is_refused(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, name = written(form, tmp_path)
    options: dict[str, Any] = {"source_format": name, "memory_limit": LIMIT}
    assert read_trace(path, **options).connections in (len(WHO), 1)
    monkeypatch.setattr(memory, "_WITH_TEXT", 10**8)  # as if there were as many more rows as one weighs more
    remedy = "scfcost import" if form in LOGS else "read trace files in parts"
    with pytest.raises(TraceError, match=rf"takes about \d+\.\d GB .* more than the limit of 450MB: .*{remedy}"):
        read_trace(path, **options)


def test_a_document_that_has_to_be_whole_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, name = written("capture", tmp_path)
    monkeypatch.setattr(memory, "_DOCUMENT_TIMES", 10**6)
    with pytest.raises(TraceError, match=r"takes more memory than the limit: more than 0 MiB"):
        read_trace(path, source_format=name, memory_limit=LIMIT)


@pytest.mark.parametrize("limit", ["1MB", "0", "9" * 400, "٤GB", "-1GB", "450"])
def test_a_limit_is_a_size_that_something_fits(limit: str) -> None:
    with pytest.raises(ConfigError, match=r"memory_limit: .* (is too little|is not a size)"):
        memory.checked_size(limit)
