"""Gives a command the flags of groups, beside those of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from scfcost.cli.options.large import Engine
from scfcost.cli.options.reading import OnError, Paths

_DEFAULTS: dict[str, Any] = {"on_error": OnError.STRICT, "engine": Engine.LOCAL, "quiet": False, "verbose": False}


def takes(
    *groups: dict[str, Any], files: Any = Paths, required: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the traces and the flags of some groups, beside parameters of its own.

    The command is called with `paths`, with `flags` (the values of the shared flags and its own, by name), and with its
    own parameters. A parameter of its own takes the place of a shared flag of the same name; `files` says what its
    paths are, where they are not traces; they may be left out, and are None then, where they are not required.

    Parameters
    ----------
    files : object, optional
        What its paths are, as typer takes it.
    required : bool, optional
        Whether there has to be one.
    """
    shared = {name: annotation for group in groups for name, annotation in group.items()}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = {
            name: parameter
            for name, parameter in inspect.signature(command, eval_str=True).parameters.items()
            if name not in ("paths", "flags")
        }
        default = inspect.Parameter.empty if required else None
        parameters = [inspect.Parameter("paths", inspect.Parameter.KEYWORD_ONLY, annotation=files, default=default)]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=_DEFAULTS.get(name))
            for name, annotation in shared.items()
            if name not in own
        ]
        parameters += [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own.values()]

        @wraps(command)
        def run(*, paths: list[str], **flags: Any) -> None:
            command(paths, flags, **{name: flags[name] for name in own})

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate
