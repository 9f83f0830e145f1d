"""The page in a real browser, from disk, without a network: its sliders show what `estimate` computes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.sweep.explore import explore
from scfcost.config.function import FunctionConfig
from scfcost.report.page.render import render
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (pip install '.[dev]')")
WebDriverWait = pytest.importorskip("selenium.webdriver.support.ui").WebDriverWait
pytestmark = [
    pytest.mark.browser,
    pytest.mark.needs("chromium", "chromedriver"),
]
SAMPLE = Path(__file__).parents[2] / "data" / "sample_traces" / "chat_room.parquet"
PRESENT = FunctionConfig(idle_timeout_s=60, reconnect="immediate")
LEFT, RIGHT, HOME, END = "\ue012", "\ue014", "\ue011", "\ue010"


@pytest.fixture(scope="module")
def trace() -> Trace:
    return read_trace([str(SAMPLE)]).take(np.arange(200))


@pytest.fixture(scope="module")
def browser(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium without a network, with the page open."""
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(render(explore(trace, PRESENT, advise=True).to_dict()), encoding="utf-8")
    options = webdriver.ChromeOptions()
    for flag in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "window-size=1280,1000"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    driver.get(file.as_uri())
    yield driver
    driver.quit()


def by_id(browser: Any, name: str) -> Any:
    return browser.find_element("id", name)


def press(browser: Any, slider: str, keys: str) -> None:
    by_id(browser, slider).send_keys(keys)


def check_against(found: TraceEstimate, browser: Any) -> None:
    """Hold every number on the page to the estimate."""
    assert found.monthly is not None
    shown = {name: by_id(browser, name).text.replace(",", "") for name in ("cost", "amount", "invocations")}
    shown["invocations"] = shown["invocations"].removesuffix(" in all")
    assert shown == {
        "cost": f"CNY {found.monthly.total}", "amount": f"CNY {found.bill.total}",
        "invocations": str(found.usage["invocations"]),
    }  # fmt: skip
    impact = found.impact.to_dict()
    del impact["cut"]
    assert {name: int(by_id(browser, name).text.replace(",", "")) for name in impact} == impact
    rows = browser.find_elements("css selector", "#mix tr")
    mix = {
        row.get_attribute("data-code"): int(row.find_elements("tag name", "td")[1].text.replace(",", ""))
        for row in rows
    }
    assert {code: count for code, count in mix.items() if count} == {c: n for c, n in found.outcomes.items() if n}


def value(browser: Any, name: str) -> float:
    return float(by_id(browser, f"{name}-value").text.split()[0].replace(",", ""))


def setting(browser: Any) -> FunctionConfig:
    """Read the setting that the page says is chosen."""
    policy = browser.find_element("css selector", "input[name=policy]:checked").get_attribute("value")
    return PRESENT.replace(
        idle_timeout_s=value(browser, "idle"), exec_timeout_s=value(browser, "exec"),
        memory_mb=int(value(browser, "memory")), reconnect=policy,
    )  # fmt: skip


def test_the_page_opens_at_the_present_setting(browser: Any, trace: Trace) -> None:
    by_id(browser, "back").click()
    assert setting(browser) == PRESENT
    check_against(estimate(trace, PRESENT), browser)


def test_sliders_move_by_keyboard(browser: Any, trace: Trace) -> None:
    by_id(browser, "back").click()
    press(browser, "idle", RIGHT * 3)
    press(browser, "exec", LEFT * 4)
    press(browser, "memory", HOME)
    at = setting(browser)
    assert (at.idle_timeout_s, at.exec_timeout_s, at.memory_mb) == (75, 660, 64)
    assert by_id(browser, "idle").get_attribute("aria-valuetext") == "75 s"
    check_against(estimate(trace, at), browser)


@pytest.mark.parametrize("policy", ["on-demand", "none"])
def test_a_policy_is_chosen_by_mouse(browser: Any, trace: Trace, policy: str) -> None:
    browser.find_element("css selector", f"input[value={policy}]").click()
    at = setting(browser)
    assert at.reconnect == policy
    check_against(estimate(trace, at), browser)


def test_a_slider_moves_by_mouse(browser: Any, trace: Trace) -> None:
    slider = by_id(browser, "idle")
    before = setting(browser)
    webdriver.ActionChains(browser).move_to_element_with_offset(slider, slider.size["width"] // 4, 0).click().perform()
    assert setting(browser).idle_timeout_s > before.idle_timeout_s
    check_against(estimate(trace, setting(browser)), browser)


def test_a_cell_of_the_heatmap_is_chosen_by_mouse(browser: Any, trace: Trace) -> None:
    over = browser.find_element("css selector", "#heat .u-over")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", over)
    webdriver.ActionChains(browser).move_to_element(over).click().perform()
    at = setting(browser)
    assert f"idle {at.idle_timeout_s:g} s, execution {at.exec_timeout_s:g} s" in by_id(browser, "heat-read").text
    check_against(estimate(trace, at), browser)


def test_a_move_is_answered_before_anything_else_happens(browser: Any) -> None:
    moved = """
      const slider = document.getElementById("idle"), texts = [];
      for (const k of [0, 20, 0]) {
        slider.value = k;
        slider.dispatchEvent(new Event("input"));
        texts.push(document.querySelector("main").textContent);
      }
      return texts;"""
    first, other, again = browser.execute_script(moved)
    assert first == again != other


def test_a_screen_reader_is_told_once_the_slider_rests(browser: Any) -> None:
    by_id(browser, "back").click()
    said = by_id(browser, "said")
    assert said.get_attribute("role") == "status"
    WebDriverWait(browser, 120).until(lambda _: "cuts that people notice" in said.get_attribute("textContent"))


def test_nothing_fails_and_nothing_is_asked_for(browser: Any) -> None:
    assert browser.get_log("browser") == []
    asked = [
        entry["message"]
        for entry in browser.get_log("performance")
        if '"Network.requestWillBeSent"' in entry["message"]
    ]
    assert all('"url":"file:///' in entry or '"url":"data:,"' in entry for entry in asked)
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0


def codes_shown(browser: Any) -> list[str]:
    return [row.get_attribute("data-code") for row in browser.find_elements("css selector", "#mix tr")]


def test_the_rows_of_codes_stay_where_they_are(browser: Any) -> None:
    before = codes_shown(browser)
    press(browser, "idle", HOME)
    press(browser, "exec", HOME)
    assert codes_shown(browser) == before


def test_a_link_holds_the_state_of_the_sliders(browser: Any) -> None:
    by_id(browser, "back").click()
    press(browser, "idle", RIGHT * 3)
    shown, link = by_id(browser, "idle-value").text, browser.current_url
    assert "idle=" in link
    by_id(browser, "back").click()
    assert by_id(browser, "idle-value").text != shown
    browser.get(link)
    browser.refresh()
    assert by_id(browser, "idle-value").text == shown
    by_id(browser, "back").click()


def test_every_chart_is_read_out_where_it_is_pointed_at(browser: Any) -> None:
    for chart in ("tradeoff", "heat", "curve", "gaps", "load"):
        over = browser.find_element("css selector", f"#{chart} .u-over")
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", over)
        at_rest = by_id(browser, f"{chart}-read").text
        webdriver.ActionChains(browser).move_to_element_with_offset(over, -over.size["width"] // 3, 20).perform()
        assert by_id(browser, f"{chart}-read").text not in ("", at_rest)
        webdriver.ActionChains(browser).move_to_element(by_id(browser, "back")).perform()
        assert by_id(browser, f"{chart}-read").text == at_rest != ""


@pytest.mark.parametrize("chart", ["tradeoff", "heat", "curve", "gaps", "load"])
def test_a_chart_is_read_by_the_arrow_keys(browser: Any, chart: str) -> None:
    """End and Home lie apart; Escape says again what stands there where nothing is pointed at."""
    box, read = by_id(browser, chart), by_id(browser, f"{chart}-read")
    browser.execute_script("arguments[0].focus()", box)
    rests = read.text
    box.send_keys(RIGHT + END)
    last = read.text
    box.send_keys(HOME)
    assert read.text != last
    box.send_keys("\ue00c")
    assert read.text == rests


def test_enter_chooses_the_cell_that_the_keys_have_reached(browser: Any, trace: Trace) -> None:
    press(browser, "heat", RIGHT + HOME + LEFT + "\ue007")
    assert by_id(browser, "idle-value").text == "10 s"
    by_id(browser, "back").click()


def test_a_named_setting_is_chosen_by_its_button(browser: Any, trace: Trace) -> None:
    button = browser.find_element("css selector", ".pick.cheapest, .pick.balanced")
    button.send_keys("\ue007")
    assert f"execution {setting(browser).exec_timeout_s:g} s" in button.text
    check_against(estimate(trace, setting(browser)), browser)
    by_id(browser, "back").click()


def test_every_setting_can_be_saved(browser: Any) -> None:
    text = browser.execute_async_script("""
      const done = arguments[0], link = document.getElementById("every");
      link.addEventListener("click", (event) => { event.preventDefault(); }, { once: true });
      const made = URL.createObjectURL;
      URL.createObjectURL = (blob) => { blob.text().then(done); return made(blob); };
      link.click();""")
    rows = [line.split(",") for line in text.splitlines()]
    places = {name: rows[0].index(name) for name in ("reconnect", "memory_mb", "idle_timeout_s", "exec_timeout_s")}
    now = [row for row in rows if [row[k] for k in places.values()] == ["immediate", "128", "60", "900"]]
    assert [row[rows[0].index("monthly_amount")] for row in now] == [
        by_id(browser, "cost").text.split()[1].replace(",", "")
    ]


def test_ticks_keep_their_paint_after_a_move(browser: Any) -> None:
    """What a mark leaves on the canvas's state would paint ticks and grid of the next drawing."""
    painted = """
      const ctx = document.querySelector("#heat canvas").getContext("2d"), kept = [];
      for (const move of [3, 5]) {
        const slider = document.getElementById("idle");
        slider.value = move;
        slider.dispatchEvent(new Event("input"));
        kept.push([ctx.lineWidth, ctx.strokeStyle].join());
      }
      return kept;"""
    first, second = browser.execute_script(painted)
    assert first == second
    assert "d55e00" not in first
