"""Answers of CloudWatch and of Tencent Cloud Monitor that hold a graph: the command that makes a table of each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from scfcost.core.guard import parse_json

_DATA, _STATISTICS, _MONITOR = "MetricDataResults", "Datapoints", "DataPoints"
_KINDS = ("Average", "Maximum", "Sum", "Minimum", "SampleCount")
"""Statistics of CloudWatch, that of open connections first."""
_PROGRAM = "print('time,open', *({rows}), sep=chr(10))"
"""One expression, so that a terminal may break it at any space."""
_PAIRS = "f'{{t}},{{v}}' for p in {points}{only} for t, v in zip(p['Timestamps'], p['Values'])"
_POINTS = "__import__('json').load(open({name!r})){inner}[{key!r}]"
_IN_QUOTES = re.compile(r'[^"$`!\\]*')
"""What a shell leaves as it is between double quotes."""
_PERIOD = (
    "A Sum of CloudWatch is of its whole period: ask for --period 60 where a sample a minute is summed up, "
    "as ActiveConnectionCount of a load balancer is"
)


def way_of(name: str, text: str) -> str:
    """Return what to do with an answer of one of these, the command that makes a table of it; "" where it is none.

    Parameters
    ----------
    name : str
        Name of the file.
    text : str
        What it holds.

    Examples
    --------
    >>> way_of("a.json", '{"data": 1}')
    ''
    """
    try:
        found = parse_json(text)
    except ValueError:
        return ""
    if not isinstance(found, dict):
        return ""
    inner = found.get("Response", found)
    if not isinstance(inner, dict):
        return ""
    return _of_cloudwatch(name, found) or _of_monitor(name, inner, "['Response']" if "Response" in found else "")


def _of_cloudwatch(name: str, found: Mapping[str, Any]) -> str:
    if results := _objects(found.get(_DATA)):
        labels = {str(one.get("Id", "")): str(one.get("Label", "")) for one in results}
        first = next(iter(labels))
        only = f" if p['Id'] == {first!r}" if len(labels) > 1 else ""
        rows = _PAIRS.format(points=_POINTS.format(name=name, inner="", key=_DATA), only=only)
        shown = ", ".join(f"{label} (Id {identity})" for identity, label in labels.items())
        return _way("get-metric-data of CloudWatch", shown, rows, _PERIOD)
    if samples := _objects(found.get(_STATISTICS)):
        kind = next((one for one in _KINDS if one in samples[0]), _KINDS[0])
        points = _POINTS.format(name=name, inner="", key=_STATISTICS)
        rows = f"str(p['Timestamp']) + ',' + str(p[{kind!r}]) for p in {points}"
        shown = f"{found.get('Label', 'a metric')} ({kind})"
        return _way("get-metric-statistics of CloudWatch", shown, rows, _PERIOD)
    return ""


def _of_monitor(name: str, found: Mapping[str, Any], inner: str) -> str:
    if not _objects(found.get(_MONITOR)):
        return ""
    rows = _PAIRS.format(points=_POINTS.format(name=name, inner=inner, key=_MONITOR), only="")
    shown = str(found.get("MetricName", "a metric"))
    return _way("GetMonitorData of Tencent Cloud Monitor", shown, rows, "Rows of one instant are added up")


def _objects(value: Any) -> list[Mapping[str, Any]]:
    """Return a list of objects of JSON; an empty one where a value is none."""
    listed = value if isinstance(value, list) else []
    return listed if all(isinstance(one, dict) for one in listed) else []


def _way(what: str, shown: str, rows: str, more: str) -> str:
    program = _PROGRAM.format(rows=rows)
    argument = f'"{program}"' if _IN_QUOTES.fullmatch(program) else shlex.quote(program)
    return (
        f"is an answer to {what}, of {shown}. Where that counts open connections, make a table of it, and give it "
        f"to --metrics:\n    python3 > open.csv -c {argument}\n{more}"
    )
