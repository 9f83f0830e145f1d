"""Draw the pictures of the README anew: `python docs/pictures.py`, or `make pictures`. The page needs Chromium."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scfcost
from scfcost import plots
from scfcost.analysis.sweep.explore import explore
from scfcost.core import language
from scfcost.report.page.render import render
from scfcost.trace.model import Provenance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SAMPLE = ROOT / "data" / "sample_traces" / "chat_room.parquet"
WIDTH, HEIGHT = 1180, 2080
"""Part of the page that is shown. [px]"""
CONFIG = scfcost.FunctionConfig(reconnect="immediate", idle_timeout_s=60)
"""The present settings of every picture, unless it says otherwise."""
SUFFIX = {"en": "", "zh": ".zh"}
"""What the name of a picture ends with, by its language."""


def figures(trace: scfcost.Trace) -> dict[str, Callable[[], Axes]]:
    """Return what draws each figure of the README and the docs, by its name."""
    stays = CONFIG.replace(reconnect="on-demand")
    found = scfcost.estimate(trace, stays)
    crowded = scfcost.estimate(trace, stays.replace(idle_timeout_s=300), pricing=scfcost.Pricing(quota_mb=2_048))
    advised = scfcost.recommend(trace, CONFIG)
    messages, chosen = advised.population.messages, advised.chosen or advised.current
    named = {name: getattr(advised, name) for name in ("current", "cheapest", "balanced", "safest")}
    timeouts = (chosen["idle_timeout_s"], chosen["exec_timeout_s"])
    return {
        "tradeoff": lambda: plots.month_against_harm(
            advised.sweep.frame, advised.currency, messages=messages, marks=named
        ),
        "timeouts": lambda: advised.sweep.plot(messages=messages, current=(60, 900), recommended=timeouts),
        "lifecycles": lambda: plots.lifecycles(trace, found.result.invocations, until_s=1_800),
        "concurrency": lambda: plots.concurrency_over_time(
            crowded.steps(), end_ms=trace.end_ms, memory_mb=128, quota_mb=2_048, time_zone="Asia/Shanghai"
        ),
    }


def page(document: dict[str, Any], image: Path) -> None:
    """Take a picture of the interactive page."""
    from selenium import webdriver

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
        file.write_text(render(document), encoding="utf-8")
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            driver.get(file.as_uri())
            time.sleep(1)
            driver.save_screenshot(str(image))
        finally:
            driver.quit()


def main() -> None:
    """Draw them all, in each language."""
    trace = scfcost.read_trace(SAMPLE).replace(provenance=Provenance(sources=("traces.csv",)))
    drawn, document = figures(trace), explore(trace, CONFIG, advise=True).to_dict()
    for name in language.LANGUAGES:
        with language.speaking(name):
            for figure, draw in drawn.items():
                plots.save(draw(), IMAGES / f"{figure}{SUFFIX[name]}.png")
            page(document, IMAGES / f"report{SUFFIX[name]}.png")


if __name__ == "__main__":
    main()
