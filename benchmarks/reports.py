"""The figures and the interactive page of a large trace."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.timing import timed


def reports(paths: dict[str, Path], arguments: argparse.Namespace) -> None:
    """Each figure drawn and written as PNG, and `explore` and `render` of the page, all after the reading."""
    from scfcost import plots
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.analysis.sweep.explore import explore
    from scfcost.config.function import FunctionConfig
    from scfcost.report.page.render import render
    from scfcost.trace.read import read_trace

    trace = read_trace(paths["int.parquet"])
    print(f"\n## Reports, {trace.connections:,} connections and {trace.messages:,} messages, trace already read")
    for policy in ("none", "on-demand"):
        config = FunctionConfig(reconnect=policy)
        page = render(explore(trace, config).to_dict())  # compiles
        seconds, _ = timed(lambda config=config: render(explore(trace, config).to_dict()))
        print(f"page, reconnect {policy}: {seconds:.1f} s, {len(page) / 1e6:.2f} MB", flush=True)
    found = estimate(trace, FunctionConfig(reconnect="on-demand"))
    month = found.monthly or found.bill
    figures = {
        "gap survival": lambda: plots.gap_survival(trace, timeouts_s={"idle timeout": 15.0}),
        "lifecycles": lambda: plots.lifecycles(trace, found.result.invocations),
        "load over time, its bins included": lambda: plots.concurrency_over_time(
            found.steps(), end_ms=trace.end_ms, memory_mb=128
        ),
        "bill": lambda: plots.bill_breakdown(month),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in figures.items():
            seconds, _ = timed(lambda draw=draw: plots.save(draw(), Path(folder) / "figure.png"), arguments.runs)
            print(f"figure, {name}: {seconds:.2f} s")
