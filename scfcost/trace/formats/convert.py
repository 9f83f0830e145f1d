"""From the files that a user named to a trace file, by the format that was asked for or that they show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from scfcost.core.errors import BadRowsError, ConfigError, TraceError
from scfcost.core.guard import taking_apart
from scfcost.core.warning import Warned
from scfcost.trace.formats import FORMATS, by_name, whole_file
from scfcost.trace.formats.base import Converted, Format, LogOptions, Original, head_of
from scfcost.trace.formats.named_columns import convert_columns, is_parquet
from scfcost.trace.formats.sample import as_utf8
from scfcost.trace.formats.text_guesses import lines_of_text
from scfcost.trace.formats.unknown import unknown
from scfcost.trace.formats.votes import Choice, Sample, elect_any, in_the_way, others_in, read_as, samples_of
from scfcost.trace.reading.database import OUR_SQL


def convert_logs(
    originals: Sequence[Original], name: str | None, scratch: Path, options: LogOptions
) -> Converted | None:
    """Convert logs into a trace file; None where the files show no log format, and are to be read as a trace.

    Parameters
    ----------
    originals : sequence of Original
        The files.
    name : str or None
        A format; told from the files where none is given.
    scratch : Path
        A directory for the trace file.
    options : LogOptions
        What the user says of the logs.

    Raises
    ------
    ConfigError
        If the format is not known.
    TraceError
        If the files are of several formats, or cannot be converted.
    """
    title = "a log" if name is None else f"a log of the format {name}"
    named = ", ".join(one.name for one in originals[:3])
    with taking_apart(named, title, TraceError, duckdb.Error, pa.ArrowException, ours=OUR_SQL):
        return _converted(originals, name, scratch, options)


def _converted(originals: Sequence[Original], name: str | None, scratch: Path, options: LogOptions) -> Converted | None:
    if options.columns and not is_parquet(originals[0]):
        if name is not None or options.log_format is not None:
            raise ConfigError("--column describes a table by itself: leave --from and --log-format out")
        return convert_columns(originals, scratch, options)
    chosen = None if name is None else by_name(name)
    originals = [as_utf8(one, scratch) for one in originals]
    if options.log_format is not None:
        return _as_format_string(chosen, originals, scratch, options)
    if chosen is not None and any(chosen.recognise(head_of(one)) for one in originals):
        return chosen.convert(originals, scratch, options)
    if chosen is None and (known := _whole_files(originals)) is not None:
        return _said(known, known.convert(originals, scratch, options))
    samples = samples_of(originals)
    if chosen is not None:
        return _forced(chosen, samples, scratch, options)
    found = {sample.original.name: _format_of(sample) for sample in samples}
    first = next(iter(found))
    for one, other in found.items():
        if other is not found[first]:
            raise TraceError(f"{first} is {_called(found[first])} and {one} {_called(other)}; read them one at a time")
    shown = found[first]
    if shown is not None:
        return _told(shown, samples, scratch, options)
    if text := unknown(samples[0]):
        raise TraceError(f"{first}: {text}")
    return None


def _as_format_string(
    chosen: Format | None, originals: Sequence[Original], scratch: Path, options: LogOptions
) -> Converted:
    """Read lines of the format string that the user gave, whatever is around them."""
    string = str(options.log_format)
    named = chosen or by_name("apache" if _has_percents(string) else "nginx")
    if named.compile is None:
        having = ", ".join(one.name for one in FORMATS if one.compile is not None)
        raise ConfigError(f"log_format: {named.name} has no format strings; those that have are {having}")
    converted = read_as(Choice(named, named.compile(string), 1, 1), samples_of(originals), scratch, options)
    if chosen is not None or named.name == "nginx":
        return converted
    text = (
        f"read as {named.title} (--from {named.name}; Tomcat's and Jetty's look alike: --from tomcat, tomcat9, jetty)"
    )
    return replace(converted, warnings=(Warned("read_as", text), *converted.warnings))


def _has_percents(string: str) -> bool:
    return "$" not in string and re.search(r"%[<>]?(?:\{|[a-zA-Z])", string) is not None


def _forced(chosen: Format, samples: Sequence[Sample], scratch: Path, options: LogOptions) -> Converted:
    """Read files as the format that the user named."""
    choice, samples = elect_any([chosen], samples)
    if choice is None:
        return chosen.convert([one.original for one in samples], scratch, options)
    return read_as(choice, samples, scratch, options)


def _told(chosen: Format, samples: Sequence[Sample], scratch: Path, options: LogOptions) -> Converted:
    """Read files as the format that they show, and say which."""
    choice, samples = elect_any([chosen], samples)
    if choice is None:
        converted = chosen.convert([one.original for one in samples], scratch, options)
    else:
        try:
            converted = read_as(choice, samples, scratch, options)
        except BadRowsError as error:
            hint = in_the_way(FORMATS, choice, samples)
            raise BadRowsError(f"{error}\n{hint}" if hint else str(error)) from None
        except TraceError as error:
            raise TraceError("\n".join([*_pairs_in(samples[0]), str(error)])) from None
    return _said(chosen, converted, () if choice is None else others_in(FORMATS, choice, samples))


def _pairs_in(sample: Sample) -> Iterator[str]:
    """Say of a log that cannot be used where its other lines tell openings and closes of a key."""
    patterns = lines_of_text([record for record in sample.records if record.strip()])
    if patterns is not None:
        name = sample.original.name
        which = "without a key (lives are exact together, not one by one)" if not patterns.has_key else "with a key"
        yield (
            f"{name}: lines of it tell openings and closes {which}: `scfcost import {name} --suggest > mapping.toml` "
            "writes how they are paired, and --from mapping.toml reads the log by it. Its other lines:"
        )


def _said(chosen: Format, converted: Converted, more: tuple[Warned, ...] = ()) -> Converted:
    """Say as what files were read."""
    said = Warned("read_as", f"read as {chosen.title} (--from {chosen.name})")
    return replace(converted, warnings=(said, *more, *converted.warnings))


def _whole_files(originals: Sequence[Original]) -> Format | None:
    """Return the format that the heads of all files show, before any line is looked at; None where they show none."""
    shown = [whole_file(head_of(original)) for original in originals]
    return shown[0] if all(one is shown[0] for one in shown) else None


def recognise(original: Original) -> Format | None:
    """Return the format of a file, None where it is of none and may be a trace.

    Raises
    ------
    TraceError
        If it cannot be read.
    """
    return _format_of(samples_of([original])[0])


def _format_of(sample: Sample) -> Format | None:
    chosen = whole_file(head_of(sample.original))
    if chosen is not None:
        return chosen
    choice, _ = elect_any(FORMATS, [sample])
    return None if choice is None else choice.format


def _called(chosen: Format | None) -> str:
    return "a trace" if chosen is None else f"of the format {chosen.name}"
