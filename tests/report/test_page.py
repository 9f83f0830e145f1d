"""The page is one small file that loads nothing, keeps what it quotes as text, and says the same without scripts."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from scfcost.analysis.sweep.explore import explore
from scfcost.config.function import FunctionConfig
from scfcost.core.language import speaking
from scfcost.report.page.render import render
from scfcost.trace.model import Provenance
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT
from tests.oracles.lifecycle import Session

MARKUP = "</script><img src=x onerror=alert(1)>\"'&"


@pytest.fixture(scope="module")
def page() -> str:
    trace = draw_from.build_trace(CHAT).replace(
        connection_id=np.array([MARKUP, "plain"], dtype=object),
        functions=(MARKUP,),
        provenance=Provenance(sources=(MARKUP,)),
    )
    return render(explore(trace, FunctionConfig()).to_dict())


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
    said = render(explore(draw_from.build_trace(CHAT), whole).to_dict())
    assert "as it is set now</small>" in said
    assert 'class="lead"' not in said


def test_nothing_is_loaded_from_anywhere(page: str) -> None:
    loading = {"src", "href", "srcset", "action", "style", "onclick", "onload"}
    used = [(tag, name, value) for tag, own in Elements(page).found for name, value in own.items() if name in loading]
    assert used == [("link", "href", "data:,")]
    assert "@import" not in page
    assert "url(" not in page


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


def test_it_speaks_one_language_whatever_is_spoken_around_it() -> None:
    document = explore(draw_from.build_trace(CHAT), FunctionConfig()).to_dict()
    with speaking("zh"):
        told = render(document)
    assert told == render(document)


def test_an_instant_without_a_projection_makes_a_page() -> None:
    trace = draw_from.build_trace([Session(0, 0, [(0, "up", 1, "data")])])
    page = render(explore(trace, FunctionConfig()).to_dict())
    assert "for the trace, as it is set now" in page
    assert "No timeout cuts any of 1 invocation." in page


def test_one_sentence_says_what_the_timeouts_do() -> None:
    found = explore(draw_from.build_trace(CHAT), FunctionConfig()).to_dict()
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
    document = explore(bare, FunctionConfig(idle_timeout_s=20)).to_dict()
    assert document["silences"] is None
    page = render(document)
    assert "How long connections are silent</caption>" not in page
    assert "of the cuts" not in page


def test_the_page_says_how_sure_the_month_is() -> None:
    trace = draw_from.build_trace(CHAT * 30)
    found = explore(trace, FunctionConfig(idle_timeout_s=20))
    assert found.sureness is not None
    assert f"80 % between {found.sureness.interval(80)[0]}" in render(found.to_dict())
    assert explore(trace, FunctionConfig(), replications=0).sureness is None
