"""Which part of a log is compared, and what is said of the rest."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scfcost.analysis.reconcile.bill_file import BilledLine, BillFile
from scfcost.analysis.reconcile.scope import common_time, covered_by, idle_instances, left_out, of_functions
from scfcost.core.errors import ConfigError, TraceError
from tests.analysis.reconcile.logged import START, forecast, request


def test_the_functions_of_the_trace_are_kept_and_the_others_counted() -> None:
    log = [request(0, 5), request(1, 5, function="other")]
    kept, (said,) = of_functions(log, [], forecast((0, 10)))
    assert kept == log[:1]
    assert (said.code, said.message) == ("other_functions", "1 requests of other are left out")


def test_a_log_of_one_function_is_the_traces_whatever_it_is_called() -> None:
    log = [request(0, 5, function="chat")]
    assert of_functions(log, [], forecast((0, 10))) == (log, [])


def test_which_functions_are_meant_is_asked_where_it_is_not_clear() -> None:
    log = [request(0, 5, function="chat"), request(1, 5, function="push")]
    with pytest.raises(ConfigError, match="chat, push: say with --log-function"):
        of_functions(log, [], forecast((0, 10)))
    with pytest.raises(ConfigError, match=r"no function 'pusch'.*push"):
        of_functions(log, ["pusch"], forecast((0, 10)))
    assert of_functions(log, ["push"], forecast((0, 10)))[0] == log[1:]


def test_the_time_that_both_share_is_compared_as_it_stands() -> None:
    assert covered_by([request(5, 7), request(2, 1)]) == (START + 2, START + 12)
    assert common_time(forecast((0, 10)), (START + 4, START + 99)) == ((START + 4, START + 10), None)


def test_of_different_times_the_lengths_are_compared() -> None:
    away = (START + 1_000, START + 1_030)
    assert common_time(forecast((0, 10)), away) == (away, Fraction(3))
    with pytest.raises(TraceError, match="the log is 0 ms long"):
        common_time(forecast((0, 10)), (START + 50, START + 50))


def test_what_is_left_out_or_assumed_is_said() -> None:
    inside = [request(0, None, status=202), request(1, 5, memory_mb=None)]
    kept = [*inside, request(None, 5), request(90, 5)]
    said = {one.code: one.message for one in left_out(forecast((0, 10)), kept, inside, None)}
    assert list(said) == ["no_start", "outside_period", "still_running", "memory_unknown", "no_messages"]
    assert all(text.startswith("1 requests") for code, text in said.items() if code != "no_messages")


def test_idle_provisioned_instances_are_priced_with_what_would_cost_less() -> None:
    (said,) = idle_instances(forecast((0, 60_000), provisioned=3), None)
    assert said.code == "idle_instances"
    assert "3 are started in advance, and 1 are busy at once at most; --provisioned 1 costs less" in said.message
    assert list(idle_instances(forecast((0, 60_000)), None)) == []


def test_a_bill_of_idle_instances_that_the_settings_do_not_have_is_named() -> None:
    charged = BillFile("bill.csv", {"provisioned_idle": BilledLine(Fraction(5), None, Fraction("7090.32"))})
    (said,) = idle_instances(forecast((0, 60_000)), charged)
    assert said.message.startswith("the bill charges 7,090.32 for provisioned instances that stand idle")
