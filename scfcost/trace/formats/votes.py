"""Which format a log is of, on a vote over lines from all over its files: what recognises a line is what reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from scfcost.core.warning import Warned
from scfcost.trace.formats.base import Converted, Format, Kind, LogOptions, Original, refused
from scfcost.trace.formats.sample import LINES, TABLE, is_table, records_of, sample_of
from scfcost.trace.formats.unwrap import DEEPEST, lines_in, unwrap

_LONGEST = 10_000
"""A line that is longer is not asked what it is. [1]"""
_FEW = 40
"""Lines of a sample in which lines are looked for within others. [1]"""


@dataclass(frozen=True, slots=True)
class Sample:
    """Records of a file."""

    original: Original
    shape: str
    records: Sequence[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """The kind of line that most of a sample is of."""

    format: Format
    kind: Kind
    votes: int
    of: int
    """Records that were asked. [1]"""


def samples_of(originals: Iterable[Original]) -> list[Sample]:
    """Return a sample of each file.

    Raises
    ------
    TraceError
        If a file cannot be read.
    """
    return [Sample(original, *sample_of(original)) for original in originals]


def elect(formats: Sequence[Format], samples: Sequence[Sample]) -> Choice | None:
    """Return the kind that most records are of, as they stand or within others; None where none is of any.

    A kind that can be read wins over one that cannot; of two with as many votes, the one that is registered first.

    Parameters
    ----------
    formats : sequence of Format
        The formats that are asked, in the order of their registration.
    samples : sequence of Sample
        The first records of each file.
    """
    records = [record for sample in samples for record in sample.records]
    plain = all(sample.shape == LINES for sample in samples)
    chosen = _elect(formats, records, lambda text: [text]) if plain else None
    if chosen is not None and not chosen.kind.refusal and 2 * chosen.votes >= len(records):
        return chosen
    deep = _elect(formats, _few(records), texts_within)
    if deep is None or (chosen is not None and (deep.kind.refusal or chosen.kind == deep.kind)):
        return chosen or deep
    if chosen is None or chosen.kind.refusal:
        return deep
    return deep if deep.votes * chosen.of > chosen.votes * deep.of else chosen


def _few(records: Sequence[str]) -> Sequence[str]:
    """Return some records of all over a sample, those that may be of a WebSocket before others."""
    likely = [one for one in records if "101" in one or "ebsocket" in one.lower() or "CONNECT" in one]
    return (likely[:: max(1, len(likely) // _FEW)] + list(records[:: max(1, len(records) // _FEW)]))[: 2 * _FEW]


def texts_within(text: str) -> list[str]:
    """Return a text and all that stands within it, the outermost first."""
    found: list[str] = []

    def note(inner: str) -> bool:
        found.append(inner)
        return False

    lines_in(text, note, DEEPEST)
    return found


def _elect(formats: Sequence[Format], records: Sequence[str], texts: Callable[[str], list[str]]) -> Choice | None:
    asked = [texts(record) for record in records]
    every = [text for inner in asked for text in inner]
    best: Choice | None = None
    for one in formats:
        for kind in one.kinds(every):
            votes = sum(any(map(kind.is_line, inner)) for inner in asked)
            if votes and (best is None or _rank(kind, votes) > _rank(best.kind, best.votes)):
                best = Choice(one, kind, votes, len(asked))
    return best


def _rank(kind: Kind, votes: int) -> tuple[bool, int]:
    return not kind.refusal, votes


def as_table(sample: Sample) -> Sample:
    """Return a sample as rows under a header, where it is one, each an object of JSON."""
    if sample.shape != LINES or not is_table(list(sample.records)):
        return sample
    return Sample(sample.original, *sample_of(sample.original, TABLE))


def elect_any(formats: Sequence[Format], samples: Sequence[Sample]) -> tuple[Choice | None, Sequence[Sample]]:
    """Elect a kind of files as they stand, or where none can be read so, of the rows of tables; with what was asked.

    Parameters
    ----------
    formats : sequence of Format
        The formats that are asked, in the order of their registration.
    samples : sequence of Sample
        The first records of each file.
    """
    chosen = elect(formats, samples)
    if chosen is not None and not chosen.kind.refusal:
        return chosen, samples
    tables = [as_table(sample) for sample in samples]
    other = elect(formats, tables)
    if other is not None and (chosen is None or not other.kind.refusal):
        return other, tables
    return chosen, samples


def read_as(chosen: Choice, samples: Sequence[Sample], scratch: Path, options: LogOptions) -> Converted:
    """Read files as the kind that was chosen, out of what is around their lines.

    Parameters
    ----------
    chosen : Choice
        The kind that was elected.
    samples : sequence of Sample
        The first records of each file.
    scratch : Path
        Folder for files on the way; what is written goes there.
    options : LogOptions
        What the user says of logs.

    Raises
    ------
    TraceError
        If such lines cannot be used; the message says what to do instead.
    """
    if chosen.kind.refusal:
        raise refused(samples[0].original.name, chosen.kind.refusal)
    convert = chosen.kind.convert or chosen.format.convert
    files = [
        unwrap(sample.original, sample.shape, chosen.kind.is_line, scratch) if _is_wrapped(chosen, sample) else
        sample.original
        for sample in samples
    ]  # fmt: skip
    return convert(files, scratch, options)


def others_in(formats: Sequence[Format], chosen: Choice, samples: Sequence[Sample]) -> tuple[Warned, ...]:
    """Say what other log the lines are of that the one that was chosen leaves out, and how many of a sample.

    Parameters
    ----------
    formats : sequence of Format
        The formats that are asked, in the order of their registration.
    chosen : Choice
        The kind that was elected.
    samples : sequence of Sample
        The first records of each file.
    """
    records = [record for sample in samples for record in sample.records]
    left = [record for record in records if not lines_in(record, chosen.kind.is_line)][: 2 * _FEW]
    other = _elect([one for one in formats if one is not chosen.format], left, lambda text: [text])
    if other is None or other.kind.refusal:
        return ()
    share = f"{other.votes:,} of {len(records):,} lines that were looked at"
    text = f"the file holds another log, too: {share} are of {other.format.title} (--from {other.format.name})"
    return (Warned("mixed_formats", text),)


def in_the_way(formats: Sequence[Format], chosen: Choice, samples: Sequence[Sample]) -> str:
    """Return what the lines are that the chosen kind cannot read, and how to read both; "" where they are of no log.

    Parameters
    ----------
    formats : sequence of Format
        All formats.
    chosen : Choice
        The kind of most lines.
    samples : sequence of Sample
        The files; they are gone through from their start.
    """
    records = (record for sample in samples for record in records_of(sample.original, sample.shape))
    likely = (one for one in records if one.strip() and len(one) <= _LONGEST)
    left = list(islice((one for one in likely if not lines_in(one, chosen.kind.is_line)), 5 * _FEW))
    other = _elect(formats, left, lambda text: [text])
    if other is None or 2 * other.votes < len(left):
        return ""
    what = f"{other.votes:,} of the first {len(left):,} lines that are no lines of {chosen.format.title} are "
    if other.kind.refusal:
        return f"{what}of another form, which tells too little: --on-error skip leaves them out"
    if other.format is chosen.format:
        return f"{what}of it in another form: read each form by itself, with its own --log-format and --on-error skip"
    name = samples[0].original.name
    first, second = (
        f"    scfcost import {name} --from {one.name} --on-error skip -o {one.name}.parquet"
        for one in (chosen.format, other.format)
    )
    return (
        f"{what}of {other.format.title}. Read each by itself, then both together:\n{first}\n{second}\n"
        f"    scfcost estimate {chosen.format.name}.parquet {other.format.name}.parquet\n"
        "or only the first, where one server stands before the other and both tell of the same connections"
    )


def _is_wrapped(chosen: Choice, sample: Sample) -> bool:
    """Whether lines stand within others, or a file is no file of lines."""
    if sample.shape != LINES:
        return True
    plain = [record for record in sample.records if not chosen.kind.is_line(record)]
    return any(lines_in(record, chosen.kind.is_line) for record in _few(plain))
