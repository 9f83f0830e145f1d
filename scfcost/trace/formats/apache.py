"""Access logs of Apache httpd, Tomcat and Jetty, by their own format strings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from scfcost.core.errors import ConfigError
from scfcost.trace.formats.base import PAIR, Converted, Format, Kind, Knows, LogOptions, Original
from scfcost.trace.formats.format_string import Dialect, compile_string, line_to_add, suggested
from scfcost.trace.formats.lines import kind_of, no_line

_AT_HANDSHAKE = (
    "no connection lives a second: {server} writes the line of a WebSocket at its handshake, so how long it lived is "
    f"not in the log; in the endpoint log a line at its opening and one at its close with the time and its id: {PAIR}"
)
_HTTPD = Dialect("apache", "Apache httpd's access log, by its LogFormat", at_start=True, per_d_ms="0.001")
_TOMCAT = Dialect(
    "tomcat", "access log of Tomcat 10 or later, by its pattern", at_start=False, per_d_ms="0.001", java_dates=True,
    handshake=_AT_HANDSHAKE.format(server="Tomcat"),
)  # fmt: skip
_TOMCAT_9 = Dialect(
    "tomcat9", "access log of Tomcat 9 or earlier, by its pattern", at_start=False, per_d_ms="1", java_dates=True,
    handshake=_AT_HANDSHAKE.format(server="Tomcat"),
)  # fmt: skip
_JETTY = Dialect(
    "jetty", "Jetty's request log, by its format string", at_start=True, per_d_ms="0.001", java_dates=True,
    handshake=_AT_HANDSHAKE.format(server="Jetty"),
)  # fmt: skip
_COMMON = re.compile(r'\s*.*?\[\d\d/\w{3}/\d{4}:[^\]]+\](?P<middle> .*?)"(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)(?P<rest>.*)$')
"""A line of the common form, whatever stands before and after."""
_NUMBER = re.compile(r"(?:^|[\s*/=])\d+(?:\.\d+)?(?:ms|us|µs|s)?(?=$|[\s*/,;])")
_LONG_BEFORE = re.compile(r"(?:^|[\s*/])\d{2,}(?=[\s*/])")


def unnamed_number(line: str) -> bool:
    """Whether a line of the common form holds a number more, of which nobody said what it is."""
    found = _COMMON.match(line)
    if found is None:
        return False
    plain = re.sub(r'"(?!\d+(?:\.\d+)?")(?:[^"\\]|\\.)*"', '""', found["middle"] + found["rest"]).replace('"', " ")
    return _NUMBER.search(plain) is not None or _LONG_BEFORE.search(line[: line.find("[")]) is not None


def _choices(line: str) -> str:
    string = suggested(line)
    decimals = re.search(r"\d\.\d{3}(?!\d)", re.sub(r'"(?!\d+\.\d{3}")(?:[^"\\]|\\.)*"', "", line))
    if decimals is not None:
        return (
            "its numbers with three decimals may be nginx's $request_time, but stand in no known form: say it.\n"
            f"    --log-format '{suggested(line, nginx=True)}'\n"
            f"Where another server wrote it, its own string, such as\n    --log-format '{string}'"
        )
    return (
        "tells no unit of its numbers, and not whether its times are those of starts or of ends: say it. Of Apache "
        f"httpd (times of the start, %D in microseconds):\n    --log-format '{string}'\n"
        "(in its place %T for seconds, %{ms}T for milliseconds). Of Jetty: --from jetty and the same string; of "
        "Tomcat 10 or later --from tomcat (times of the end, %D in microseconds); of Tomcat 9 or earlier --from "
        "tomcat9 (%D in milliseconds). Of nginx: $request_time has three decimals; --log-format takes its log_format"
    )


def _kinds(texts: Sequence[str]) -> list[Kind]:
    line = next((text for text in texts if unnamed_number(text) and " 101 " in text), None)
    line = line or next((text for text in texts if unnamed_number(text)), None)
    return [] if line is None else [Kind(unnamed_number, refusal=_choices(line))]


def _by_string(dialect: Dialect) -> Format:
    def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
        if options.log_format is None:
            raise ConfigError(f"--from {dialect.name} needs its format string, by --log-format; {line_to_add(dialect)}")
        return no_line(originals, scratch, options)

    return Format(
        name=dialect.name,
        title=dialect.title,
        knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
        advice=f"{line_to_add(dialect)}{_meaning(dialect)}",
        convert=convert,
        kinds=_kinds if dialect is _HTTPD else lambda _: (),
        compile=lambda string: kind_of(compile_string(string, dialect), dialect.name),
    )


def _meaning(dialect: Dialect) -> str:
    if dialect.at_start:
        told = "Times are those of the start, %D are microseconds."
    elif dialect.per_d_ms != "1":
        told = "Times are those of the end, %D are microseconds."
    else:
        told = "Times are those of the end, %D are milliseconds."
    return f"\n{told} {dialect.handshake}".rstrip()


APACHE, TOMCAT, TOMCAT_9, JETTY = map(_by_string, (_HTTPD, _TOMCAT, _TOMCAT_9, _JETTY))
