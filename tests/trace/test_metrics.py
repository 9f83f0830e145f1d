"""A graph of open connections, from CSV and from Prometheus."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from scfcost.core.errors import BadRowsError, ConfigError, TraceError
from scfcost.trace.metrics import read_metrics

START = 1_767_261_600_000
"""2026-01-01T10:00:00Z."""


def written(folder: Path, text: str) -> Path:
    path = folder / "open.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "time,open\n1767261600,10\n1767261660.5,20.5\n",
        "Time;websocket_connections_active\n2026-01-01T10:00:00Z;10\n2026-01-01T10:01:00.500Z;20.5\n",
        '"Time","{instance=""a""}"\n1767261660500,20.5\n1767261600000,10\n',
    ],
)
def test_a_table_is_a_time_and_open_connections(tmp_path: Path, text: str) -> None:
    found = read_metrics(written(tmp_path, text))
    assert found.time_ms == (START, START + 60_500)
    assert found.open == (Fraction(10), Fraction(41, 2))
    assert (found.connects, found.messages) == (None, None)


def test_connects_and_messages_are_told_by_their_names(tmp_path: Path) -> None:
    text = "timestamp,open_connections,connects,messages_per_second\n1767261600,10,0.5,3\n1767261660,20,,4\n"
    found = read_metrics(written(tmp_path, text))
    assert found.connects == (Fraction(1, 2), Fraction(1, 2))
    assert found.messages == (Fraction(3), Fraction(4))


def test_series_of_several_servers_are_added_up(tmp_path: Path) -> None:
    def series(name: str, *values: str) -> dict[str, object]:
        pairs = [[START // 1000 + 60 * place, value] for place, value in enumerate(values)]
        return {"metric": {"__name__": name}, "values": pairs}

    result = [series("ws_open", "1", "2"), series("ws_open", "10", "20"), series("ws_messages_total", "5", "7")]
    document = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    found = read_metrics(written(tmp_path, json.dumps(document)))
    assert found.open == (Fraction(11), Fraction(22))
    assert found.messages == (Fraction(1, 30), Fraction(1, 30))


def query(*series: tuple[str, tuple[str, ...]]) -> str:
    result = [
        {"metric": {"__name__": name}, "values": [[START // 1000 + 60 * at, value] for at, value in enumerate(values)]}
        for name, values in series
    ]
    return json.dumps({"data": {"result": result}})


def test_counters_become_what_came_a_second(tmp_path: Path) -> None:
    """Of nginx's exporter: of the open ones some wait; accepted ones are counted, and handled ones again."""
    told = {
        "active": ("10", "12", "11"),
        "waiting": ("2", "3", "2"),
        "accepted": ("1000", "1060", "30"),
        "handled": ("9", "9", "9"),
    }
    text = query(*[(f"nginx_connections_{name}", values) for name, values in told.items()])
    found = read_metrics(written(tmp_path, text))
    assert found.open == (10, 12, 11)
    assert found.connects == (1, Fraction(1, 2), Fraction(1, 2))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("messages", 60),
        ("messages_per_second", 60),
        ("messages_per_minute", 1),
        ("msgs_per_min", 1),
        ("msgs/hour", Fraction(1, 60)),
    ],
)
def test_messages_of_other_periods_become_those_of_a_second(tmp_path: Path, column: str, value: Fraction) -> None:
    found = read_metrics(written(tmp_path, f"time,open,{column}\n1767261600,1,60\n1767261660,1,60\n"))
    assert found.messages is not None
    assert found.messages[0] == value


def test_columns_of_something_else_are_not_added(tmp_path: Path) -> None:
    rows = ("10:00:00,1,1024,9", "10:01:00,NaN,,", "10:02:00,3,,")
    head = "Date/Time,open,max_connections,NewConnectionCount"
    text = "\n".join([head, *(f"2026/01/01 {row}" for row in rows)]) + "\n"
    found = read_metrics(written(tmp_path, text))
    assert (found.time_ms, found.open, found.connects) == ((START, START + 120_000), (1, 3), None)
    assert found.notes == ("not read: 'max_connections', 'NewConnectionCount'",)


def test_samples_that_stand_twice_or_are_missing_are_told(tmp_path: Path) -> None:
    twice = read_metrics(written(tmp_path, "time,open\n1767261600,1\n1767261660,2\n1767261660,3\n"))
    assert (twice.open, twice.notes) == ((1, 5), ("1 rows of an instant before: added up",))
    missing = read_metrics(written(tmp_path, query(("ws_open", ("1", "2", "3")), ("ws_open", ("10", "NaN", "30")))))
    assert missing.open == (11, 2, 33)
    assert "1 samples that one series has and another lacks: it counts as 0 there" in missing.notes


def test_two_metrics_that_may_mean_the_same_are_refused(tmp_path: Path) -> None:
    text = query(("ws_open", ("1", "2")), ("ws_clients", ("1", "2")))
    with pytest.raises(TraceError, match="ws_clients and ws_open may mean the same: ask for one of them"):
        read_metrics(written(tmp_path, text))


def test_times_without_a_zone_are_of_the_zone_named(tmp_path: Path) -> None:
    path = written(tmp_path, "time,open\n2026-01-01 18:00:00,1\n2026-01-01 18:00:01,1\n")
    assert read_metrics(path, time_zone="Asia/Shanghai").time_ms[0] == START
    with pytest.raises(ConfigError, match="'Mars' is not a time zone"):
        read_metrics(path, time_zone="Mars")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("when,open\n1,2\n", TraceError, "no column 'time'"),
        ("time,a,b\n1,2,3\n", TraceError, "no column 'open'"),
        ("time,open\n1767261600,2\n", TraceError, "holds 1 samples"),
        (
            "time,open\n1767261600,2\n1767261660,-2\n",
            BadRowsError,
            r"open\.csv:3: open: '-2' is no number of 0 or more",
        ),
        ("time,open\n1767261600,2\nnoon,2\n", BadRowsError, r"open\.csv:3: time: 'noon' is no instant"),
        ('{"data": 1}', TraceError, "expected an answer of Prometheus to a range query"),
        ("", TraceError, "no column 'time'"),
        ("time,open\n600,1\n1767261600,2\n", TraceError, "its samples span 20,454 days: is an instant wrong"),
        ("[" * 9_000, TraceError, "expected an answer of Prometheus"),
        ('{"data": {"result": [[]]}}', TraceError, "expected an answer of Prometheus"),
        ("time,open\n1767261600,1e999999999\n1767261660,2\n", BadRowsError, r"open\.csv:2: open: '1e999999999' is no"),
        ('{"data": {"result": [{"values": [[1e999999999, "1"]]}]}}', BadRowsError, "series 1: .* is no instant"),
        (f"time,open\n1767261600,{'x' * 200_000}\n", TraceError, "field larger than field limit"),
    ],
)
def test_what_is_no_graph_is_refused(tmp_path: Path, text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_metrics(written(tmp_path, text))


@pytest.mark.parametrize(
    ("label", "values", "said"),
    [
        ("state", ("active", "reading", "waiting"), "not read: state=reading, state=waiting"),
        ("protocol", ("websocket", "http", "tcp"), "not read: protocol=http, protocol=tcp"),
    ],
)
def test_parts_of_a_metric_and_other_protocols_are_not_added_up(
    tmp_path: Path, label: str, values: tuple[str, ...], said: str
) -> None:
    """As ingress-nginx and Traefik label their open connections."""
    pairs = [[START // 1000, "10"], [START // 1000 + 60, "20"]]
    result = [{"metric": {"__name__": "open_connections", label: one}, "values": pairs} for one in values]
    found = read_metrics(written(tmp_path, json.dumps({"data": {"result": result}})))
    assert (found.open, found.notes) == ((Fraction(10), Fraction(20)), (said,))


def test_a_table_may_speak_chinese(tmp_path: Path) -> None:
    text = "时间,活跃连接数,新建连接数(个/分),最大连接数\n2026-01-01 10:00:00,10,60,99\n2026-01-01 10:01:00,20,120,99\n"
    found = read_metrics(written(tmp_path, text))
    assert (found.open, found.connects) == ((Fraction(10), Fraction(20)), (Fraction(1), Fraction(2)))


CLOUDWATCH = {"MetricDataResults": [{"Id": "m1", "Label": "ActiveConnectionCount", "Values": [20.0, 10.0], "Timestamps":
              ["2026-01-01T10:01:00+00:00", "2026-01-01T10:00:00+00:00"], "StatusCode": "Complete"}]}  # fmt: skip
STATISTICS = {"Label": "ActiveConnectionCount", "Datapoints": [
    {"Timestamp": "2026-01-01T10:01:00+00:00", "Sum": 20.0, "Unit": "Count"},
    {"Timestamp": "2026-01-01T10:00:00+00:00", "Sum": 10.0, "Unit": "Count"},
]}  # fmt: skip
MONITOR = {"Response": {"Period": 60, "MetricName": "ClientConnum", "RequestId": "1", "DataPoints": [
    {"Dimensions": [], "Timestamps": [START // 1000, START // 1000 + 60], "Values": [10, 20]},
]}}  # fmt: skip
"""Answers as the command lines of the clouds print them, with the keys of their references."""


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (CLOUDWATCH, "get-metric-data of CloudWatch, of ActiveConnectionCount"),
        ({"MetricDataResults": [*CLOUDWATCH["MetricDataResults"], {"Id": "$(x)", "Label": "b"}]}, "get-metric-data"),
        (STATISTICS, r"get-metric-statistics of CloudWatch, of ActiveConnectionCount \(Sum\)"),
        (MONITOR, "GetMonitorData of Tencent Cloud Monitor, of ClientConnum"),
        (MONITOR["Response"], "GetMonitorData of Tencent Cloud Monitor"),
    ],
)
def test_answers_of_clouds_are_refused_with_the_command_that_makes_a_table(
    tmp_path: Path, document: object, what: str
) -> None:
    path = written(tmp_path, json.dumps(document))
    with pytest.raises(TraceError, match=what) as refused:
        read_metrics(path)
    program = shlex.split(re.search(r"^ +python3 > open\.csv (.*)$", str(refused.value), re.MULTILINE)[1])  # type: ignore[index]
    made = subprocess.run([sys.executable, *program], capture_output=True, text=True, check=True).stdout
    found = read_metrics(written(tmp_path, made))
    assert (found.time_ms, found.open) == ((START, START + 60_000), (Fraction(10), Fraction(20)))
