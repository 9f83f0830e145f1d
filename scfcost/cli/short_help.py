"""The short help of a command: commands to try and the flags that matter; `--help-all` shows every flag."""

from __future__ import annotations

import textwrap
from inspect import cleandoc
from typing import Any

from typer.core import TyperOption

HELP_ALL = "--help-all"
"""The flag that shows every flag."""
EVERY_FLAG = "Show every flag and exit."
"""What is said of it."""
_EXAMPLE = "scfcost "
"""How a paragraph of a docstring begins that is a command to try."""
_SHOWN = "scfcost.help_all"
"""Under which name a call knows that every flag is to be shown."""


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a docstring, each on one line."""
    return [" ".join(paragraph.split()) for paragraph in cleandoc(text).split("\n\n")]


def examples_of(command: Any) -> list[str]:
    """Return the commands to try that the docstring of a command holds."""
    return [one for one in paragraphs(command.help or "") if one.startswith(_EXAMPLE)]


def typed(example: str, width: int) -> list[str]:
    """Return a command in lines as a shell takes them, each but the last ending with a backslash.

    Parameters
    ----------
    example : str
        The command.
    width : int
        Columns that there are. [1]
    """
    lines = textwrap.wrap(example, width - 2, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return [*(f"{line} \\" for line in lines[:-1]), *lines[-1:]]


def said_of(command: Any) -> list[str]:
    """Return the paragraphs of the docstring of a command that are no commands to try."""
    return [one for one in paragraphs(command.help or "") if not one.startswith(_EXAMPLE)]


def shows_all(ctx: Any) -> bool:
    """Whether the help is to show every flag."""
    return bool(ctx.meta.get(_SHOWN))


def with_help_all(command: Any, parameters: list[Any]) -> list[Any]:
    """Return parameters with the flag that shows all of them before the last one, `--help`.

    Parameters
    ----------
    command : object
        The command; it keeps the flag, which has to be the same one each time.
    parameters : list
        Its other parameters.
    """
    if command.help_all is None:
        kind = getattr(parameters[-1], "type_descriptor", None)  # typer has one since it does without click
        command.help_all = TyperOption(
            param_decls=[HELP_ALL],
            **({} if kind is None else {"type_descriptor": kind}),
            default=False,
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_all,
            help=EVERY_FLAG,
        )
    return [*parameters[:-1], command.help_all, *parameters[-1:]]


def _show_all(ctx: Any, _parameter: Any, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        ctx.meta[_SHOWN] = True
        print(ctx.get_help())
        ctx.exit()
