"""Messages generated and written as Parquet, and an interval from many runs of a scenario."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import process, timed

SCENARIO = """
name = "bench"
[arrivals]
per_day = {per_day}
[session]
length = {{ family = "lognormal", median = "3m", p90 = "10m" }}
[[streams]]
name = "talk"
gap = {{ family = "exponential", mean = "27.8s" }}
bytes = {{ family = "lognormal", median = "60 B", p90 = "300 B" }}
"""
"""About ten messages a session."""
REPLICATIONS = 200


def workload(_: dict[str, Path], arguments: argparse.Namespace) -> None:
    """`scfcost simulate` at two sizes, whole processes, and 200 replications of a hundredth of the sessions."""
    print("\n## Scenarios")
    with tempfile.TemporaryDirectory(prefix="scfcost-bench-") as folder:
        for times in (1, 4):
            path, output = Path(folder) / f"{times}.toml", Path(folder) / "o.parquet"
            path.write_text(SCENARIO.format(per_day=arguments.connections * times / 7))
            command = [sys.executable, "-m", "scfcost", "simulate", str(path), "-q", "-o", str(output)]
            process(command)
            seconds, megabytes = process(command)
            size = f"{output.stat().st_size / 1e6:,.0f} MB of Parquet"
            print(f"simulate, {_messages(path):,.0f} messages: {seconds:.1f} s, peak {megabytes:,.0f} MB, {size}")
        small = Path(folder) / "small.toml"
        small.write_text(SCENARIO.format(per_day=arguments.connections / 100 / 7))
        _interval(small)


def _messages(path: Path) -> float:
    from scfcost.workload.generate import plan
    from scfcost.workload.schema import load_scenario

    return plan(load_scenario(path)).size.messages


def _interval(path: Path) -> None:
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.analysis.forecast.uncertainty import replicate
    from scfcost.workload.generate import plan, simulate
    from scfcost.workload.schema import load_scenario

    made = plan(load_scenario(path))
    point = estimate(simulate(made, 0))
    seconds, _ = timed(lambda: replicate(point, made, replications=REPLICATIONS))
    print(f"{REPLICATIONS} runs of {made.size.sessions:,.0f} sessions: {seconds:.1f} s")
