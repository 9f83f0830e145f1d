"""Draw the pictures of the README anew: `python docs/pictures.py`, or `make pictures`. The page needs Chromium."""

from __future__ import annotations

import shutil
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import scfcost
from scfcost import plots
from scfcost.analysis.sweep.explore import explore
from scfcost.report.page.render import render

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SAMPLE = ROOT / "data" / "sample_traces" / "chat_room.parquet"
WIDTH, HEIGHT = 1180, 1640
"""Part of the page that is shown. [px]"""


def figures(trace: scfcost.Trace) -> None:
    """Draw every figure that the README shows."""
    config = scfcost.FunctionConfig(reconnect="on-demand", idle_timeout_s=60)
    found = scfcost.estimate(trace, config)
    crowded = scfcost.estimate(trace, config.replace(idle_timeout_s=300), pricing=scfcost.Pricing(quota_mb=2_048))
    bearable = scfcost.Constraints(max_harmful_cuts=Fraction(3, 2), max_reconnects=Fraction(1, 2))
    advised = scfcost.recommend(trace, config, bearable)
    chosen = advised.chosen or advised.current
    load = plots.concurrency_over_time(
        crowded.steps(), end_ms=trace.end_ms, memory_mb=128, quota_mb=2_048, time_zone="Asia/Shanghai"
    )
    drawn = {
        "lifecycles": plots.lifecycles(trace, found.result.invocations, until_s=1_800),
        "timeouts": advised.sweep.plot(
            current=(60, 900), recommended=(chosen["idle_timeout_s"], chosen["exec_timeout_s"])
        ),
        "concurrency": load,
    }
    for name, axes in drawn.items():
        plots.save(axes, IMAGES / f"{name}.png")


def page(trace: scfcost.Trace) -> None:
    """Take a picture of the interactive page."""
    from selenium import webdriver

    named = trace.provenance.__class__(sources=("traces.csv",))
    config = scfcost.FunctionConfig(reconnect="on-demand", idle_timeout_s=60)
    options = webdriver.ChromeOptions()
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-dev-shm-usage",
        "hide-scrollbars",
        f"window-size={WIDTH},{HEIGHT + 90}",
    ):
        options.add_argument(f"--{flag}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(render(explore(trace.replace(provenance=named), config).to_dict()), encoding="utf-8")
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            driver.get(file.as_uri())
            time.sleep(1)
            driver.save_screenshot(str(IMAGES / "report.png"))
        finally:
            driver.quit()


def main() -> None:
    """Draw them all."""
    trace = scfcost.read_trace(SAMPLE)
    figures(trace)
    page(trace)


if __name__ == "__main__":
    main()
