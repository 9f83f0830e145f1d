"""Every platform of the first row on one trace against one estimate of it, after reading: seconds of CPU."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

FIRST = ("alibaba-fc", "aws-apigateway", "cloudflare-do", "google-cloud-run")
"""Platforms of the first row, beside the function platform itself and plain servers."""


def platforms(paths: dict[str, Path], arguments: argparse.Namespace) -> None:
    """Compare the table of platforms with one estimate of the same trace, and time each platform by itself."""
    from scfcost.analysis.compare.platform import Question, rows_on, terms_of
    from scfcost.analysis.compare.row import Traffic
    from scfcost.analysis.compare.table import Asked, compare_platforms
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.config.function import FunctionConfig
    from scfcost.trace.read import read_trace

    print("\n## Platforms of the first row, CPU after reading")
    trace, config = read_trace([str(paths["int.parquet"])]), FunctionConfig(reconnect="immediate")
    found = estimate(trace, config)  # what compiles, compiles here
    question = Question(trace, found.functions, Traffic.of(trace))
    asked = Asked(platforms=FIRST)
    compare_platforms([("as set", found)], asked)
    ratios = []
    for _ in range(arguments.runs):
        one = _cpu(lambda: estimate(trace, config))
        table = _cpu(lambda: compare_platforms([("as set", found)], asked))
        ratios.append((one + table) / one)
        print(f"estimate {one:.2f} s; the table with it {one + table:.2f} s, {ratios[-1]:.2f} x", flush=True)
    for name in FIRST:
        print(f"{name}: {_cpu(lambda n=name: list(rows_on(terms_of(n, None), question))):.2f} s", flush=True)
    print(f"median ratio {median(ratios):.2f}")


def _cpu(run: Callable[[], Any]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun
