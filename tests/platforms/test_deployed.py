"""Settings out of what is deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scfcost.core.errors import ConfigError
from scfcost.platforms.deployed import Deployed, deployed_functions

GET_FUNCTION = {
    "FunctionName": "chat", "MemorySize": 256, "Timeout": 900, "InitTimeout": 65, "Type": "HTTP", "ProtocolType": "WS",
    "ProtocolParams": {"WSParams": {"IdleTimeOut": 120}},
    "InstanceConcurrencyConfig": {"DynamicEnabled": "FALSE", "MaxConcurrency": 20},
}  # fmt: skip
CHAT = {
    "memory": 256, "exec_timeout": 900, "init_timeout": 65, "idle_timeout": 120, "max_concurrency": 20,
    "function_type": "web-ws",
}  # fmt: skip


def read(folder: Path, document: Any, name: str = "function.json") -> list[Deployed]:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return deployed_functions(path)


@pytest.mark.parametrize("wrap", [lambda answer: answer, lambda answer: {"Response": answer}])
def test_the_answer_of_get_function_tells_every_setting(wrap: Any, tmp_path: Path) -> None:
    assert read(tmp_path, wrap(GET_FUNCTION)) == [Deployed("chat", CHAT, is_full_name=True)]


def test_a_terraform_plan_is_read_through_its_modules(tmp_path: Path) -> None:
    def function(name: str, memory: int) -> dict[str, Any]:
        values = {"name": name, "mem_size": memory, "timeout": 60, "func_type": "Event"}
        return {"type": "tencentcloud_scf_function", "name": "f", "values": values}

    other = {"type": "tencentcloud_vpc", "values": {}}
    root = {"resources": [other, function("a", 128)], "child_modules": [{"resources": [function("b", 512)]}]}
    found = read(tmp_path, {"planned_values": {"root_module": root}})
    assert [(one.name, one.settings["memory"], one.settings["function_type"]) for one in found] == [
        ("a", 128, "event"),
        ("b", 512, "event"),
    ]


def test_a_component_of_serverless_is_read(tmp_path: Path) -> None:
    text = "component: scf\nname: demo\ninputs:\n  name: chat\n  type: web\n  memorySize: 512\n  timeout: 60\n"
    assert read(tmp_path, text, "serverless.yml") == [
        Deployed("chat", {"memory": 512, "exec_timeout": 60, "function_type": "web-ws"}, is_full_name=True)
    ]


def test_functions_of_serverless_share_the_providers_settings(tmp_path: Path) -> None:
    text = "provider:\n  name: tencent\n  memorySize: 256\nfunctions:\n  a: {timeout: 30}\n  b: {memorySize: 64}\n"
    found = read(tmp_path, text, "serverless.yml")
    assert [one.settings for one in found] == [{"memory": 256, "exec_timeout": 30}, {"memory": 64}]
    assert not any(one.is_full_name for one in found)  # the tool deploys them under names with its service and stage


def test_cloudbase_functions_are_read(tmp_path: Path) -> None:
    document = {"envId": "e", "functions": [{"name": "chat", "timeout": 60, "memorySize": 256, "type": "HTTP"}]}
    assert read(tmp_path, document, "cloudbaserc.json") == [
        Deployed("chat", {"memory": 256, "exec_timeout": 60, "function_type": "web-ws"}, is_full_name=True)
    ]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "a: [", "{}", "null", '{"MemorySize": "many"}', '{"MemorySize": true}', '{"MemorySize": 1e400}',
     '{"planned_values": []}', "provider: {name: aws}\nfunctions: {a: {}}", '{"functions": 3}', "[" * 100_000],
)  # fmt: skip
def test_what_holds_no_function_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"function\.json") as refused:
        read(tmp_path, text)
    assert "\n" not in str(refused.value)


BOMB = "a0: &a0 [x, x, x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{BOMB}component: *a39\n", "more than 100,000 values"),
        ("planned_values: {root_module: &m {child_modules: [*m]}}\n", "more than 100,000 values"),
        ("a: !!timestamp soon\n", "cannot be read as JSON or YAML"),
        ("a: !!int ''\n", "cannot be read as JSON or YAML"),
        ("a: 2020-99-99\n", "month must be in"),
        ("[" * 5_000, "more than 200 brackets stand in one another"),
        ("a: !!python/object/apply:os.system ['touch pwned']\n", "could not determine a constructor"),
        (f"component: scf\ninputs: {{memorySize: 0x{'f' * 9_000}}}\n", "memorySize: expected a whole number from 0 to"),
        (f"component: scf\ninputs: {{memorySize: '{'9' * 9_000}'}}\n", "is not a whole number"),
        ("component: scf\ninputs: {memorySize: .nan}\n", "memorySize: nan is not a whole number"),
    ],
    ids=range(10),
)
def test_a_document_made_to_do_harm_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "s.yml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        deployed_functions(tmp_path / "s.yml")
    assert [one.name for one in tmp_path.iterdir()] == ["s.yml"]
