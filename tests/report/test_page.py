"""The page is one small file that loads nothing, keeps what it quotes as text, and says the same without scripts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

from scfcost.analysis.compare.table import compare_platforms
from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.sweep.explore import explore
from scfcost.config.function import FunctionConfig
from scfcost.core.language import speaking
from scfcost.report import table
from scfcost.report.page import tables, texts
from scfcost.report.page.render import render
from scfcost.trace.model import Provenance
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT
from tests.oracles.lifecycle import Session

FEW: dict[str, Any] = {"idle_ms": [5_000, 20_000], "exec_ms": [60_000, 900_000]}
"""Few settings make a small page."""
SCRIPTS = Path(texts.__file__).with_name("script")
MARKUP = "</script><img src=x onerror=alert(1)>\"'&"


@pytest.fixture(scope="module")
def page() -> str:
    trace = draw_from.build_trace(CHAT).replace(
        connection_id=np.array([MARKUP, "plain"], dtype=object),
        functions=(MARKUP,),
        provenance=Provenance(sources=(MARKUP,)),
    )
    return render(explore(trace, FunctionConfig(), **FEW).to_dict())


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_markup_from_a_trace_stays_text(page: str) -> None:
    assert not [tag for tag, _ in Elements(page).found if tag == "img"]
    assert page.count("</script>") == 3


def test_what_is_wrong_stands_before_the_month(page: str) -> None:
    wrong, command, month = (page.index(words) for words in ("reach nobody", "--reconnect immediate</code>", "<h1>"))
    assert wrong < command < month
    assert "as it is set now, if clients stay away after a cut</small>" in page


def test_a_policy_that_was_stated_is_no_if_and_nothing_wrong_no_warning() -> None:
    whole = FunctionConfig(reconnect="none", idle_timeout_s=600)
    said = render(explore(draw_from.build_trace(CHAT), whole, **FEW).to_dict())
    assert "as it is set now</small>" in said
    assert 'class="lead"' not in said


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    loading = {"src", "href", "srcset", "action", "style", "onclick", "onload"}
    used = [(tag, name, value) for tag, own in Elements(page).found for name, value in own.items() if name in loading]
    assert used[0] == ("link", "href", "data:,")
    beyond = [one for one in used[1:] if not str(one[2]).startswith("#")]
    assert [(tag, name, str(value)[:14]) for tag, name, value in beyond] == [("a", "href", "data:text/csv;")]
    assert "@import" not in page
    assert "url(" not in page


def test_the_contents_lead_to_parts_that_are_there(advised: dict[str, Any]) -> None:
    for page in (render(advised), render(advised | {"advice": None, "platforms": None})):
        found = Elements(page).found
        names = [own["id"] for _tag, own in found if "id" in own]
        led = [str(own["href"])[1:] for tag, own in found if tag == "a" and str(own.get("href")).startswith("#")]
        assert len(led) > 3
        assert [names.count(one) for one in led] == [1] * len(led)


def test_the_policy_allows_its_own_scripts_and_style_by_their_digest(page: str) -> None:
    policy = next(own["content"] for tag, own in Elements(page).found if own.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    contents = re.findall(r"<script>(.*?)</script>", page, re.DOTALL) + re.findall(
        r"<style>(.*?)</style>", page, re.DOTALL
    )
    assert len(contents) == 3
    for content in contents:
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_the_page_is_small(page: str) -> None:
    assert len(page.encode()) < 2_000_000


def test_the_same_is_said_without_scripts(page: str) -> None:
    without = page[page.index("<noscript>") : page.index("</noscript>")]
    for words in ("How invocations end", "reconnect on-demand", "How long connections are silent", "busiest moments"):
        assert words in without


def test_every_label_names_a_control(page: str) -> None:
    found = Elements(page).found
    controls = {own["id"] for tag, own in found if tag == "input"}
    assert {own["for"] for tag, own in found if tag == "label"} == controls


@pytest.fixture(scope="module")
def advised() -> dict[str, Any]:
    """The data of a page that recommends timeouts."""
    config = FunctionConfig(reconnect="immediate", idle_timeout_s=20)
    return explore(draw_from.build_trace(CHAT), config, **FEW, advise=True).to_dict()


class Texts(HTMLParser):
    """What a person reads of a page: no command, no id, no script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.within: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.within += [] if tag in {"meta", "link", "br", "input"} else [tag]
        self.found += [value for name, value in attrs if name == "data-title" and value]

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "code"} & set(self.within):
            self.found.append(data)


def test_a_chinese_page_holds_no_english_sentence(advised: dict[str, Any]) -> None:
    """Ids, names of plans and flags are as they are; three English words in a row are a sentence."""
    with speaking("zh"):
        page = render(advised, made_on=date(2026, 11, 25))
        told = texts.of_script()
    assert '<html lang="zh-CN">' in page
    assert "本页生成于2026年11月25日" in page
    sentence = re.compile(r"[A-Za-z]{2,}(?:,? [A-Za-z]{2,}){2}")
    assert [text for text in [*Texts(page).found, *told.values()] if sentence.search(text)] == []
    assert set(texts.of_script()) == set(told)


def test_what_is_said_of_other_platforms_is_chinese_too() -> None:
    """Add what is missing to the catalog; names of products alone are as they are."""
    found = estimate(draw_from.build_trace(CHAT), FunctionConfig(reconnect="immediate", idle_timeout_s=20))
    compared = compare_platforms([("as set", found)]).to_dict()
    with speaking("zh"):
        told = Texts(tables.elsewhere(compared)).found
    names = [one["title"] for one in compared["platforms"]] + [name.partition(" (")[0] for name in compared["left_out"]]
    words = {word for name in names for word in re.findall("[A-Za-z]+", name)}
    words |= {"cu", "cpu", "CU", "vCPU", "MQTT", "WebSocket", "Pro", "UTC", "USD", "CNY", "KB", "TB", "ms"}
    english = re.compile(r"(?<![-\w])[A-Za-z]{2,}(?![-\w])")
    flags = re.compile(r"--[\w-]+( USD=7\.1| free)?")
    left = {word for text in told for word in english.findall(flags.sub("", text))} - words
    assert left == set()


def test_every_text_of_the_scripts_is_there_and_none_is_idle() -> None:
    scripts = "".join(path.read_text("utf-8") for path in SCRIPTS.glob("*.js"))
    asked = set(re.findall(r"say\(\"([\w-]+)\"", scripts)) | {"month", "trace", "axis_cost", "axis_month"}
    policies = {"never", "on-demand", "immediate"}
    assert asked | policies == set(texts.of_script())


def test_the_recommendation_stands_before_the_sliders(advised: dict[str, Any]) -> None:
    page = render(advised)
    assert page.index(">What to set<") < page.index(advised["advice"]["deploy"]["tccli"]) < page.index(">What if?</h2>")
    named = json.loads(re.findall(r'id="data">(.*?)</script>', page)[0])["named"]
    assert {name for one in named for name in one["names"]} == {"cheapest", "balanced", "safest", "now"}


def test_a_title_and_days_are_said() -> None:
    document = explore(draw_from.build_trace(CHAT), FunctionConfig(), **FEW).to_dict()
    page = render(document, title="Chat <v2>", made_on=date(2026, 1, 2))
    assert page.count("Chat &lt;v2&gt;") == 2
    assert "in force since 2024-04-08" in page
    assert "page of 2026-01-02" in page


def test_the_bill_can_be_saved(advised: dict[str, Any]) -> None:
    link = next(own["href"] for tag, own in Elements(render(advised)).found if own.get("download") == "bill.csv")
    assert unquote(str(link).partition(",")[2]) == table.render(advised["estimate"])


def test_an_instant_without_a_projection_makes_a_page() -> None:
    trace = draw_from.build_trace([Session(0, 0, [(0, "up", 1, "data")])])
    page = render(explore(trace, FunctionConfig(), **FEW).to_dict())
    assert "for the trace, as it is set now" in page
    assert "No timeout cuts any of 1 invocation." in page


def test_one_sentence_says_what_the_timeouts_do() -> None:
    found = explore(draw_from.build_trace(CHAT), FunctionConfig(), **FEW).to_dict()
    impact, usage = found["estimate"]["impact"], found["estimate"]["usage"]
    said = re.search(r"The timeouts cut (\d+) of (\d+) invocations?; .* after (\d+) of the cuts", render(found))
    assert said is not None
    assert [int(one) for one in said.groups()] == [impact["cut"], usage["invocations"], impact["cut_harmful"]]


def test_without_message_rows_nothing_is_said_of_silences_and_harm() -> None:
    trace = draw_from.build_trace(CHAT)
    bare = trace.take(np.arange(trace.connections)).replace(
        has_messages=False, offsets=np.zeros(trace.connections + 1, np.int64),
        message_ms=np.zeros(0, np.int64), message_bytes=np.zeros(0, np.int64), message_flags=np.zeros(0, np.uint8),
    )  # fmt: skip
    document = explore(bare, FunctionConfig(idle_timeout_s=20), **FEW).to_dict()
    assert document["silences"] is None
    page = render(document)
    assert "How long connections are silent</caption>" not in page
    assert "of the cuts" not in page


def test_the_page_says_how_sure_the_month_is() -> None:
    trace = draw_from.build_trace(CHAT * 30)
    found = explore(trace, FunctionConfig(idle_timeout_s=20), **FEW)
    assert found.sureness is not None
    assert f"80 % between {found.sureness.interval(80)[0]}" in render(found.to_dict())
    assert explore(trace, FunctionConfig(), replications=0).sureness is None


def test_the_page_has_the_same_connections_on_other_platforms() -> None:
    trace = draw_from.build_trace(CHAT)
    found = explore(trace, FunctionConfig(reconnect="on-demand"), **FEW)
    compared = compare_platforms([("as set", found.estimate)]).to_dict()
    shown = render({**found.to_dict(), "platforms": compared})
    assert "The same connections elsewhere" in shown
    assert all(one["title"] in shown for one in compared["platforms"])
    assert "The same connections elsewhere" not in render(found.to_dict())
