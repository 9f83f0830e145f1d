"""Help that shows every flag's name in full at any width, and mistakes in the use as one line."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

import typer
from rich.cells import cell_len
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from scfcost.cli.outputs import check_outputs
from scfcost.cli.short_help import (
    EVERY_FLAG,
    HELP_ALL,
    examples_of,
    paragraphs,
    said_of,
    shows_all,
    typed,
    with_help_all,
)
from scfcost.core.language import ENGLISH, _, language, translated
from scfcost.core.text import message_lines

_OTHER = "Options"
_HELP = "Show this message and exit."
"""What the command line itself says of --help."""


class Wide(typer.Context.formatter_class):  # type: ignore[misc, valid-type]
    """Help in the reader's language: its lines are measured in the columns that wide characters take."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is called.

        Parameters
        ----------
        prog : str
            Name of the command.
        args : str, optional
            What follows it.
        prefix : str, optional
            What stands before it.
        """
        super().write_usage(prog, args, _("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write the title of a part."""
        told = _("{heading}:").format(heading=translated(heading))
        self.write(f"{'':>{self.current_indent}}{told}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        if language() == ENGLISH:
            write = super().write_text
            write(text)
            return
        for paragraph in paragraphs(text):
            lines = folded(translated(paragraph), self.width - self.current_indent)
            self.write("".join(f"{'':>{self.current_indent}}{line}\n" for line in lines))

    def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
        """Write flags or commands, each with what it is for.

        Parameters
        ----------
        rows : object
            Flag or command, and what it is for.
        col_max : int, optional
            Widest first column. [1]
        col_spacing : int, optional
            Blanks between the columns. [1]
        """
        if language() == ENGLISH:
            super().write_dl(rows, col_max, col_spacing)
            return
        records = list(rows)
        first = min(max(cell_len(name) for name, _help in records), col_max) + col_spacing
        for name, told in records:
            lines = folded(told, max(self.width - first - col_spacing, 10))
            lead = f"{'':>{self.current_indent}}{name}"
            if cell_len(name) <= first - col_spacing and lines:
                lead += " " * (first - cell_len(name)) + lines.pop(0)
            self.write(f"{lead}\n")
            self.write("".join(f"{'':>{first + self.current_indent}}{line}\n" for line in lines))


class Context(typer.Context):
    """What a command runs in, with such help."""

    formatter_class = Wide


def folded(text: str, width: int) -> list[str]:
    """Return a text in lines, each of so many columns at most; wide characters take two.

    Parameters
    ----------
    text : str
        What is to be shown.
    width : int
        Columns that there are. [1]
    """
    from rich.console import Console

    return [line.plain.rstrip() for line in Text(text).wrap(Console(width=width), width)]


def texts_of(command: Any) -> Iterator[str]:
    """Yield all that the help of a command and of those under it says, as the catalogs hold it."""
    yield from said_of(command)
    yield from (_HELP, EVERY_FLAG)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            yield parameter.help
        if panel := getattr(parameter, "rich_help_panel", None):
            yield panel
    for one in getattr(command, "commands", {}).values():
        yield from texts_of(one)


def _record(parameter: Any, ctx: Any) -> tuple[str, str] | None:
    """Return a flag and what it is for, in the reader's language."""
    english = getattr(parameter, "help", None)
    if english is None or language() == ENGLISH:
        record: tuple[str, str] | None = parameter.get_help_record(ctx)
        return record
    parameter.help = translated(english)
    try:
        record = parameter.get_help_record(ctx)
    finally:
        parameter.help = english
    if record is None:
        return None
    told = _DEFAULT.sub(lambda found: _("[default: {value}]").format(value=found[1]), record[1])
    return record[0], told.replace("[required]", _("[required]"))


_DEFAULT = re.compile(r"\[default: (.*?)\]$")
"""What the command line adds to the help of a flag."""


class Command(TyperCommand):
    """A command whose help is plain text: what to type, the flags that matter, and with --help-all every flag."""

    context_class = Context
    help_all: Any = None
    matter: tuple[str, ...] = ()
    """Parameters that the short help shows, by name, the most asked for first; where it is empty, all of them."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the arguments and flags, with those that show the help."""
        return with_help_all(self, super().get_params(ctx))

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write what the command is for, and commands to try.

        Parameters
        ----------
        ctx : object
            The command as it was called.
        formatter : object
            What lays the text out.
        """
        _write_told(self, formatter, whole=shows_all(ctx) or not self.matter)

    def invoke(self, ctx: Any) -> Any:
        """Run the command, once it is sure that it writes over none of its inputs."""
        check_outputs(ctx.params)
        return super().invoke(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the flags that matter, or all of them by the groups that they name.

        Parameters
        ----------
        ctx : object
            The command as it was called.
        formatter : object
            What lays the text out.
        """
        named = {one.name: one for one in self.get_params(ctx)}
        if shows_all(ctx) or not self.matter:
            _write_flags(list(named.values()), ctx, formatter)
            return
        arguments = [one for one in named.values() if one.param_type_name == "argument"]
        shown = [*arguments, *(named[name] for name in self.matter)]
        _write_flags(shown, ctx, formatter, by_group=False)
        number = sum(not getattr(one, "hidden", False) for one in named.values()) - len(shown)
        more = _("{number} flags more: {command} {flag}")
        formatter.write(f"\n{more.format(number=number, command=ctx.command_path, flag=HELP_ALL)}\n")


def _write_told(command: Any, formatter: Any, *, whole: bool) -> None:
    """Write what a command is for, commands to try, and where it is to be whole what else is to be known."""
    summary, *more = said_of(command)
    _write_paragraphs([summary], formatter)
    with formatter.section("Examples"):
        at = formatter.current_indent
        for line in (line for one in examples_of(command) for line in typed(one, formatter.width - at)):
            formatter.write(f"{'':>{at}}{line}\n")
    if more and whole:
        _write_paragraphs(more, formatter)


def _write_paragraphs(told: list[str], formatter: Any) -> None:
    formatter.write_paragraph()
    write = formatter.write_text
    with formatter.indentation():
        write("\n\n".join(told))


def _write_flags(parameters: list[Any], ctx: Any, formatter: Any, *, by_group: bool = True) -> None:
    parts: dict[str, list[tuple[str, str]]] = {}
    for parameter in parameters:
        record = _record(parameter, ctx)
        if record is not None:
            is_argument = parameter.param_type_name == "argument"
            group = getattr(parameter, "rich_help_panel", None) if by_group else None
            title = "Arguments" if is_argument else group or _OTHER
            parts.setdefault(title, []).append(record)
    other = parts.pop(_OTHER, [])
    for title, records in [*parts.items(), (_OTHER, other)]:
        if records:
            with formatter.section(title):
                formatter.write_dl(records)


def _summary(command: Any) -> str:
    """Return what a command is for, in the reader's language."""
    if language() == ENGLISH:
        return str(command.get_short_help_str(limit=200))
    return translated(next(iter(paragraphs(command.help or ""))))


class Group(TyperGroup):
    """Commands listed with the whole of their first sentence."""

    context_class = Context
    help_all: Any = None

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the flags, with those that show the help."""
        return with_help_all(self, super().get_params(ctx))

    def format_help_text(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 (all is shown, whatever is asked)
        """Write what the commands are for, and some to try.

        Parameters
        ----------
        ctx : object
            The command as it was called.
        formatter : object
            What lays the text out.
        """
        _write_told(self, formatter, whole=True)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the flags, then the commands.

        Parameters
        ----------
        ctx : object
            The command as it was called.
        formatter : object
            What lays the text out.
        """
        _write_flags(self.get_params(ctx), ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands.

        Parameters
        ----------
        ctx : object
            The command as it was called.
        formatter : object
            What lays the text out.
        """
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(command)) for name, command in found if command])


class App(typer.Typer):
    """A set of commands with such help, and with error messages of plain lines."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            cls=Group, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, **settings
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Return what registers a function as a command; `matter` names the parameters of its short help."""
        kind = type("Command", (Command,), {"matter": tuple(settings.pop("matter", ()))})
        return super().command(name, cls=kind, **settings)


def is_usage_error(error: Exception) -> bool:
    """Whether an error is what the command line itself finds wrong with its arguments."""
    return hasattr(error, "format_message") and hasattr(error, "show")


def leave_with_usage(error: Any, code: int) -> NoReturn:
    """Say on one line what is wrong with the arguments, and leave; without any argument, show the help.

    Parameters
    ----------
    error : object
        What click raised.
    code : int
        Exit code.
    """
    context = getattr(error, "ctx", None)
    said = error.format_message().removesuffix(".").replace("Value error, ", "")
    if "\n" in said:
        with suppress(OSError):
            error.show()
    elif sys.stderr is not None:
        more = _(" (see {command} --help)").format(command=context.command_path) if context else ""
        with suppress(OSError):
            told = translated(f"{said[:1].lower()}{said[1:]}")
            print(message_lines(f"scfcost: {told}{more}"), file=sys.stderr, flush=True)
    sys.exit(code)
