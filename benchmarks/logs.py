"""Lines a second of access logs into a trace file, whole processes."""

from __future__ import annotations

import argparse
import gzip
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.timing import process


def logs(_: dict[str, Path], arguments: argparse.Namespace) -> None:
    """`scfcost import` of nginx's and HAProxy's lines, plain and gzip."""
    print("\n## Logs into a trace file, whole processes")
    count = 2 * arguments.connections
    with tempfile.TemporaryDirectory(prefix="scfcost-bench-") as folder:
        for name, line in {"nginx": nginx_lines, "haproxy": haproxy_lines}.items():
            plain = Path(folder) / f"{name}.log"
            _write(plain, line, count)
            packed = plain.with_suffix(".log.gz")
            with plain.open("rb") as source, gzip.open(packed, "wb", compresslevel=1) as target:
                shutil.copyfileobj(source, target)
            for path in (plain, packed):
                output = str(Path(folder) / "o.parquet")
                command = [sys.executable, "-m", "scfcost", "import", str(path), "-q", "-o", output]
                process(command)
                seconds, megabytes = process(command)
                rate = f"{count:,} lines in {seconds:.1f} s, {count / seconds:,.0f} a second"
                print(f"{path.name}: {rate}; {megabytes:,.0f} MB")


def _write(path: Path, lines: Callable[[int], Iterator[str]], count: int) -> None:
    with path.open("w") as file:
        file.writelines(lines(count))


def nginx_lines(count: int) -> Iterator[str]:
    """Yield lines of the advised format, half of them of a WebSocket."""
    drawn = random.Random(1)
    for n in range(count):
        yield (
            f'10.0.{n % 256}.{n % 199} - - [23/Nov/2026:04:34:46 +0000] "GET /chat?room={n} HTTP/1.1" '
            f'{101 if n % 2 else 200} {n % 5000} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" '
            f"msec={1795408486 + n / 100:.3f} rt={drawn.random() * 100:.3f} us=261\n"
        )


def haproxy_lines(count: int) -> Iterator[str]:
    """Yield lines of an HTTP log, half of them of a WebSocket."""
    for n in range(count):
        yield (
            f"<134>Nov 23 04:36:47 haproxy[30378]: 127.0.0.1:42594 [23/Nov/2026:{n // 3_600_000 % 24:02d}:"
            f"{n // 60_000 % 60:02d}:{n // 1_000 % 60:02d}.{n % 1_000:03d}] f b/s1 0/0/0/1/{n % 90_000} "
            f'{101 if n % 2 else 200} {n % 9_000} - - ---- 1/1/0/0/0 0/0 "GET /chat HTTP/1.1"\n'
        )
