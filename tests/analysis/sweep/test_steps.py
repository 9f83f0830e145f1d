"""A recommendation in steps: each can be asked for by itself, and what they say together is what is recommended."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.estimate.lead import undelivered
from scfcost.analysis.sweep.choose import STRATEGIES
from scfcost.analysis.sweep.constraints import Constraints
from scfcost.analysis.sweep.grid import Axes
from scfcost.analysis.sweep.judge import how_near, judge, nearest_row, split
from scfcost.analysis.sweep.question import Question, ask, candidate_axes, not_known_of, with_timeouts
from scfcost.analysis.sweep.recommend import advised, best_timeouts, recommend
from scfcost.analysis.sweep.sweep import cost_column, sweep
from scfcost.analysis.sweep.three import Taste, three_settings
from scfcost.config.function import PLACEMENTS, FunctionConfig
from scfcost.core.errors import ConfigError
from tests.analysis.sweep.test_recommend import talk
from tests.oracles.lifecycle import Session
from tests.report.test_schemas import silent
from tests.strategies import build_trace

CONFIG = FunctionConfig(reconnect="on-demand", exec_timeout_s=900)
LIMITS = Constraints(max_reconnects=Fraction(10))
SHORT = Axes([10_000, 30_000, 60_000], [60_000, 900_000])


def asked(limits: Constraints = LIMITS, **settings: object) -> Question:
    return ask(talk(60), CONFIG.replace(**settings), limits)


def test_the_steps_one_by_one_are_the_recommendation() -> None:
    question = asked()
    judged = judge(question, question.grid(question.trace))
    rows, reasons = three_settings(question, judged, not_known_of(question))
    whole = recommend(question.trace, CONFIG, LIMITS)
    assert rows == {name: getattr(whole, name) for name in STRATEGIES}
    assert whole.chosen is not None
    assert with_timeouts(CONFIG, rows["balanced"]) == whole.config == advised(question)
    assert list(whole.reasons[: len(reasons)]) == reasons


def test_where_nothing_fits_the_steps_say_how_near_one_gets() -> None:
    question = asked(Constraints(max_harmful_cuts=Fraction(0)))
    judged = judge(question, question.swept(question.trace, SHORT))
    assert judged.nothing_fits(question)
    assert three_settings(question, judged, ()) == ({}, [])
    assert nearest_row(question, judged) is not None
    assert [text.split(" of ")[0] for text in how_near(question, judged)] == ["cuts that people notice per session"]


def test_nothing_is_advised_where_nothing_fits_or_silences_are_not_known() -> None:
    assert advised(asked(Constraints(max_harmful_cuts=Fraction(0)))) is None
    assert advised(ask(silent(talk(2)), CONFIG)) is None


def test_what_does_not_deliver_is_advised_only_to_who_can_bear_it() -> None:
    assert recommend(talk(60), CONFIG).keeps_whole is False
    assert advised(asked(Constraints())) is None
    assert advised(asked(LIMITS)) is not None


def test_a_question_needs_a_policy() -> None:
    with pytest.raises(ConfigError, match="state --reconnect none, on-demand or immediate"):
        ask(talk(2), FunctionConfig())


@pytest.mark.parametrize("settings", [{}, {"provisioned": 2}, {"init_ms": "100"}])
def test_each_row_of_shared_instances_is_the_dearer_of_both_placements(settings: dict[str, object]) -> None:
    question = asked(max_concurrency=3, **settings)
    axes = {"idle_ms": SHORT.idle_ms, "exec_ms": SHORT.exec_ms}
    each = [sweep(question.trace, question.function.replace(placement=way), **axes).frame for way in PLACEMENTS]
    found = question.swept(question.trace, SHORT).frame
    cost = cost_column(found)
    assert found[cost].tolist() == np.maximum(*(frame[cost].to_numpy() for frame in each)).tolist()
    if not question.function.is_coupled:  # else lives hang on the placement, and so do their bounds
        assert found["billed_ms_low"].tolist() == each[0]["billed_ms_low"].tolist()


def test_the_timeouts_of_another_policy_are_those_of_one_connection_an_instance() -> None:
    question = asked(max_concurrency=3, reconnect="immediate")
    alone = question.about(question.function.replace(max_concurrency=1))
    rows, _ = three_settings(alone, judge(alone, alone.grid(alone.trace)), (), Taste())
    assert best_timeouts(question, Taste()) == with_timeouts(question.function, rows["balanced"])


def test_shared_instances_are_tried_on_fewer_timeouts_than_one_pass_prices() -> None:
    book = asked().terms.book
    few, many = (candidate_axes(book, CONFIG, allow_unverified=False, dense=dense) for dense in (False, True))
    assert {*few[0]} < {*many[0]} and {*few[1]} < {*many[1]}


def test_a_trace_is_split_where_both_parts_have_sessions_enough() -> None:
    assert split(talk(60)) == (None, None)
    earlier, later = split(talk(240))
    assert earlier is not None and later is not None
    assert earlier.connections > later.connections


@pytest.mark.parametrize("kind", ["event", "web-http"])
@pytest.mark.parametrize("now_s", [900, 60])
def test_no_request_is_cut_to_save_money(kind: str, now_s: int) -> None:
    jobs = build_trace([Session(k * 600_000, k * 600_000 + 300_000) for k in range(20)])
    found = recommend(jobs, FunctionConfig(function_type=kind, exec_timeout_s=now_s))
    assert found.config.exec_timeout_s == (900 if now_s == 900 else 330)  # the least that is tried beyond 300 s
    assert found.cheapest is not None
    assert found.to_dict()["cheapest"]["undelivered_share"] == "1.000000"
    said = "0 % of the requests are cut, now 0 %" if now_s == 900 else "0 % of the requests are cut, now 100.00 %"
    assert said in repr(found)
    short = estimate(jobs, FunctionConfig(function_type=kind, exec_timeout_s=60))
    assert str(undelivered(short)) == "20 of 20 requests (100.0 %) are cut by the execution timeout before they end"


def test_a_setting_that_is_as_good_as_any_stays() -> None:
    calm = build_trace([Session(0, 50_000, [(k * 5_000, "up", 1, "data") for k in range(10)])])
    kept = recommend(calm, CONFIG.replace(idle_timeout_s=40))
    assert kept.config.idle_timeout_s == 40
    assert repr(kept).startswith("<Recommendation: Keep the idle timeout at 40 s")
