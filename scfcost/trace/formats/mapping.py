"""Any JSON-lines or delimited log, by a small TOML file that says which field means what, and in which unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scfcost.core.errors import ConfigError
from scfcost.core.files import text_of
from scfcost.core.tables import parse_model
from scfcost.trace.formats.base import Converted, Format, Knows, LogOptions, Original
from scfcost.trace.formats.line_log import AT, LineLog, decimal_ms, iso, json_at, wall_ms, whole
from scfcost.trace.formats.lines import convert_lines
from scfcost.trace.reading.database import column

SUFFIX = ".toml"
"""What the name of a mapping ends with."""
_PER_UNIT_MS = {"s": "1000", "ms": "1", "us": "0.001", "ns": "0.000001"}
_ISO = "iso"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fields(_Strict):
    """Names of the log's fields: a column, or the keys of a JSON object down to a value, joined by dots."""

    connect_time: str | None = None
    close_time: str | None = None
    duration: str | None = None
    bytes_out: str | None = None
    bytes_in: str | None = None
    client: str | None = None

    @model_validator(mode="after")
    def _two_of_three(self) -> Fields:
        if sum(one is not None for one in (self.connect_time, self.close_time, self.duration)) < 2:
            raise ValueError("two of connect_time, close_time and duration are needed to tell a life")
        return self


class Units(_Strict):
    """Units of the times: s, ms, us or ns since 1970, iso, or a form such as %Y-%m-%d %H:%M:%S in the zone of --tz."""

    time: str = _ISO
    year: int | None = Field(default=None, ge=1990, le=2100)
    """Year of the first line, where the form of the times has none."""
    duration: Literal["s", "ms", "us", "ns"] = "s"

    @model_validator(mode="after")
    def _a_year(self) -> Units:
        has_form = self.time not in (*_PER_UNIT_MS, _ISO)
        if has_form and "%" not in self.time:
            raise ValueError(f"time: {self.time!r} is none of s, ms, us, ns, iso and no form such as %Y-%m-%d %H:%M:%S")
        has_year = not has_form or bool({"%Y", "%y", "%c", "%x"} & set(re.findall("%.", self.time)))
        if has_year and self.year is not None:
            raise ValueError(f"year: times of {self.time!r} hold their year")
        if not has_year and self.year is None:
            raise ValueError(f"time: {self.time!r} holds no year: give that of the first line as year")
        return self


class Mapping(_Strict):
    """What a log's fields mean."""

    kind: Literal["json", "delimited"] = "json"
    delimiter: str = Field(",", min_length=1, max_length=1)
    fields: Fields
    units: Units = Units()
    only: dict[str, str] = {}
    """Values that the line of a WebSocket has, by field."""

    def log(self) -> LineLog:
        """Return the kind of line that this describes."""
        wall = self._local_time()
        start, end, length = (self._at(one) for one in ("connect_time", "close_time", "duration"))
        if start is None:
            start = f"({end}) - ({length})"
        elif end is None:
            end = f"({start}) + ({length})"
        same = [f"{self._value(field)} = '{value.replace(chr(39), chr(39) * 2)}'" for field, value in self.only.items()]
        return LineLog(
            pattern=None,
            websocket=" AND ".join(same) or "TRUE",
            connect_ms=start,
            close_ms=str(end),
            bytes_out=self._whole("bytes_out"),
            bytes_in=self._whole("bytes_in"),
            client=None if self.fields.client is None else self._value(self.fields.client),
            local_time=wall,
            year=self.units.year,
            delimiter=self.delimiter if self.kind == "delimited" else None,
        )

    def _value(self, field: str) -> str:
        if self.kind == "delimited":
            return column(field)
        return json_at(field)

    def _whole(self, name: str) -> str:
        field = getattr(self.fields, name)
        return "NULL" if field is None else whole(self._value(field))

    def _at(self, name: str) -> str | None:
        field = getattr(self.fields, name)
        if field is None:
            return None
        unit = self.units.duration if name == "duration" else self.units.time
        if unit in _PER_UNIT_MS:
            return decimal_ms(self._value(field), _PER_UNIT_MS[unit])
        if unit == _ISO:
            return iso(self._value(field))
        if name == "close_time" or self.fields.close_time is None:
            return AT
        walls = (wall_ms(self._value(one), unit, self.units.year) for one in (self.fields.close_time, field))
        return f"{AT} - (({next(walls)}) - ({next(walls)}))"

    def _local_time(self) -> tuple[str, str] | None:
        """Return the local time that the order of the lines is that of: the end where there is one."""
        if self.units.time in (*_PER_UNIT_MS, _ISO):
            return None
        field = self.fields.close_time or self.fields.connect_time
        return None if field is None else (self._value(field), self.units.time)


def load(path: Path) -> Format:
    """Read a mapping.

    Raises
    ------
    ConfigError
        If the file cannot be read, or holds no mapping; the message names file and key.
    """
    mapping = parse_model(Mapping, text_of(path, ConfigError), str(path), ConfigError, whole="the mapping")
    log = mapping.log()

    def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
        return convert_lines(log, originals, scratch, options, path.stem)

    return Format(
        name=path.name,
        title=f"a log described by {path}",
        knows=Knows(start=True, end=True, bytes_out=mapping.fields.bytes_out is not None, client=True),
        advice="",
        convert=convert,
    )
