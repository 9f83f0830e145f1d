"""Access log of Tencent Cloud CLB: its text, and its fields as CLS exports them.

References
----------
Fields and their order: cloud.tencent.com/document/product/214/35063, seen 2026-11-25. A line is written at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.json_fields import common_paths, find, objects
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.nginx import compile_format
from scfcost.trace.formats.nginx_json import json_log

_STRING = (
    "[$stgw_request_id] [$time_local] [$protocol_type] [$server_addr:$server_port] [$server_name] "
    "[$remote_addr:$remote_port] [$status] [$upstream_addr] [$upstream_status] [$proxy_host] [$request] "
    "[$request_length] [$bytes_sent] [$http_host] [$http_user_agent] [$http_referer] [$request_time] "
)
_PLAIN = compile_format(_STRING + "[$upstream_response_time]")
_SHAPES = {"stgw_request_id": r"[^\s\]]*", "time_local": r"\d\d/\w{3}/\d{4}:[^\]]+"}
"""What the first fields look like, so that no bracket of a prefix is taken for one of them."""


def _shaped(pattern: str) -> str:
    for name, shape in _SHAPES.items():
        before, _, after = pattern.partition(f"(?P<{name}>")
        pattern = f"{before}(?P<{name}>{shape}){after.partition(')')[2]}"
    return pattern


TEXT = replace(_PLAIN, pattern=_shaped(str(_PLAIN.pattern).removesuffix(r"\s*$")))
_NAMES = ("stgw_request_id", "vip_vpcid", "protocol_type")
"""Fields that only this balancer has."""


def _kinds(texts: Sequence[str]) -> list[Kind]:
    values = [one for one in objects(texts) if any(find(list(one), [name]) for name in _NAMES)]
    log = json_log(values) if find(common_paths(values), _NAMES) else None
    return [kind_of(TEXT, "tencent-clb"), *([] if log is None else [kind_of(log, "tencent-clb")])]


FORMAT = Format(
    name="tencent-clb",
    title="access log of Tencent Cloud CLB, its text or its fields as CLS exports them",
    kinds=_kinds,
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="turn on access logs of the balancer to a CLS topic, and export the topic as JSON or CSV, or as raw lines",
    convert=no_line,
)
