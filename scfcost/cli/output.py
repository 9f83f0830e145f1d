"""Where a result goes: standard output, or a file that is whole or not there."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from threading import Timer
from time import perf_counter
from typing import TYPE_CHECKING, Any, TextIO, cast

from scfcost.cli.options import Format
from scfcost.core.errors import ConfigError
from scfcost.core.files import lead_nowhere, reason_of, whole, write_whole
from scfcost.core.language import ENGLISH, speaking, translated
from scfcost.core.text import json_visible, one_line, safe_cell, visible
from scfcost.report.forms import FORMS, kind_of, renderer

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import RenderHook

    from scfcost.trace.model import Trace

FAILED = 1
"""Exit code where a check failed or could not be judged, or no setting keeps to what was asked."""
_FILE_WIDTH = 100
"""Columns of a table that is written to a file. [1]"""
_LONGEST_NOTE = 2_000
"""Characters of a note. [1]"""
_PATIENCE_S = 1.0
"""Work shorter than this needs no sign of life. [s]"""
_SUFFIXES = {".json": Format.JSON, ".csv": Format.CSV, ".md": Format.MARKDOWN, ".txt": Format.TABLE}


def chosen_format(wanted: Format | None, output: Path | None) -> Format:
    """Return the format that was asked for, else the one a file's suffix stands for, else a table.

    Parameters
    ----------
    wanted : Format or None
        Format that was asked for.
    output : Path or None
        File to write; standard output where none is named.
    """
    if wanted is not None:
        return wanted
    if output is None or str(output) == "-":
        return Format.TABLE
    if output.suffix not in _SUFFIXES:
        raise ConfigError(
            f"{output}: no format has the suffix {output.suffix!r}; "
            f"give --format, or end it with {', '.join(_SUFFIXES)}"
        )
    return _SUFFIXES[output.suffix]


def write(text: str, output: Path | None) -> None:
    """Write a result to standard output, or to a file by way of a temporary one beside it.

    Parameters
    ----------
    text : str
        The result.
    output : Path or None
        File to write; standard output where none is named.

    Raises
    ------
    ConfigError
        If it cannot be written. A reader that has seen enough, as `head` has, is no error.
    """
    where = "standard output" if output is None or str(output) == "-" else output
    text = text if isinstance(text, Screen) else visible(text)
    try:
        if isinstance(where, Path):
            write_whole(where, text.encode("utf-8", "backslashreplace"), ConfigError)
        elif sys.stdout is None:
            raise ConfigError("standard output: cannot be written: it is closed")
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
    except BrokenPipeError:
        silence()
    except OSError as error:
        if not isinstance(where, Path):
            silence()
        raise ConfigError(f"{where}: cannot be written: {error.strerror}") from None


class Screen(str):
    """What was drawn for a screen: the control characters that it holds are the drawing's own."""

    __slots__ = ()


def flush() -> None:
    """Have all that was written to standard output reach it.

    Raises
    ------
    ConfigError
        If it cannot be written. A reader that has seen enough is no error.
    """
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
    except (OSError, ValueError) as error:
        silence()
        raise ConfigError(f"standard output: cannot be written: {reason_of(error)}") from None


def silence() -> None:
    """Lead standard output nowhere, so that what it still holds fails no more."""
    lead_nowhere(sys.stdout)


def save_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by the suffix.

    Parameters
    ----------
    table : pd.DataFrame
        The rows.
    path : Path
        File to write.

    Raises
    ------
    ConfigError
        If the suffix is neither, or the file cannot be written.
    """
    if path.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"{path}: a table is written as .csv or .parquet")
    with whole(path, ConfigError) as part:
        if path.suffix == ".csv":
            table.map(safe_cell).to_csv(part, index=False)
        else:
            table.to_parquet(part, index=False)


def form_for(kind: str, flags: Mapping[str, Any]) -> Format:
    """Return the form in which a command gives its document.

    Parameters
    ----------
    kind : str
        Name of the document's schema, such as "recommend".
    flags : mapping
        The flags of the command.

    Raises
    ------
    ConfigError
        If the document has no such form.
    """
    wanted = flags.get("format")
    form = chosen_format(None if wanted is None else Format(wanted.value), flags.get("output"))
    forms = FORMS[kind]
    if form.value not in forms.names():
        *others, last = forms.names()
        raise ConfigError(f"{forms.noun} is given as {', '.join(others)} or {last}, not as {form.value}")
    return form


def deliver(document: Mapping[str, Any], form: Format, flags: Mapping[str, Any], **more: Any) -> None:
    """Write a document in a form, where a command was asked to.

    Parameters
    ----------
    document : mapping
        Plain data with its schema.
    form : Format
        As `form_for` gives it.
    flags : mapping
        The flags of the command.
    **more
        What its renderers take beside it.
    """
    output = flags.get("output")
    if form is Format.JSON:
        write(as_json(document), output)
        return
    render = renderer(kind_of(document), form.value)
    if form not in (Format.TABLE, Format.MARKDOWN):  # what machines read is English in every language
        with speaking(ENGLISH):
            write(render(document, **more), output)
        return
    if form is Format.MARKDOWN:
        write(render(document, **more), output)
        return
    write(drawn(lambda screen: render(document, screen, **more), to_file=output is not None), output)


def as_json(document: Any) -> str:
    """Return plain data as JSON, a line a value."""
    return json_visible(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


class Loudness(IntEnum):
    """How much is said on stderr beside the result."""

    QUIET = 0
    """Errors alone."""
    NORMAL = 1
    """Warnings and notes, and on a terminal a sign of what takes long."""
    VERBOSE = 2
    """Also how long each step took."""


def loudness(flags: Mapping[str, Any]) -> Loudness:
    """Return how much a command was asked to say.

    Raises
    ------
    ConfigError
        If it was asked for both more and less.
    """
    if flags.get("quiet") and flags.get("verbose"):
        raise ConfigError("--quiet and --verbose ask for opposites: give one")
    return Loudness.QUIET if flags.get("quiet") else Loudness.VERBOSE if flags.get("verbose") else Loudness.NORMAL


@contextmanager
def _told(text: str, say: Loudness) -> Iterator[None]:
    """Say how long a step took, where that is wanted."""
    begun = perf_counter()
    yield
    if say is Loudness.VERBOSE:
        note(f"{text}: {perf_counter() - begun:.2f} s", say=say)


@contextmanager
def status(text: str, *, say: Loudness) -> Iterator[None]:
    """Say on a terminal's stderr that something takes a while, once it has.

    Parameters
    ----------
    text : str
        What takes a while.
    say : Loudness
        How much is said beside the result.
    """
    if say is Loudness.QUIET or not is_terminal(sys.stderr):
        with _told(text, say):
            yield
        return
    from rich.console import Console

    sign = Console(stderr=True).status(text)
    with _told(text, say), _after_a_while(sign.start, sign.stop):
        yield


@contextmanager
def _after_a_while(start: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    timer = Timer(_PATIENCE_S, start)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # a start under way comes before the stop
        stop()


def drawn(draw: Callable[[Any], None], *, to_file: bool) -> str:
    """Return what is drawn on a console like that of standard output, or on a plain one for a file.

    Parameters
    ----------
    draw : callable
        Draws on the console that it is given.
    to_file : bool
        Whether the text goes to a file.
    """
    from rich.console import Console

    text, out = io.StringIO(), Console()
    as_written: dict[str, Any] = {"markup": False, "emoji": False, "highlight": False}  # names hold any sign
    if to_file:
        screen = Console(file=text, width=_FILE_WIDTH, no_color=True, **as_written)
    else:
        screen = Console(
            file=text, width=out.width, force_terminal=out.is_terminal, no_color=out.no_color, legacy_windows=False,
            color_system="auto" if out.color_system else None, **as_written,
        )  # fmt: skip
    screen.push_render_hook(cast("RenderHook", _Escaping()))
    draw(screen)
    return Screen(text.getvalue())


class _Escaping:
    """Shows the control characters of what is printed on a console, so that none reaches the terminal."""

    def process_renderables(self, renderables: list[Any]) -> list[Any]:
        return [_Escaped(one) for one in renderables]


class _Escaped:
    def __init__(self, renderable: Any) -> None:
        self.renderable = renderable

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        for segment in console.render(self.renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text))


@contextmanager
def progress(text: str, *, say: Loudness, rows: int | None = None) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal's stderr after a while; yields what takes the share of the work that is done.

    Where the number of rows is known, the bar also shows how many of them a second are done.

    Parameters
    ----------
    text : str
        What takes a while.
    say : Loudness
        How much is said beside the result.
    rows : int, optional
        How many rows are read, where that is known. [1]
    """
    if say is Loudness.QUIET or not is_terminal(sys.stderr):
        with _told(text, say):
            yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(text), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task, begun = bar.add_task(text, total=1.0, rate=""), perf_counter()

    def advance(done: float) -> None:
        rate = "" if rows is None else f"{done * rows / max(perf_counter() - begun, 0.001):,.0f} rows/s"
        bar.update(task, completed=done, rate=rate)

    with _told(text, say), _after_a_while(bar.start, bar.stop):
        yield advance


def note(sentence: str, *, say: Loudness) -> None:
    """Say something on stderr that the user should know before or beside a result.

    Parameters
    ----------
    sentence : str
        What to say.
    say : Loudness
        How much is said beside the result.
    """
    if say is not Loudness.QUIET:
        say_on_stderr(f"scfcost: {one_line(translated(sentence), _LONGEST_NOTE)}")


def note_month(trace: Trace, flags: dict[str, Any]) -> None:
    """Say what a month is made of where a trace is shorter than a day, or a scenario is seen for a part of a week.

    Parameters
    ----------
    trace : Trace
        n connections.
    flags : dict
        The flags of the command, which say how much is told.
    """
    from scfcost.analysis.sweep.reasons import made_of

    for text in made_of(trace):
        note(text, say=loudness(flags))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is open, and somebody sits before it."""
    return stream is not None and not stream.closed and stream.isatty()


def say_on_stderr(text: str) -> None:
    """Print on standard error; where nobody can hear, say nothing."""
    if sys.stderr is None:
        return
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
