"""Files as accidents and attackers leave them: sound ones, changed by a seed."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import scfcost
from scfcost.core.files import packaged_text
from scfcost.trace.window import WINDOW_KEY

ROOT = Path(__file__).parents[2]
PACKAGE = Path(scfcost.__file__).parent
START = 1_760_000_000_000
TOKENS = [
    b"", b"0", b"-1", b"9" * 30, b"1e400", b"-9223372036854775808", b"0x5", b"1_000", b"nan", b"inf", b"null", b"true",
    b"[]", b"{}", b"\"\"", b"'", b"\"", b"\\", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\x1b[2J",
    b"\r", b"\n\n", b",,,,", b"\t", b";",
    b"=1+1", b"0000-01-01T00:00:00Z", b"9999-12-31T23:59:59Z", b"<html>", b"[" * 3000,
    b"x" * 5000, b"-", b"$1", b"%s", b"../..",
]  # fmt: skip


def events() -> list[dict[str, Any]]:
    """Return the rows of two connections."""
    rows: list[dict[str, Any]] = []
    for who, start in (("a", START), ("b", START + 700)):
        rows += [
            {"connection_id": who, "timestamp": start, "event": "connect", "function": "f"},
            {"connection_id": who, "timestamp": start + 500, "event": "message", "direction": "up", "bytes": 10},
            {"connection_id": who, "timestamp": start + 900, "event": "message", "direction": "down", "bytes": 99},
            {
                "connection_id": who,
                "timestamp": start + 9000,
                "event": "close",
                "close_code": 1000,
                "closed_by": "client",
            },
        ]
    return rows


def csv_of(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as CSV."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def parquet_of(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as Parquet."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def lives() -> list[dict[str, Any]]:
    """Return connections without message rows."""
    return [
        {
            "connection_id": n,
            "connect_time": START + n,
            "close_time": START + 9000 * n + 1,
            "messages": n,
            "bytes_out": n * 9,
        }
        for n in range(1, 4)
    ]


def lines(name: str, most: int = 12) -> bytes:
    """Return the first lines of a recorded log."""
    return b"".join((ROOT / "tests/trace/formats/lines" / name).read_bytes().splitlines(keepends=True)[:most])


def samples(name: str) -> bytes:
    """Return a sample of the package."""
    return (PACKAGE / "trace/samples/data" / name).read_bytes()


MAPPING = b"""kind = "json"
[fields]
connect_time = "start"
close_time = "end"
bytes_out = "sent"
client = "who"
[units]
time = "ms"
[only]
ws = "yes"
"""
MAPPED = b'{"start": 1760000000000, "end": 1760000005000, "sent": 5, "who": "x", "ws": "yes"}\n'
CONFIG = b"""memory = 256
idle_timeout = 20
plan = "payg"
reconnect = "on-demand"
[functions.f]
memory = 512
"""
ARCHITECTURE = b"""name = "shop"
[functions.chat]
traffic = "t.csv"
memory = 128
"""
ESTIMATE = "saved"
"""Made by the program itself, once."""

DEPLOYED = b"""{"Response": {"FunctionName": "f", "MemorySize": 256, "Timeout": 600, "InitTimeout": 30, "Type": "HTTP",
"ProtocolType": "WS", "ProtocolParams": {"WSParams": {"IdleTimeOut": 60}},
"InstanceConcurrencyConfig": {"MaxConcurrency": 4}}}"""
SERVERLESS = b"""provider: {name: tencent, memorySize: 128}
functions:
  f: {timeout: 600, initTimeout: &least 20, memorySize: 64}
other: [*least]
"""
GRAPH = b"time,open,connects\n1767261600,10,0.5\n1767261660,20,1\n1767265260,20,1e-1\n"
SERIES = b"""{"data": {"result": [{"metric": {"__name__": "connections_open"}, "values": [[1767261600, "10"],
[1767261660, "20"]]}, {"metric": {"__name__": "connections_open", "instance": "b"}, "values": [[1767261600, "1"]]}]}}"""
ACCESS = b'1.2.3.4 [09/Oct/2025:08:53:20 +0000] "GET / HTTP/1.1" 101 5.000\n'
TYPED = "typed"
"""File of a kind that is no file: what a person types."""


def recording() -> bytes:
    """Return a trace as a recording leaves it: with its window in the metadata."""
    out = io.BytesIO()
    table = pa.Table.from_pylist(events()).replace_schema_metadata({WINDOW_KEY: "1760000000000/1760000009700"})
    pq.write_table(table, out)
    return out.getvalue()


Kind = tuple[bytes, str, list[str]]
"""Content, name of the file, arguments of the command, in which FILE stands for it."""


def kinds() -> dict[str, Kind]:
    """Return a small sound file of each kind of input, and a command that reads it."""
    quick = ["--replications", "0", "--quiet", "--format", "json"]
    jsonl = "".join(json.dumps(row) + "\n" for row in events()).encode()
    catalog = (PACKAGE / "catalog/data/tencent-scf-intl.toml").read_bytes()
    return {
        "events.csv": (csv_of(events()), "t.csv", ["estimate", "FILE", *quick]),
        "events.jsonl": (jsonl, "t.jsonl", ["estimate", "FILE", *quick]),
        "events.parquet": (parquet_of(events()), "t.parquet", ["estimate", "FILE", *quick]),
        "events.csv.gz": (gzip.compress(csv_of(events()), mtime=0), "t.csv.gz", ["estimate", "FILE", *quick]),
        "lives.csv": (csv_of(lives()), "l.csv", ["estimate", "FILE", *quick]),
        "lives.parquet": (parquet_of(lives()), "l.parquet", ["estimate", "FILE", *quick]),
        "skip": (csv_of(events()), "t.csv", ["estimate", "FILE", "--on-error", "skip", "--rejects", "out.csv", *quick]),
        "nginx": (lines("nginx_lab.log"), "a.log", ["import", "FILE", "-o", "out.parquet", "-q"]),
        "haproxy": (lines("haproxy_lab.log"), "h.log", ["import", "FILE", "--from", "haproxy", "-o", "out.parquet"]),
        "caddy": (lines("caddy_lab.log"), "c.log", ["import", "FILE", "-o", "out.csv", "-q"]),
        "har": (lines("mitmproxy_websocket.har", 10**6), "p.har", ["import", "FILE", "-o", "out.parquet", "-q"]),
        "page.har": (samples("page.har"), "p.har", ["import", "FILE", "--from", "har", "-o", "out.parquet", "-q"]),
        "cls": (samples("scf-logs.json"), "s.json", ["reconcile", "sound.csv", "--cls", "FILE", "-q"]),
        "cls log": (samples("scf-logs.json"), "s.json", ["import", "FILE", "-o", "out.parquet", "-q"]),
        "bill": (samples("bill.csv"), "b.csv", ["reconcile", "sound.csv", "--cls", "cls.json", "--bill", "FILE", "-q"]),
        "mapping": (MAPPING, "m.toml", ["import", "mapped.jsonl", "--from", "FILE", "-o", "out.parquet", "-q"]),
        "mapped": (MAPPED, "m.jsonl", ["import", "FILE", "--from", "sound-mapping.toml", "-o", "out.parquet", "-q"]),
        "scenario": (packaged_text("scfcost.workload", "presets/chat-room.toml").encode(), "s.toml",
                     ["simulate", "FILE", "--days", "0.5", "--scale", "0.02", "-o", "out.csv", "-q"]),
        "catalog": (catalog, "c.toml", ["catalog", "check", "FILE"]),
        "config": (CONFIG, "scf.toml", ["estimate", "sound.csv", "--config", "FILE", *quick]),
        "architecture": (ARCHITECTURE, "a.toml", ["architecture", "FILE", "-q"]),
        "capture": (samples("capture.pcap"), "c.pcap", ["import", "FILE", "-o", "out.parquet", "-q"]),
        ESTIMATE: (b"", "e.json", ["diff", "saved.json", "FILE"]),
        "window": (b"1760000000000/1760000009700\n", "t.csv.window", ["estimate", "in/t.csv", *quick]),
        "recording": (recording(), "r.parquet", ["estimate", "FILE", *quick]),
        "deployed.json": (DEPLOYED, "f.json", ["estimate", "sound.csv", "--from-function", "FILE", *quick]),
        "deployed.yml": (SERVERLESS, "s.yml", ["estimate", "sound.csv", "--from-function", "FILE", *quick]),
        "graph.csv": (GRAPH, "g.csv", ["fit", "--metrics", "FILE", "-o", "out.toml", "-q"]),
        "graph.json": (SERIES, "g.json", ["fit", "--metrics", "FILE", "-o", "out.toml", "-q"]),
        "prices": (b"egress=0.98", TYPED, ["price", "--gbs", "1", "--quantity", "FILE"]),
        "calls": (b"30000", TYPED, ["price", "--calls", "FILE", "--format", "csv"]),
        "asked window": (b"2025-10-09T08:53:20Z/1h", TYPED, ["estimate", "sound.csv", "--window", "FILE", *quick]),
        "named column": (b"connect_time=start", TYPED, ["import", "mapped.jsonl", "--column", "FILE", "--column",
                         "close_time=end", "-o", "out.parquet", "-q"]),
        "format string": (b"$remote_addr [$time_local] \"$request\" $status $request_time", TYPED,
                          ["import", "access.log", "--log-format", "FILE", "-o", "out.parquet", "-q"]),
        "provisioned": (b"2, 10@mon-fri 09:00-18:00", TYPED,
                        ["estimate", "sound.csv", *quick, "--provisioned", "FILE"]),
        "initialisation": (b"p50=400,p95=1500", TYPED, ["estimate", "sound.csv", "--init-ms", "FILE", *quick]),
        "grid": (b"1:3:1", TYPED, ["sweep", "sound.csv", "--idle", "FILE", "--exec", "900", "-q"]),
    }  # fmt: skip


def _put(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(TOKENS) + data[place:]


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _drop(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + data[place + rng.randrange(1, 40) :]


def _twice(data: bytes, rng: random.Random) -> bytes:
    begin = rng.randrange(len(data))
    end = begin + rng.randrange(1, 200)
    return data[:end] + data[begin:end] + data[end:]


def _swap_word(data: bytes, rng: random.Random) -> bytes:
    """Put a token in the place of a cell, a number or a word."""
    marks = [n for n, sign in enumerate(data) if sign in b',:"= \n[]{}']
    if len(marks) < 2:
        return _put(data, rng)
    at = rng.randrange(len(marks) - 1)
    return data[: marks[at] + 1] + rng.choice(TOKENS) + data[marks[at + 1] :]


CHANGES: list[Callable[[bytes, random.Random], bytes]] = [_put, _flip, _cut, _drop, _twice, _swap_word, _swap_word]


def mutated(data: bytes, seed: int) -> bytes:
    """Return a file that was changed in one to three ways."""
    rng = random.Random(seed)
    for _ in range(rng.choice((1, 1, 2, 3))):
        data = rng.choice(CHANGES)(data, rng) if data else rng.choice(TOKENS)
    return data
