"""A vendor's bill as CSV, under every name its columns go by."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from scfcost.analysis.reconcile.bill_file import BilledLine, BillFile, read_bill
from scfcost.core.errors import ResultError

DAY = 1_793_750_400_000  # 2026-11-04 00:00 UTC, 08:00 in Shanghai


def read(path: Path, text: str, encoding: str = "utf-8") -> BillFile:
    path.write_text(text, encoding=encoding)
    return read_bill(path, "CNY", period_ms=(DAY, DAY + 3_600_000), time_zone="Asia/Shanghai")


CHINESE = """产品名称,组件类型,组件名称,组件单价,组件用量,组件用量单位,优惠后总价(元),开始使用时间,结束使用时间,币种
云函数,资源使用,资源使用费用,0.00011108,1000,GBs,0.11,2026-11-04 08:00:00,2026-11-04 08:59:59,人民币
云函数,资源使用,资源使用费用,0.00011108,500,GBs,0.06,2026-11-04 08:00:00,2026-11-04 09:00:00,人民币
云函数,资源使用,资源使用费用,0.00011108,500,GBs,0.06,2026-11-04 09:00:00,2026-11-04 10:00:00,人民币
云函数,调用,Web 函数调用次数费用,0.0133,20000,次,0.03,2026-11-04 08:00:00,2026-11-04 08:59:59,人民币
云函数,流量,Web 函数响应流量费用,0.80,512,MB,0.40,2026-11-04 08:00:00,2026-11-04 08:59:59,人民币
云函数,日志,未知费用,1,1,个,0.01,2026-11-04 08:00:00,2026-11-04 08:59:59,人民币
对象存储,存储,标准存储,1,1,GB,9.00,2026-11-04 08:00:00,2026-11-04 08:59:59,人民币
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_chinese_export_is_summed_by_line(tmp_path: Path, encoding: str) -> None:
    bill = read(tmp_path / "bill.csv", CHINESE, encoding)
    assert bill.lines["resource"] == BilledLine(Fraction(1500), Fraction("0.00011108"), Fraction("0.17"))
    assert bill.lines["invocations"].quantity == 2
    assert bill.lines["egress"].quantity == Fraction(1, 2)
    assert (bill.outside, bill.other_products, bill.unknown_items) == (1, 1, ("未知费用",))


def test_an_english_export_has_its_own_names(tmp_path: Path) -> None:
    header = (
        "ProductName,Component Name,Component List Price,Component Usage,Total Amount After Discount (Excluding Tax)"
    )
    bill = read(tmp_path / "bill.csv", f"{header}\nServerless Cloud Function,Resource usage,0.0001,100,0.01\n")
    assert bill.lines == {"resource": BilledLine(Fraction(100), Fraction("0.0001"), Fraction("0.01"), has_unit=False)}


def test_the_fields_of_the_interface_tell_what_was_deducted(tmp_path: Path) -> None:
    text = "BusinessCodeName,ItemCodeName,RealTotalMeasure,UsedAmount,RealCost\n云函数 SCF,调用次数费用,5,3,0.04\n"
    assert read(tmp_path / "bill.csv", text).lines["invocations"].quantity == 5


def test_a_plain_bill_needs_three_columns(tmp_path: Path) -> None:
    text = 'item,quantity,amount\nresource,"1,000.5",0.11\nprovisioned_idle,1,0.01\nplan,,9.90\negress,,1.00\n'
    lines = read(tmp_path / "bill.csv", text).lines
    assert lines["resource"].quantity == Fraction("1000.5")
    assert lines["plan"].amount == Fraction("9.90")
    assert lines["egress"].quantity is None
    assert list(lines) == ["resource", "provisioned_idle", "plan", "egress"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column for the item: expected item,quantity,amount"),
        ("item,quantty,amount\n", "no column for the quantity: .* did you mean 'quantty'"),
        ("item,quantity,amount\nresource,1,a lot\n", r"bill.csv:2: amount: 'a lot' is not a number"),
        ("item,quantity,amount\nresource,1e999999999,1\n", r"bill.csv:2: quantity: '1e999999999' is not a number"),
        (f"item,quantity,amount\nresource,1,{'x' * 200_000}\n", r"bill.csv: cannot be read as a bill: field larger"),
        ("item,quantity,unit,amount\nresource,1,GBx,1\n", r"bill.csv:2: unit: 'GBx' of resource is not known"),
        ("item,quantity,amount,currency\nresource,1,1,USD\n", "the bill is in USD, the price book in CNY"),
        ("item,quantity,amount,begin\nresource,1,1,noon\n", r"bill.csv:2: 'noon' is not a time such as"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ResultError, match=message):
        read(tmp_path / "bill.csv", text)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_bytes(b"\xff\xff\xff")
    with pytest.raises(ResultError, match="neither UTF-8 nor GB 18030"):
        read_bill(tmp_path / "bill.csv", "CNY", period_ms=(0, 1), time_zone="UTC")
    with pytest.raises(ResultError, match="cannot be read"):
        read_bill(tmp_path / "none.csv", "CNY", period_ms=(0, 1), time_zone="UTC")


@pytest.mark.parametrize(
    ("price", "unit", "price_unit", "expected"),
    [
        ("0.0133", "次", "元/万次", Fraction("0.0133")),
        ("0.00000133", "次", "元/次", Fraction("0.0133")),
        ("0.0133", "万次", "", Fraction("0.0133")),
        ("0.0133", "次", "", None),
        ("0.0133", "次", "元/个", None),
    ],
)
def test_a_price_is_read_only_where_it_is_told_what_it_is_for(
    tmp_path: Path, price: str, unit: str, price_unit: str, expected: Fraction | None
) -> None:
    text = f"item,quantity,unit,unit_price,price_unit,amount\ncalls,20000,{unit},{price},{price_unit},0.03\n"
    assert read(tmp_path / "bill.csv", text).lines["invocations"].price == expected


@pytest.mark.parametrize(
    ("item", "unit", "size"),
    [
        *(("calls", unit, Fraction(1, 10_000)) for unit in ("次", "calls", "Call", "requests")),
        *(("calls", unit, Fraction(1, 10)) for unit in ("千次", "1,000 calls", "thousand calls", "k calls", "千")),
        *(("calls", unit, Fraction(1)) for unit in ("万次", "10,000 calls", "10k", "10k requests")),
        *(("calls", unit, Fraction(100)) for unit in ("百万次", "million calls", "1M requests")),
        *(("resource", unit, Fraction(1)) for unit in ("GBs", "GB-s", "GB*s", "GB·秒", "GB-second", "GB seconds")),
        *(("resource", unit, Fraction(1_000)) for unit in ("千GBs", "1,000 GBs", "thousand GB-s", "kGBs")),
        *(("resource", unit, Fraction(10_000)) for unit in ("万GBs", "万 GB-秒", "10k GBs")),
        *(("resource", unit, Fraction(1, 1_024)) for unit in ("MBs", "MB·s", "MB秒")),
        *(("resource", unit, Fraction(1, 1_024_000)) for unit in ("MBms", "MB·ms", "MB*毫秒", "MB-ms")),
        ("resource", "GB-hours", Fraction(3_600)), ("egress", "TB", Fraction(1_024)), ("egress", "GiB", Fraction(1)),
        ("egress", "Bytes", Fraction(1, 1_024**3)), ("provisioned_idle", "千GBs", Fraction(1_000)),
    ],
)  # fmt: skip
def test_a_unit_is_known_in_all_its_spellings(tmp_path: Path, item: str, unit: str, size: Fraction) -> None:
    lines = read(tmp_path / "bill.csv", f'item,quantity,unit,amount\n{item},7,"{unit}",1\n').lines
    assert [(line.quantity, line.has_unit) for line in lines.values()] == [(7 * size, True)]


def test_a_unit_in_the_title_of_the_column_counts(tmp_path: Path) -> None:
    lines = read(tmp_path / "bill.csv", "item,quantity (千GBs),amount\nresource,2,1\ncalls,3,1\n").lines
    assert (lines["resource"].quantity, lines["resource"].has_unit) == (2_000, True)
    assert (lines["invocations"].quantity, lines["invocations"].has_unit) == (3, False)


@pytest.mark.parametrize("unit", ["s", "秒", "seconds"])
def test_the_time_of_instances_waits_for_the_log(tmp_path: Path, unit: str) -> None:
    text = f"item,quantity,unit,amount\nresource,7,{unit},1\nresource,1,{unit},1\n"
    line = read(tmp_path / "bill.csv", text).lines["resource"]
    assert (line.quantity, line.in_seconds) == (8, True)
    mixed = read(tmp_path / "bill.csv", f"{text}resource,1,GBs,1\n").lines["resource"]
    assert mixed.quantity is None
