"""Where the bytes of messages are missing nothing is chosen by a part of its cost; what sends the same is compared."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from scfcost.analysis.compare.alone import estimate_on
from scfcost.analysis.compare.elsewhere import Bar, elsewhere
from scfcost.analysis.compare.swept import PlatformAxes, sweep_on
from scfcost.analysis.compare.table import compare_platforms
from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.sweep.constraints import Constraints
from scfcost.analysis.sweep.recommend import recommend
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from tests.trace.files import event, write_rows

CONFIG = FunctionConfig(reconnect="on-demand")
START = 1_790_784_000


def pushed(path: Path, size: int | None, life_s: int = 400) -> Trace:
    """Make sixty clients that ask once and are told something later, whose bytes may be unknown."""
    rows = []
    for k in range(60):
        start = START + 20 * k
        told = {} if size is None else {"bytes": size}
        rows += [
            event(f"c{k}", start, "connect"),
            event(f"c{k}", start + 5, "message", direction="up", bytes=10),
            event(f"c{k}", start + life_s // 2, "message", direction="down", **told),
            event(f"c{k}", start + life_s, "close", close_code=1000, closed_by="client"),
        ]
    return read_trace(write_rows(path / "events.csv", rows))


def test_what_delivers_everything_sends_the_same_and_is_compared(tmp_path: Path) -> None:
    known, found = (recommend(pushed(tmp_path, size), CONFIG) for size in (20_000, None))
    assert [one.what for one in found.not_known] == ["bytes"] and not known.not_known
    assert found.chosen is not None and known.balanced is not None and known.cheapest is not None
    assert found.cheapest == found.balanced == found.safest  # the cheapest of them all loses messages
    assert known.cheapest["messages_lost"] + known.cheapest["pushes_missed"] > 0
    same = ("idle_timeout_s", "exec_timeout_s", "pushes_missed")
    assert [found.chosen[name] for name in same] == [known.balanced[name] for name in same]
    assert "deliver everything, so that their traffic is the same whatever its bytes" in found.reasons[0]
    assert len(found.frontier) == 0 < len(known.frontier)


def test_settings_that_deliver_everything_send_the_same(tmp_path: Path) -> None:
    frame = recommend(pushed(tmp_path, 20_000), CONFIG).sweep.frame
    whole = frame[frame["messages_lost"] + frame["pushes_missed"] == 0]
    assert len(whole) > 100 and set(whole["egress_bytes"]) == {60 * 20_000} != set(frame["egress_bytes"])


def test_a_budget_is_not_judged_by_a_part_and_is_broken_by_one(tmp_path: Path) -> None:
    trace = pushed(tmp_path, None)
    open_, broken = (recommend(trace, CONFIG, Constraints(budget=amount)) for amount in (5_000, 1))
    assert (open_.answers, open_.nearest, open_.levers) == (False, None, ())
    assert open_.reasons[0].startswith("--budget cannot be judged")
    assert repr(open_).startswith("<Recommendation: No setting is put forward: the bytes of messages to clients are")
    assert broken.nearest is not None


def test_where_nothing_delivers_everything_the_safest_alone_is_known(tmp_path: Path) -> None:
    trace = pushed(tmp_path, None, life_s=4_000)
    safest, balanced = (recommend(trace, CONFIG, strategy=one) for one in ("safest", "balanced"))
    assert (safest.chosen, balanced.chosen) == (safest.safest, None)
    assert (safest.cheapest, safest.balanced, balanced.safest) == (None, None, safest.safest)
    assert "which settings are cheaper is not known" in balanced.reasons[0]
    assert "--strategy safest" in repr(balanced)


def test_bytes_do_not_matter_where_traffic_is_free(tmp_path: Path) -> None:
    found = recommend(pushed(tmp_path, None), CONFIG, pricing=Pricing(traffic_price=Decimal(0)))
    assert found.not_known == () and found.cheapest != found.safest


def test_a_month_that_hangs_on_bytes_is_a_part_on_every_platform(tmp_path: Path) -> None:
    trace = pushed(tmp_path, None)
    table = compare_platforms([("as set", estimate(trace, CONFIG))])
    parts = {row.name for row in table.rows if not row.complete}
    assert {"tencent-scf-cn-as-set", "aws-iot-core", "azure-signalr"} <= parts
    assert parts == {row.name for row in table.rows if row.hangs_on_bytes} | {"tencent-scf-cn-as-set"}
    lines = {row.name: {line.item for line in row.lines} for row in table.rows}
    assert {"google-cloud-run", "huawei-functiongraph", "alibaba-fc", "vercel-functions"} <= parts  # traffic is no line
    assert "egress" not in lines["google-cloud-run"] and "egress" not in lines["huawei-functiongraph"]
    assert {"cloudflare-do", "cloudflare-do-hibernating"} == set(lines) - parts  # whose traffic is free
    assert "bytes_unknown" in [one.code for one in table.warnings]


def test_a_platform_alone_is_a_part_and_no_cheaper_one_where_bytes_are_missing(tmp_path: Path) -> None:
    known, untold = (pushed(tmp_path, size) for size in (100, None))
    alone = [estimate_on(trace, Pricing(catalog="google-cloud-run"), CONFIG).rows[0] for trace in (known, untold)]
    assert [(row.complete, row.high is None) for row in alone] == [(True, False), (False, True)]
    bar = Bar(Decimal(10**6), "CNY", Fraction(1), {"USD": Decimal("7.1")})
    found = [elsewhere(trace, CONFIG, bar) for trace in (known, untold)]
    assert [one and one.row.name.removesuffix("-hibernating") for one in found] == ["aws-apigateway", "cloudflare-do"]


def test_months_of_a_sweep_on_a_platform_are_parts_where_bytes_are_missing(tmp_path: Path) -> None:
    axes = PlatformAxes(life_s=[300, 900])
    for size, lacking in ((100, ()), (None, ("bytes",))):
        found = sweep_on(pushed(tmp_path, size), axes, Pricing(catalog="google-cloud-run"), CONFIG)
        assert tuple(one.what for one in found.not_known) == lacking
        assert found.frame["monthly_most"].isna().all() == (size is None)
    free = sweep_on(pushed(tmp_path, None), PlatformAxes(), Pricing(catalog="cloudflare-do"), CONFIG)
    assert free.not_known == ()
