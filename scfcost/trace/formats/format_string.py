"""Format strings with percent signs: Apache httpd's `LogFormat`, the `pattern` of Tomcat's valve, Jetty's request log.

They look alike and mean different things: httpd's and Jetty's `%t` is the start of a request and `%D` are microseconds;
Tomcat's `%t` is the end, and `%D` were milliseconds before Tomcat 10. So the server is always named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from scfcost.core.errors import ConfigError
from scfcost.trace.formats.line_log import AT, LineLog, decimal_ms, whole, zoned

CLF = "%d/%b/%Y:%H:%M:%S %z"
_DIRECTIVE = re.compile(r"%([!\d,<>]*)(?:\{([^}]*)\})?([A-Za-z%])")
_CLIENTS = {"h": "host", "a": "address"}
_SIZES = {"b": "body", "B": "body", "O": "sent"}
_EPOCHS = {"sec": "1000", "msec": "1", "usec": "0.001"}
_UNITS = {"s": "1000", "ms": "1", "us": "0.001", "ns": "0.000001"}
_HEADERS = "connections whose bytes hold headers, too"
_JAVA = {"yyyy": "%Y", "MMM": "%b", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "SSS": "%g", "Z": "%z"}
"""Letters of Java's forms of dates."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a server means what a format string says."""

    name: str
    title: str
    at_start: bool
    """Whether a time without `begin:` or `end:` is that of the request's start."""
    per_d_ms: str
    """Milliseconds of one unit of `%D`. [ms]"""
    java_dates: bool = False
    handshake: str = ""
    """What to say where lives are those of handshakes."""


@dataclass(slots=True)
class _Read:
    """A format string as far as it was read."""

    dialect: Dialect
    parts: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    instants: list[tuple[bool, str, tuple[str, str] | None]] = field(default_factory=list)
    """Of each time whether it is a start, SQL for it in ms, and its text and form where it names no zone."""
    length: str | None = None
    """SQL for how long a request took. [ms]"""

    def group(self, name: str, shape: str) -> str:
        """Add a field of some shape, which has a name the first time that it stands there."""
        known = name in self.names
        self.parts.append(f"({shape})" if known else f"(?P<{name}>{shape})")
        self.names.add(name)
        return name


def compile_string(log_format: str, dialect: Dialect) -> LineLog:
    """Compile a format string.

    Parameters
    ----------
    log_format : str
        The format as it stands in the server's configuration.
    dialect : Dialect
        The server's own letters or variables, and what each tells.

    Raises
    ------
    ConfigError
        If it lacks what tells a connection's status, its length and an instant; the message says what to add.
    """
    read = _read(log_format.replace('\\"', '"'), dialect)
    starts = [(sql, wall) for at_start, sql, wall in read.instants if at_start]
    ends = [(sql, wall) for at_start, sql, wall in read.instants if not at_start]
    missing = [] if "status" in read.names else ["%>s"]
    if not read.instants:
        missing.append("%t")
    if read.length is None and not (starts and ends):
        missing.append("%D (or %{ms}T, %T)")
    if missing:
        raise ConfigError(
            f"log_format: without {' and '.join(missing)} it does not tell how long a connection lived; "
            f"{line_to_add(dialect)}"
        )
    start = starts[0][0] if starts else f"({ends[0][0]}) - ({read.length})"
    end = ends[0][0] if ends else f"({starts[0][0]}) + ({read.length})"
    body, sent = (f"nullif({whole(name)}, 0)" if name in read.names else "NULL" for name in ("body", "sent"))
    wall = next((form for _, form in (*ends, *starts) if form is not None), None)
    return LineLog(
        pattern="".join(read.parts) + r"\s*$",
        websocket="status = '101'",
        connect_ms=start,
        close_ms=end,
        bytes_out=f"coalesce({body}, {sent})",
        bytes_in=f"nullif({whole('received')}, 0)" if "received" in read.names else "NULL",
        client=next((name for name in ("address", "host") if name in read.names), None),
        local_time=wall,
        notes=(("handshake_bytes", f"({body}) IS NULL AND ({sent}) IS NOT NULL", _HEADERS),),
        begins=_begins(read.parts),
        at_start=bool(starts) and not ends,
        handshake=dialect.handshake,
    )


def line_to_add(dialect: Dialect) -> str:
    """Return what to write in the configuration, and how to read it."""
    pattern = '%h %l %u %t "%r" %>s %b %D'
    if dialect.name == "apache":
        return (
            "add to the configuration, and read the log with --log-format and the same string:\n"
            f'    LogFormat "{pattern.replace(chr(34), chr(92) + chr(34))} %I %O" websocket\n'
            "    CustomLog logs/access_log websocket"
        )
    return f"write it as pattern='{pattern.replace('>', '')}', and read it with --from {dialect.name} --log-format"


def _read(log_format: str, dialect: Dialect) -> _Read:
    read, position = _Read(dialect), 0
    for match in _DIRECTIVE.finditer(log_format):
        read.parts.append(_literal(log_format[position : match.start()]))
        position = match.end()
        _directive(read, match[2], match[3], quoted=log_format[position : position + 1] == '"')
    read.parts.append(_literal(log_format[position:]))
    return read


def _literal(text: str) -> str:
    return re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(text))


def _directive(read: _Read, argument: str | None, letter: str, *, quoted: bool) -> None:
    """Add what one directive writes."""
    if letter == "%":
        read.parts.append("%")
    elif letter == "s":
        read.group("status", r"\d{3}|-")
    elif letter == "t":
        _instant(read, argument or "")
    elif letter in "DTF" and (letter != "F" or read.length is None):
        _length(read, argument, letter)
    elif letter in _SIZES and argument is None:
        read.group(_SIZES[letter], r"\d+|-")
    elif letter == "I" and not read.dialect.java_dates:
        read.group("received", r"\d+|-")
    elif letter in _CLIENTS:
        read.group(_CLIENTS[letter], r"\S+")
    else:
        read.parts.append(r'(?:[^"\\]|\\.)*' if quoted else r".*?")


def _length(read: _Read, argument: str | None, letter: str) -> None:
    name = read.group("lasted" if read.length is None else "lasted_too", r"\d+(?:\.\d+)?|-")
    if letter == "T":
        unit = _UNITS.get((argument or "s").lower(), "1000")
    elif letter == "D":
        unit = read.dialect.per_d_ms
    else:
        unit = "1"
    if read.length is None or (letter, argument) != ("T", None):  # seconds alone are the coarsest
        read.length = decimal_ms(name, unit)


def _instant(read: _Read, argument: str) -> None:
    at_start = read.dialect.at_start
    for prefix, start in (("begin", True), ("end", False)):
        if argument == prefix or argument.startswith(f"{prefix}:"):
            at_start, argument = start, argument[len(prefix) + 1 :]
    name = "stamp" if "stamp" not in read.names else "stamp_too"
    if argument in _EPOCHS:
        read.group(name, r"\d+")
        read.instants.append((at_start, decimal_ms(name, _EPOCHS[argument]), None))
    elif argument in ("msec_frac", "usec_frac"):
        read.parts.append(r"\d+")
    elif not argument:
        read.parts.append(r"\[")
        read.group(name, r"[^\]]+")
        read.parts.append(r"\]")
        read.instants.append((at_start, zoned(name, CLF), None))
    else:
        form = _strftime(argument.split("|")[0], java=read.dialect.java_dates or "%" not in argument)
        read.group(name, r"[^\"\]]+?")
        if "%z" in form:
            read.instants.append((at_start, zoned(name, form), None))
        elif any(wall for _, _, wall in read.instants):
            raise ConfigError("log_format: only one time may be without its zone; add %z, or write %{msec}t")
        else:
            read.instants.append((at_start, AT, (name, form)))


def _strftime(form: str, *, java: bool) -> str:
    if not java:
        return form.replace("%T", "%H:%M:%S").replace("%F", "%Y-%m-%d").replace("%L", "%g")
    letters = "|".join(sorted(_JAVA, key=len, reverse=True))
    return re.sub(rf"'([^']*)'|({letters})", lambda found: found[1] or _JAVA.get(found[2] or "", ""), form)


def _begins(parts: list[str]) -> str:
    """Return how a line begins: up to its second field, where that tells it from other lines."""
    fields = [index for index, part in enumerate(parts) if part.startswith(("(", ".*"))]
    if len(fields) < 2:
        return ""
    text = "".join(parts[: fields[1]])
    return re.sub(r"\?P<\w+>", "?:", text) if parts[fields[0]] != ".*?" else ""


_APACHE_WORDS = (
    "%h %l %u", "%t", '"%r"', "%>s %b", '"%{Referer}i" "%{User-Agent}i"', '"%{Cookie}i"', "%D", "%{extra}n",
)  # fmt: skip
_NGINX_WORDS = (
    "$remote_addr - $remote_user", "[$time_local]", '"$request"', "$status $body_bytes_sent",
    '"$http_referer" "$http_user_agent"', '"$http_x_forwarded_for"', "$request_time", "$extra",
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])|(?<==)\d+(?:\.\d+)?")

_MSEC = re.compile(r"(?<![\d.])1\d{9}\.\d{3}(?![\w.])")
"""An instant as nginx's $msec writes it, which no length of time is."""


def suggested(line: str, *, nginx: bool = False) -> str:
    """Return the format string that a line of the common or combined form and more is of, as far as it can be told.

    Parameters
    ----------
    line : str
        A line of the log.
    nginx : bool, optional
        Whether to write it in nginx's variables and not in Apache's letters.

    Examples
    --------
    >>> suggested('h - - [01/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 101 - **6/6000000**')
    '%h %l %u %t "%r" %>s %b **%{extra}n/%D**'
    """
    who, when, asked, answer, headers, header, length, extra = _NGINX_WORDS if nginx else _APACHE_WORDS
    before, after, named = who.split(" "), answer.split(" "), headers.split(" ")
    words = re.findall(r'"(?:[^"\\]|\\.)*"|\[[^\]]*\]|\S+', line.strip())
    parts, rest, seen = list[str](), list[int](), False
    for word in words:
        if re.fullmatch(r"\[\d\d/\w{3}/\d{4}:.*\]", word):
            parts.append(when)
        elif word.startswith('"') and not re.fullmatch(r'"\d+(?:\.\d+)?"', word):
            parts.append((named.pop(0) if named else header) if seen else asked)
            seen = True
        elif before and not seen and not re.fullmatch(r"\d{2,}", word):
            parts.append(before.pop(0))
        elif after and seen:
            parts.append(after.pop(0))
        else:
            rest.append(len(parts))
            parts.append(word)
    if nginx:
        parts = [_MSEC.sub("$msec", part) if at in rest else part for at, part in enumerate(parts)]
    longest = max((number for at in rest for number in _NUMBER.findall(parts[at])), key=float, default="")
    for at in rest:
        taken = "%{ms}T" if f"{longest}ms" in parts[at] and not nginx else length
        parts[at] = _NUMBER.sub(extra, parts[at].replace(longest, taken) if longest else parts[at])
        parts[at] = extra if re.fullmatch(r"[\w.:-]*[A-Za-z:-][\w.:-]*", parts[at]) else parts[at]
    return " ".join(parts)
