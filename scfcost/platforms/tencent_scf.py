"""Settings in the form that the vendor's own tools take."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from scfcost.config.function import FunctionConfig

NOT_EXPRESSED = (
    "Terraform's tencentcloud_scf_function and serverless.yml had no key for the idle timeout or the protocol in the "
    "versions read (2026-05): set them with the API or tccli"
)
"""What other tools cannot say of these settings."""


FUNCTION = "FUNCTION"
"""What stands for the name of a function that is not known."""


def api_request(config: FunctionConfig, name: str = FUNCTION) -> dict[str, Any]:
    """Return the settings as the request of the vendor's UpdateFunctionConfiguration.

    The idle timeout is spelled `IdleTimeOut` there; whole seconds only.

    Parameters
    ----------
    name : str
        The function.
    config : FunctionConfig
        Its settings.
    """
    request: dict[str, Any] = {
        "FunctionName": name,
        "MemorySize": config.memory_mb,
        "Timeout": _whole_seconds(config.exec_timeout_s),
        "InitTimeout": _whole_seconds(config.init_timeout_s),
    }
    if config.function_type == "web-ws":  # requests and events have no idle timeout
        request["ProtocolParams"] = {"WSParams": {"IdleTimeOut": _whole_seconds(config.idle_timeout_s)}}
    if config.max_concurrency > 1:
        request["InstanceConcurrencyConfig"] = {"DynamicEnabled": "FALSE", "MaxConcurrency": config.max_concurrency}
    return request


def tccli_command(config: FunctionConfig, name: str = FUNCTION, region: str | None = None) -> str:
    """Return the settings as a command of the vendor's command line, one line for a shell.

    Parameters
    ----------
    config : FunctionConfig
        Its settings.
    name : str
        The function.
    region : str, optional
        Where the function is; the one that the command line is configured for otherwise.
    """
    words = ["tccli", "scf", "UpdateFunctionConfiguration", "--cli-unfold-argument"]
    for key, value in _flat(api_request(config, name)):
        words += [f"--{key}", str(value)]
    return shlex.join([*words, *(["--region", region] if region else [])])


def _flat(node: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs = []
    for key, value in node.items():
        pairs += _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else [(f"{prefix}{key}", value)]
    return pairs


def _whole_seconds(seconds: float) -> int:
    return -int(-seconds // 1)
