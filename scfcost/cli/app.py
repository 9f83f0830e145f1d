"""The command line: registers each command, and turns what goes wrong into one message and an exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from scfcost.cli.help import App, is_usage_error, leave_with_usage
from scfcost.cli.output import flush, say_on_stderr, silence, write
from scfcost.cli.start import first_words
from scfcost.core import language
from scfcost.core.cache import find_cache
from scfcost.core.compiler import own_process
from scfcost.core.errors import ConfigError, ScfcostError
from scfcost.core.files import fill_closed_streams, reason_of
from scfcost.core.text import message_lines, visible
from scfcost.core.version import __version__

_DEBUG = "SCFCOST_DEBUG"
"""Environment variable that has tracebacks shown."""
_COMPLETE = "_SCFCOST_COMPLETE"
"""Environment variable by which a shell asks what a line may go on with."""
BAD_INPUT, INTERNAL, INTERRUPTED = 2, 3, 130
"""Exit codes; 0 is done and 1 a budget or policy check that failed."""

COMMANDS = (
    "estimate",
    "report",
    "sweep",
    "recommend",
    "sensitivity",
    "architecture",
    "capacity",
    "compare",
    "price",
    "diff",
    "check",
    "reconcile",
    "import",
    "simulate",
    "emulate",
    "fit",
    "formats",
    "sample",
    "scenario",
    "catalog",
    "config",
)
"""All commands, as the help lists them: each is the module of its name, with a function of its name, or an `app`."""


LANG = "--lang"
"""The flag that names the reader's language, before the command or after it."""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"scfcost {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(LANG, help="Language, zh or en; also after a command. [default: SCFCOST_LANG, else the locale]"),
    ] = None,
) -> None:
    """Take the options that stand before a command; `--lang` has been heard before any is read."""


_ABOUT = """What WebSocket connections cost on a serverless platform, and which timeouts to set.

    scfcost sample chat-room > traces.csv

    scfcost estimate traces.csv --reconnect on-demand

    scfcost recommend traces.csv --reconnect on-demand
    """


def with_commands(names: Iterable[str] = COMMANDS) -> App:
    """Return the command line with some of its commands.

    Parameters
    ----------
    names : iterable of str, optional
        Those of `COMMANDS` that it knows, each loaded here.
    """
    made = App(name="scfcost", help=_ABOUT)
    for name in names:
        word = f"{name}_" if iskeyword(name) else name
        module = import_module(f"scfcost.cli.{word}")
        if hasattr(module, "app"):
            made.add_typer(module.app, name=name)
        else:
            made.command(name, matter=getattr(module, "MATTER", ()))(getattr(module, word))
    made.callback()(_root)
    return made


@cache
def _whole() -> App:
    return with_commands()


def __getattr__(name: str) -> App:
    """Give out `app`, the command line with every command: it is built where it is first asked for."""
    if name == "app":
        return _whole()
    raise AttributeError(name)


def main() -> None:
    """Run the command line.

    Exit codes: 0 done, 1 a check failed, 2 bad input or usage, 3 an internal error. SCFCOST_DEBUG=1 shows where
    an error came from.
    """
    fill_closed_streams()
    own_process()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a sign that a terminal does not know must not end the answer
            stream.reconfigure(errors="backslashreplace")
    cache_note = find_cache(Path(__file__).parents[1])
    if cache_note is not None:
        say_on_stderr(f"scfcost: {cache_note}")
    try:
        arguments = _heard(sys.argv[1:])
        code = _run(arguments) if arguments or _COMPLETE in os.environ else _begin()
        flush()
    except ScfcostError as error:
        if os.environ.get(_DEBUG) and error.__cause__ is not None:
            say_on_stderr(visible("".join(traceback.format_exception(error.__cause__))))
        _leave(str(error), BAD_INPUT)
    if code == INTERRUPTED:  # the command line has caught the interrupt itself
        _leave("interrupted", INTERRUPTED)
    sys.exit(code)


def _heard(arguments: list[str]) -> list[str]:
    """Speak the language that is asked for, and return the other arguments."""
    wanted, rest, words = None, [], iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == LANG:
            wanted = next(words, "")
        elif word.startswith(f"{LANG}="):
            wanted = word.removeprefix(f"{LANG}=")
        else:
            rest.append(word)
    if wanted is not None and wanted not in language.LANGUAGES:
        raise ConfigError(f"{LANG}: {wanted!r} is no language that is known; give {' or '.join(language.LANGUAGES)}")
    language.use(language.preferred(os.environ) if wanted is None else wanted)
    return rest


def _begin() -> int:
    """Lead on who gives no command."""
    write(first_words(), None)
    return 0


def _run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    try:
        named = arguments[:1] and arguments[0] in COMMANDS  # a command that is named is the only one that is loaded
        run = with_commands(arguments[:1]) if named else _whole()
        code: int = run(args=arguments, prog_name="scfcost", standalone_mode=False)
    except ScfcostError:
        raise
    except typer.Abort:  # the end of standard input where an answer was asked for
        _leave("interrupted", INTERRUPTED)
    except BrokenPipeError:  # a reader that has seen enough, as `head` has
        silence()
        return 0
    except Exception as error:
        if is_usage_error(error):
            leave_with_usage(error, BAD_INPUT)
        if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
            _leave(f"{error.filename or 'standard output'}: {reason_of(error)}", BAD_INPUT)
        if isinstance(error, MemoryError):
            _leave("not enough memory: take a smaller trace, or smaller parts (a lower --memory-limit)", BAD_INPUT)
        if os.environ.get(_DEBUG):
            raise
        text = f"{type(error).__name__}: {error}"
        _leave(f"internal error: {text} (SCFCOST_DEBUG=1 shows more; please report it)", INTERNAL)
    return code


_OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EIO, errno.EBADF)
"""What a machine may refuse anywhere: a full or broken disk, too many open files, a closed stream."""


def _leave(message: str, code: int) -> NoReturn:
    say_on_stderr(message_lines(f"scfcost: {language.translated(message)}"))
    with suppress(ScfcostError):
        flush()
    sys.exit(code)
