"""Help that shows every flag's name in full at any width, and mistakes in the use as one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from scfcost.cli.outputs import check_outputs
from scfcost.core.text import message_lines

_OTHER = "Options"


class Command(TyperCommand):
    """A command whose help is plain text: a part for each group of flags, names whole."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, once it is sure that it writes over none of its inputs."""
        check_outputs(ctx.params)
        return super().invoke(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and flags, by the groups that they name."""
        parts: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                is_argument = parameter.param_type_name == "argument"
                title = "Arguments" if is_argument else getattr(parameter, "rich_help_panel", None) or _OTHER
                parts.setdefault(title, []).append(record)
        other = parts.pop(_OTHER, [])
        for title, records in [*parts.items(), (_OTHER, other)]:
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Group(TyperGroup):
    """Commands listed with the whole of their first sentence."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(limit=200)) for name, command in found if command])


class App(typer.Typer):
    """A set of commands with such help, and with error messages of plain lines."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            cls=Group, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, **settings
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Return what registers a function as a command."""
        return super().command(name, cls=Command, **settings)


def is_usage_error(error: Exception) -> bool:
    """Whether an error is what the command line itself finds wrong with its arguments."""
    return hasattr(error, "format_message") and hasattr(error, "show")


def leave_with_usage(error: Any, code: int) -> NoReturn:
    """Say on one line what is wrong with the arguments, and leave; without any argument, show the help."""
    context = getattr(error, "ctx", None)
    said = error.format_message().removesuffix(".").replace("Value error, ", "")
    if "\n" in said:
        with suppress(OSError):
            error.show()
    elif sys.stderr is not None:
        more = f" (see {context.command_path} --help)" if context else ""
        with suppress(OSError):
            print(message_lines(f"scfcost: {said[:1].lower()}{said[1:]}{more}"), file=sys.stderr, flush=True)
    sys.exit(code)
