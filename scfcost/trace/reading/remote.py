"""Files on object storage, fetched through fsspec into a folder of this machine before they are read.

Credentials come from their usual places alone (environment, configuration files, the machine's role); no message
repeats what a storage service says, since that may hold them.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from glob import has_magic
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from scfcost.core.errors import ConfigError, TraceError
from scfcost.core.files import whole

EXTRAS = {"s3": "s3", "s3a": "s3", "cos": "cos"}
"""What reads the addresses of a protocol: an extra of scfcost."""
_AT_ONCE = 8
"""Files fetched at the same time. [1]"""
_PIECE = 1 << 20
"""What is read of a file at once. [B]"""
_CAUSES = {
    "FileNotFoundError": "there is no such file",
    "NoSuchBucket": "there is no such bucket",
    "PermissionError": "access is denied; look at the credentials and the bucket's policy",
    "NoCredentialsError": "no credentials were found in the environment, the configuration files or the machine's role",
    "PartialCredentialsError": "the credentials are not complete",
    "EndpointConnectionError": "the service cannot be reached",
    "ConnectTimeoutError": "the service does not answer",
    "OSError": "it cannot be read from the service",
}
"""Errors by name, and what to tell of them: the first that fits."""


def is_remote(path: str) -> bool:
    """Whether a path is an address."""
    return "://" in path


def shown(path: str) -> str:
    """Return an address as messages show it: without a query string, which may be a signature or a token."""
    address, _, query = path.partition("?")
    return f"{address}?…" if is_remote(path) and "=" in query else path


def fetch(path: str, folder: Path) -> list[tuple[Path, str]]:
    """Fetch the files of an address, which may be a glob, and return where each is, and its address.

    Parameters
    ----------
    path : str
        The address, which may be a glob.
    folder : Path
        Folder that it goes to.

    Raises
    ------
    TraceError
        If no file matches, or one cannot be read.
    ConfigError
        If the protocol is not known, its extra is not installed, or the address holds credentials.
    """
    storage = _storage(path)
    with _told(path):
        found = list(_listed(storage, path))
    if not found:
        raise TraceError(f"{shown(path)}: no file matches")
    places = [(_place(folder, one.address), one) for one in found]

    def get(pair: tuple[Path, _Stored]) -> None:
        place, one = pair
        mark = place.with_name(f"{place.name}.mark")
        if place.exists() and mark.exists() and mark.read_text(encoding="utf-8") == one.mark:
            return  # fetched before, and the same
        place.parent.mkdir(parents=True, exist_ok=True)
        with whole(place, TraceError) as part, part.open("wb") as copy:
            copy.writelines(_content(storage, one))
        mark.write_text(one.mark, encoding="utf-8")

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(get, places))
    return [(place, one.address) for place, one in places]


def sizes(path: str) -> list[int]:
    """Return the sizes of the files of an address. [B] Errors as in `fetch`."""
    with _told(path):
        return [one.size for one in _listed(_storage(path), path)]


def _place(folder: Path, address: str) -> Path:
    parts = urlsplit(address)
    return folder.joinpath("remote", parts.scheme, parts.netloc, *parts.path.strip("/").split("/"))


class _Stored(NamedTuple):
    """A file in the storage."""

    name: str
    address: str
    size: int
    mark: str
    """Size and digest: where they are the same, so is the file."""


def _listed(storage: Any, path: str) -> Iterator[_Stored]:
    """Yield the files of an address, sorted."""
    scheme = urlsplit(path).scheme
    inner = storage._strip_protocol(path)  # noqa: SLF001 (how fsspec itself turns an address into a name)
    if has_magic(inner):
        found = storage.glob(inner, detail=True)
        infos = [info for _, info in sorted(found.items()) if info["type"] == "file"]
    else:
        infos = [storage.info(inner)]
    for info in infos:
        size = int(info["size"] or 0)
        yield _Stored(info["name"], f"{scheme}://{info['name']}", size, f"{size} {info.get('ETag', '')}")


def _content(storage: Any, one: _Stored) -> Iterator[bytes]:
    """Yield what a file holds, piece by piece."""
    with _told(one.address), storage.open(one.name, "rb") as source:
        while piece := source.read(_PIECE):
            yield piece


def _storage(path: str) -> Any:
    parts = urlsplit(path)
    extra = EXTRAS.get(parts.scheme)
    if extra is None:
        raise ConfigError(f"{parts.scheme}:// is not read; addresses of {', '.join(sorted(EXTRAS))} are")
    if "@" in parts.netloc:
        raise ConfigError("an address must not hold credentials: leave them in the environment or the usual files")
    try:
        import fsspec

        with _told(path):
            return fsspec.filesystem(parts.scheme)
    except ImportError:
        raise ConfigError(f"{shown(path)}: needs pip install 'scfcost[{extra}]'") from None


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Turn what a storage service says into a message without its words."""
    try:
        yield
    except (TraceError, ConfigError, ImportError):
        raise
    except Exception as error:  # noqa: BLE001 (each service has errors of its own)
        names = {one.__name__ for one in type(error).__mro__}
        told = (text for name, text in _CAUSES.items() if name in names)
        raise TraceError(f"{shown(path)}: {next(told, f'it cannot be read ({type(error).__name__})')}") from None
