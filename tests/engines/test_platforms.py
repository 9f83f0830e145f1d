"""A platform on the same trace gives the same report, to the last digit, as a whole, in parts, and on a cluster."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scfcost.analysis.compare.alone import OnPlatform, estimate_on
from scfcost.analysis.compare.in_parts import compare_platforms as compare_in_parts
from scfcost.analysis.compare.in_parts import estimate_on as estimate_in_parts
from scfcost.analysis.compare.in_parts import sweep_on as sweep_in_parts
from scfcost.analysis.compare.swept import PlatformAxes, sweep_on
from scfcost.analysis.compare.table import Asked, compare_platforms
from scfcost.analysis.estimate.estimate import estimate
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.engines.dask import execute as on_cluster
from scfcost.trace.read import read_trace
from tests.engines.files import rows, written
from tests.engines.test_identical import job, plan, without_sources

CLIENTS = FunctionConfig(reconnect="immediate", max_concurrency=5)
SETTINGS = {
    "alibaba-fc": CLIENTS,
    "azure-web-pubsub": CLIENTS.replace(heartbeat_s=60),
    "cloudflare-do": FunctionConfig(),
    "google-cloud-run": CLIENTS.replace(provisioned="2, 4@09:00-18:00"),
}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("forms")
    table = rows(text_ids=True, functions=True)
    return written(table, folder / "one", 1), written(table, folder / "seven", 7, shuffled=True)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_platform_in_parts_is_that_of_the_whole(forms: tuple[str, str], tmp_path: Path, name: str) -> None:
    asked = OnPlatform(Pricing(catalog=name), SETTINGS[name], {"push": SETTINGS[name].replace(memory_mb=512)})
    whole = estimate_on(read_trace(forms[0]), asked.pricing, asked.function, functions=asked.functions)
    found = estimate_in_parts(plan(forms[1], tmp_path, 5), asked)
    assert without_sources(found.to_dict()) == without_sources(whole.to_dict())


def test_a_platform_on_a_cluster_is_that_of_the_whole(forms: tuple[str, str], tmp_path: Path) -> None:
    asked = OnPlatform(Pricing(catalog="cloudflare-do"), CLIENTS)
    whole = estimate_on(read_trace(forms[0]), asked.pricing, CLIENTS)
    found = estimate_in_parts(plan(forms[1], tmp_path, 3), asked, engine=on_cluster, workers=1)
    assert without_sources(found.to_dict()) == without_sources(whole.to_dict())


def test_what_is_no_web_socket_is_refused_in_parts(forms: tuple[str, str], tmp_path: Path) -> None:
    asked = OnPlatform(Pricing(catalog="cloudflare-do"), FunctionConfig(function_type="event"))
    with pytest.raises(ConfigError, match="estimated for WebSockets"):
        estimate_in_parts(plan(forms[1], tmp_path, 3), asked)


def test_a_grid_on_a_platform_in_parts_is_that_of_the_whole(forms: tuple[str, str], tmp_path: Path) -> None:
    axes = PlatformAxes(life_s=[60, 3600], memory_mb=[128, 512], max_concurrency=[1, 5])
    pricing = Pricing(catalog="google-cloud-run")
    whole = sweep_on(read_trace(forms[0]), axes, pricing, CLIENTS)
    found = sweep_in_parts(plan(forms[1], tmp_path, 3), axes, pricing, CLIENTS)
    assert found.frame.equals(whole.frame)
    assert (found.sessions, found.natural_hours, found.not_known) == (
        whole.sessions,
        whole.natural_hours,
        whole.not_known,
    )


def test_the_table_of_platforms_in_parts_is_that_of_the_whole(forms: tuple[str, str], tmp_path: Path) -> None:
    config = FunctionConfig(reconnect="on-demand")
    asked = Asked(("aws-apigateway", "cloudflare-do", "tencent-scf-intl"), ("fly-256mb",), {"USD": Decimal("7.1")})
    whole = compare_platforms([("as set", estimate(read_trace(forms[0]), config))], asked).to_dict()
    found = compare_in_parts(plan(forms[1], tmp_path, 3), replace(job(config), compares=False), asked).to_dict()
    assert found["warnings"].pop()["code"] == "as_set_only"
    assert found == whole
