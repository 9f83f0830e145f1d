"""The command to deploy: one line that a shell takes apart into what the vendor's request holds."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from scfcost.config.function import FunctionConfig
from scfcost.platforms.tencent_scf import api_request, tccli_command

SETTINGS = {
    "web": FunctionConfig(memory_mb=256, idle_timeout_s=30, exec_timeout_s=900),
    "shared": FunctionConfig(idle_timeout_s=10.5, exec_timeout_s=60, max_concurrency=20),
    "event": FunctionConfig(function_type="event", exec_timeout_s=3600),
}


def request_of(words: list[str]) -> dict[str, Any]:
    """Put flags with dots together as the vendor's command line does with --cli-unfold-argument."""
    request: dict[str, Any] = {}
    for flag, value in zip(words[::2], words[1::2], strict=True):
        *path, last = flag.removeprefix("--").split(".")
        node = request
        for step in path:
            node = node.setdefault(step, {})
        node[last] = int(value) if value.isdigit() else value
    return request


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("name", ["FUNCTION", "chat room; $(id) 'x'"])
def test_the_line_holds_the_request(settings: FunctionConfig, name: str) -> None:
    words = shlex.split(tccli_command(settings, name))
    assert words[:4] == ["tccli", "scf", "UpdateFunctionConfiguration", "--cli-unfold-argument"]
    assert request_of(words[4:]) == api_request(settings, name)
    json.dumps(api_request(settings, name))


def test_a_region_that_was_stated_is_where_it_is_deployed() -> None:
    assert tccli_command(SETTINGS["web"], region="ap-shanghai").endswith(" --region ap-shanghai")
    assert "--region" not in tccli_command(SETTINGS["web"])
