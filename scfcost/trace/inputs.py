"""What may stand for a trace in Python: a trace, files, or a DataFrame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

from scfcost.core.errors import ConfigError
from scfcost.trace.built import check_built
from scfcost.trace.model import Trace

TraceLike: TypeAlias = Any
"""A Trace, files (str, Path or a sequence of them), or a DataFrame."""
_Function = TypeVar("_Function", bound=Callable[..., Any])
_SCENARIO = ".toml"
_ALWAYS_CHECKED = 1_000_000
"""Messages up to which a trace that was read is looked at, too: someone may have changed it since. [1]"""


def as_trace(data: Any) -> Trace:
    """Return what stands for a trace as one.

    Parameters
    ----------
    data : Trace, str, Path, sequence of str or Path, or DataFrame
        A trace as it is; files, globs or logs, read as `read_trace` does without options; a DataFrame of pandas, or
        anything that speaks the stream of Arrow, read as `Trace.from_frame` does.

    Raises
    ------
    TraceError
        If it cannot be read as a trace, or is one that was put together in Python and does not hold together.
    ConfigError
        If it is none of these.
    """
    if isinstance(data, Trace):
        if not data.provenance.sources or data.messages <= _ALWAYS_CHECKED:
            check_built(data)
        return data
    listed = [data] if isinstance(data, str | Path) else data
    if isinstance(listed, Sequence) and all(isinstance(one, str | Path) for one in listed):
        if scenarios := [one for one in listed if str(one).endswith(_SCENARIO)]:
            raise ConfigError(f"{scenarios[0]}: a scenario is no trace yet; generate it first (scfcost simulate)")
        from scfcost.trace.read import read_trace

        return read_trace(list(listed))
    from scfcost.trace.frames import is_frame, trace_from_frame

    if is_frame(data):
        return trace_from_frame(data)
    raise ConfigError(f"expected a trace, files or a DataFrame, not {type(data).__name__!r}")


def takes_trace(function: _Function) -> _Function:
    """Let a function whose first parameter is `trace` take whatever stands for one, see `as_trace`."""

    @wraps(function)
    def run(*given: Any, **named: Any) -> Any:
        if "trace" in named:
            return function(as_trace(named.pop("trace")), *given, **named)
        return function(as_trace(given[0]), *given[1:], **named) if given else function(**named)

    return cast("_Function", run)
