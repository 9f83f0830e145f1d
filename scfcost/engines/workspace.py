"""Where packed rows and sums are kept while a trace is read in parts: for one run, or to go on after a crash."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scfcost.core.errors import ConfigError
from scfcost.core.files import text_of, write_whole
from scfcost.core.guard import parse_json
from scfcost.core.pieces import seal, unseal
from scfcost.core.version import __version__
from scfcost.engines.partial import Partial
from scfcost.engines.plan import Plan
from scfcost.trace.reading.database import LINKS
from scfcost.trace.reading.layout import Layout, Relation
from scfcost.trace.reading.partition import ROWS, is_scattered

MOST_GROUPS = 64
"""Groups of files whose rows a checkpoint keeps apart. [1]"""
_MANIFEST = "checkpoint.json"
_OURS = ("remote", LINKS)
"""What may lie in a checkpoint before it is begun: what was fetched, and links to inputs."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with the rows of each part, and the sums of those that are done."""

    folder: Path
    job: str
    """Digest of the question, and of how large its pieces are: sums of another are kept beside."""
    is_kept: bool
    identity: str = ""
    """Digest of the files and of how they are read: what is of others is not taken."""

    def bounds(self, divide: Callable[[], list[Any]]) -> list[Any]:
        """Return where the parts begin, as when the rows were first put there; without that, all begins anew."""
        kept = self.folder / "bounds.json"
        content = unseal(kept, of=self.identity)
        if content is None:
            self.forget()
            content = json.dumps(divide()).encode()
            seal(kept, content, ConfigError, of=self.identity)
        found: list[Any] = json.loads(content)
        return found

    def groups(self, relations: Sequence[Relation], *, apart: bool) -> list[tuple[Path, list[Relation]]]:
        """Divide the files into groups, each with a folder for its rows; one group where they need not be apart.

        What broken tries left in those folders goes.

        Parameters
        ----------
        relations : sequence of Relation
            The files, as relations of the database.
        apart : bool
            Whether each file is a group of its own, so that groups are done one by one.
        """
        count = min(len(relations), MOST_GROUPS) if apart else 1
        step = -(-len(relations) // count)
        for left in self.folder.glob("rows-*/try-*"):
            shutil.rmtree(left, ignore_errors=True)
        for half in self.folder.glob(".*.part"):
            half.unlink(missing_ok=True)
        return [
            (self.folder / f"rows-{number}", list(relations[begin : begin + step]))
            for number, begin in enumerate(range(0, len(relations), step))
        ]

    def is_done(self, group: tuple[Path, list[Relation]], layout: Layout, bounds: Sequence[Any]) -> bool:
        """Whether all rows of a group are in their parts, as they were written; what is left of others goes.

        Parameters
        ----------
        group : (Path, list of Relation)
            Files whose rows go into one folder, and that folder.
        layout : Layout
            How ids, instants and functions are written.
        bounds : sequence of object
            The ids at which the parts after the first begin.
        """
        folder, relations = group
        if is_scattered(relations, layout, bounds, folder):
            return True
        shutil.rmtree(folder / ROWS, ignore_errors=True)
        return False

    def file_of(self, part: int) -> Path:
        """Return where the sums of a part are kept."""
        return self.folder / f"sums-{self.job}-{part:06d}.npz"

    def lives_files(self, total: Partial, case: str) -> list[Path]:
        """Return where the lives of all pieces are kept, in the order of the parts.

        Parameters
        ----------
        total : Partial
            The sums of all parts.
        case : str
            Name of the policy whose lives are meant.
        """
        return [self.folder / one.name for one in total.lives if f".{case}." in one.name]

    def forget(self) -> None:
        """Remove rows and sums that rest on a wrong guess."""
        for path in self.folder.glob("rows-*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.folder / "bounds.json", *self.folder.glob("sums-*")):
            path.unlink(missing_ok=True)


def lives_file(sums: Path, case: str, piece: int) -> Path:
    """Return where the lives of a piece of a part are kept, beside its sums.

    Parameters
    ----------
    sums : Path
        File of the sums of the part.
    case : str
        Name of the policy whose lives are meant.
    piece : int
        Which piece, from 0.
    """
    return sums.with_suffix(f".{case}.{piece:06d}.npy")


@contextmanager
def workspace(plan: Plan, job: object) -> Iterator[Workspace]:
    """Yield a folder of its own that goes at the end, or the checkpoint.

    Parameters
    ----------
    plan : Plan
        How the trace is read in parts.
    job : object
        The question, whose text names the checkpoint.

    Raises
    ------
    ConfigError
        If the checkpoint is of other files, or of files that have changed.
    """
    prints = {} if plan.checkpoint is None else plan.fingerprints()
    identity = _digest((__version__, plan.parts, plan.time_unit, prints))
    digest = _digest((identity, job, plan.drop_heartbeats, plan.window, plan.rows))
    if plan.checkpoint is None:
        with TemporaryDirectory(prefix="scfcost-") as folder:
            yield Workspace(Path(folder), digest, is_kept=False)
        return
    try:
        plan.checkpoint.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{plan.checkpoint}: cannot be a checkpoint: {error.strerror}") from None
    _check(plan, plan.checkpoint / _MANIFEST, prints)
    yield Workspace(plan.checkpoint, digest, is_kept=True, identity=identity)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def _check(plan: Plan, manifest: Path, prints: Mapping[str, list[Any]]) -> None:
    """Hold a checkpoint to the files it was begun with."""
    now: dict[str, Any] = {"scfcost": __version__, "parts": plan.parts, "time_unit": plan.time_unit, "files": prints}
    if not manifest.exists():
        if any(one.name not in _OURS for one in manifest.parent.iterdir()):
            raise ConfigError(f"{manifest.parent}: holds other files; a checkpoint needs a folder of its own")
        write_whole(manifest, json.dumps(now, indent=1), ConfigError)
        return
    try:
        kept = parse_json(text_of(manifest, ConfigError))
        files = dict(kept["files"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ConfigError(f"{manifest}: is no checkpoint; remove the folder to begin anew") from None
    for name, mark in prints.items():
        if files.pop(name, mark) != mark:
            raise ConfigError(f"{name} has changed since the checkpoint {manifest.parent} was begun; begin a new one")
    if files or len(kept["files"]) != len(prints):
        raise ConfigError(f"the checkpoint {manifest.parent} is of other files; begin a new one")
    for key, title in (("scfcost", "version of scfcost"), ("parts", "memory limit"), ("time_unit", "time unit")):
        if kept.get(key) != now[key]:
            raise ConfigError(f"the checkpoint {manifest.parent} was begun with another {title}; begin a new one")
