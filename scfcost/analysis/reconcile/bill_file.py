"""A vendor's bill as a CSV file, summed to the lines that scfcost knows.

Columns are known by the names of scfcost (`item, quantity, amount`), by those of Tencent Cloud's bill details as
exported in Chinese or English, and by the fields of its billing interface.

References
----------
Names and meaning of the columns: tencentcloud.com/document/product/1085/48350 (2025-01-20) and 555/37506; fields of
DescribeBillDetail in the software kit for billing 3.1.177.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from scfcost.analysis.reconcile.units import KNOWN, seconds_of, size_of
from scfcost.billing.meters import METERS
from scfcost.core.errors import ResultError, nearest
from scfcost.core.files import bytes_of
from scfcost.core.guard import taking_apart
from scfcost.core.units import MS_PER_HOUR, MS_PER_SECOND, read_number

COLUMNS: dict[str, tuple[str, ...]] = {
    "item": ("item", "组件名称", "component name", "componentname", "itemcodename"),
    "type": ("组件类型", "component type", "componenttype", "componentcodename"),
    "quantity": ("quantity", "原始用量/时长", "组件原始用量", "raw usage/duration", "realtotalmeasure"),
    "charged": ("组件用量", "component usage", "componentusage", "usedamount"),
    "unit": ("unit", "组件用量单位", "component usage unit", "componentusageunit", "usedamountunit"),
    "price": (
        *("unit_price", "组件单价", "component contracted price", "contractprice"),
        *("组件刊例价", "component list price", "componentlistprice", "singleprice"),
    ),
    "price_unit": (
        *("price_unit", "组件价格单位", "价格单位", "component price measurement unit"),
        *("componentpricemeasurementunit", "singlepriceunit", "priceunit"),
    ),
    "amount": ("amount", "优惠后总价", "total amount after discount", "realcost", "totalcost"),
    "begin": ("begin", "开始使用时间", "使用开始时间", "usage start time", "usagestarttime", "feebegintime"),
    "end": ("end", "结束使用时间", "使用结束时间", "usage end time", "usageendtime", "feeendtime"),
    "product": ("product", "产品名称", "product name", "productname", "businesscodename"),
    "currency": ("currency", "币种"),
}
"""Columns that are read, each with its names, the first of which wins where several are there."""
_RARER, _COMMON = METERS[2:], METERS[:2]
ITEMS: dict[str, str] = {
    **{meter.name: meter.pattern for meter in reversed(_RARER) if meter.pattern},
    "plan": r"套餐|资源包|package|\bplan\b",
    **{meter.name: meter.pattern for meter in reversed(_COMMON)},
}
"""Lines of a bill and how the vendor's components of each are known, tried in this order."""
_OF_MEMORY = ("resource", "provisioned_idle")
"""Lines that are counted in memory over time."""
_OF_SCF = re.compile(r"云函数|scf|serverless cloud function|cloud function", re.IGNORECASE)
_EXPECTED = (
    "expected item,quantity,amount or the columns of Tencent Cloud's bill details (组件名称, 组件用量, 优惠后总价)"
)


@dataclass(frozen=True, slots=True)
class BilledLine:
    """What a bill says of one line."""

    quantity: Fraction | None = Fraction(0)
    """What was used, before any deduction, in the unit of the line; None where a row does not say."""
    price: Fraction | None = None
    """Price of a unit, where all rows have the same; else None. [currency]"""
    amount: Fraction = Fraction(0)
    """What was charged. [currency]"""
    has_unit: bool = True
    """Whether all rows say what their quantity is counted in; where not, it is taken as what is priced."""
    in_seconds: bool = False
    """Whether the quantity is the time of running instances, of whatever memory: the log tells of which. [s]"""

    def __add__(self, other: BilledLine) -> BilledLine:
        known = self.quantity is not None and other.quantity is not None and self.in_seconds == other.in_seconds
        return BilledLine(
            self.quantity + other.quantity if known else None,  # type: ignore[operator]
            self.price if self.price == other.price else None,
            self.amount + other.amount,
            self.has_unit and other.has_unit,
            self.in_seconds and other.in_seconds,
        )


@dataclass(frozen=True, slots=True)
class BillFile:
    """The lines of a bill, and what was left out."""

    name: str
    lines: Mapping[str, BilledLine]
    outside: int = 0
    """Rows of other times. [1]"""
    other_products: int = 0
    """Rows of other products. [1]"""
    unknown_items: tuple[str, ...] = ()
    """Components of the function service that are no line that scfcost knows."""


def read_bill(path: Path, currency: str, *, period_ms: tuple[int, int], time_zone: str) -> BillFile:
    """Read a bill and sum its rows by line.

    Parameters
    ----------
    path : Path
        A CSV file with a header.
    currency : str
        The currency that amounts are compared in.
    period_ms : tuple of int
        Rows with times are taken where they lie in the clock hours of this period. [ms]
    time_zone : str
        Zone of the times in the file.

    Raises
    ------
    ResultError
        If the file cannot be read, lacks a column, holds a value that is no number, or is in another currency.
    """
    with taking_apart(str(path), "a bill", ResultError):
        rows = list(_rows(path))
    hours = period_ms[0] // MS_PER_HOUR * MS_PER_HOUR, -(-period_ms[1] // MS_PER_HOUR) * MS_PER_HOUR
    found: dict[str, BilledLine] = {}
    unknown: dict[str, None] = {}
    outside = others = 0
    for number, row in rows:
        if row.get("product") and not _OF_SCF.search(row["product"]):
            others += 1
        elif not _inside(row, hours, ZoneInfo(time_zone), f"{path}:{number}"):
            outside += 1
        elif (item := _item(row)) is None:
            unknown[row["item"]] = None
        else:
            _check_currency(row, currency, f"{path}:{number}")
            line = _line(row, item, f"{path}:{number}")
            found[item] = found[item] + line if item in found else line
    return BillFile(str(path), found, outside, others, tuple(unknown))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row with its line number, its columns under our names."""
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    titles = next(reader, [])
    header = [_plain_name(name) for name in titles]
    places = {}
    for column, names in COLUMNS.items():
        place = next((header.index(name) for name in names if name in header), None)
        if place is not None:
            places[column] = place
    for needed, either in (("item", ("item",)), ("quantity", ("quantity", "charged")), ("amount", ("amount",))):
        if not set(either) & set(places):
            close = nearest(needed, header) if header else "the file is empty"
            raise ResultError(f"{path}: no column for the {needed}: {_EXPECTED}; {close}")
    for row in reader:
        if any(cell.strip() for cell in row):
            cells = {column: row[place].strip() for column, place in places.items() if place < len(row)}
            counted = next((titles[places[one]] for one in ("quantity", "charged") if cells.get(one)), "")
            yield reader.line_num, {"item": "", "titled": _in_brackets(counted), **cells}


def _text(path: Path) -> str:
    data = bytes_of(path, ResultError)
    for encoding in ("utf-8-sig", "gb18030"):  # the console exports either
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ResultError(f"{path}: is neither UTF-8 nor GB 18030 text")


def _plain_name(name: str) -> str:
    """Return the name of a column without unit, case and doubled spaces: `优惠后总价(元)` is `优惠后总价`."""
    return " ".join(re.sub(r"[(（\[].*", "", name).lower().split())


def _in_brackets(name: str) -> str:
    """Return what stands in brackets in a column's name, such as the unit of `Usage (GBs)`."""
    found = re.search(r"[(（\[]([^)）\]]*)", name)
    return found[1].strip() if found else ""


def _item(row: Mapping[str, str]) -> str | None:
    for text in (row["item"].replace("_", " "), row.get("type", "")):
        for item, pattern in ITEMS.items():
            if text and re.search(pattern, text, re.IGNORECASE):
                return item
    return None


def _line(row: Mapping[str, str], item: str, where: str) -> BilledLine:
    written = row.get("quantity") or row.get("charged")
    quantity = _number(written, where, "quantity") if written else None
    unit = row.get("unit") or (row["titled"] if _size(row["titled"], item) is not None else "")
    lasting = seconds_of(unit) if item in _OF_MEMORY else None
    size = _size(unit, item) if lasting is None else lasting
    if size is None:
        raise ResultError(f"{where}: unit: {unit!r} of {item} is not known; {nearest(unit, KNOWN[_kind(item)])}")
    return BilledLine(
        None if quantity is None else quantity * size,
        _unit_price(row, item, size, where),
        _number(row.get("amount", ""), where, "amount"),
        bool(unit),
        lasting is not None,
    )


def _unit_price(row: Mapping[str, str], item: str, usage_size: Fraction, where: str) -> Fraction | None:
    """Return the price of the unit that we price in, None where the row does not tell what its price is for."""
    if not row.get("price"):
        return None
    price = _number(row["price"], where, "unit price")
    parts = row.get("price_unit", "").split("/")  # currency / unit of usage / unit of time
    if len(parts) < 2:  # calls may be counted singly and priced by 10,000
        return price if usage_size == 1 else None
    size = _size(parts[1], item)
    return None if size is None else price / size


def _size(unit: str, item: str) -> Fraction | None:
    """Return how many of the unit that we price in a unit is, None where it is not known."""
    return Fraction(1) if not unit.strip() or item == "plan" else size_of(unit, _kind(item))


def _kind(item: str) -> str:
    return "resource" if item in _OF_MEMORY else item


def _number(text: str, where: str, what: str) -> Fraction:
    try:
        return Fraction(read_number(text.replace(",", "")))
    except ValueError:
        raise ResultError(f"{where}: {what}: {text!r} is not a number") from None


def _inside(row: Mapping[str, str], hours: tuple[int, int], zone: ZoneInfo, where: str) -> bool:
    """Whether the time of a row, where it has one, lies in the hours that are compared."""
    begin, end = (_instant(row.get(name, ""), zone, where) for name in ("begin", "end"))
    return (begin is None or begin >= hours[0]) and (end is None or end <= hours[1])


def _instant(text: str, zone: ZoneInfo, where: str) -> int | None:
    if not text or text == "-":
        return None
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise ResultError(f"{where}: {text!r} is not a time such as 2026-11-01 14:00:00") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    if (moment.minute, moment.second) == (59, 59):  # the last second of an hour stands for its end
        moment += timedelta(seconds=1)
    return int(moment.timestamp()) * MS_PER_SECOND


def _check_currency(row: Mapping[str, str], currency: str, where: str) -> None:
    written = {"人民币": "CNY", "rmb": "CNY", "元": "CNY", "美元": "USD"}.get(row.get("currency", "").lower())
    written = written or row.get("currency", "").upper()
    if written and written != currency:
        raise ResultError(f"{where}: currency: the bill is in {written}, the price book in {currency} (see --catalog)")
