"""From the files that a user named to a trace file, by the format that was asked for or that they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scfcost.core.errors import TraceError
from scfcost.core.warning import Warned
from scfcost.trace.formats import by_name, recognise
from scfcost.trace.formats.base import Converted, Format, LogOptions, Original, head_of


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
    if name is not None:
        return by_name(name).convert(originals, scratch, options)
    if options.log_format is not None:
        return by_name("nginx").convert(originals, scratch, options)
    found = {original.name: recognise(head_of(original)) for original in originals}
    chosen = next(iter(found.values()))
    for one, other in found.items():
        if other is not chosen:
            first = next(iter(found))
            raise TraceError(f"{first} is {_called(chosen)} and {one} {_called(other)}; read them one at a time")
    if chosen is None:
        return None
    converted = chosen.convert(originals, scratch, options)
    text = f"read as {chosen.title} (--from {chosen.name})"
    return replace(converted, warnings=(Warned("read_as", text), *converted.warnings))


def _called(chosen: Format | None) -> str:
    return "a trace" if chosen is None else f"of the format {chosen.name}"
