"""What `scfcost` alone says: three questions, each with the command that answers it."""

from __future__ import annotations

from scfcost.core.language import _


def first_words() -> str:
    """Return the questions that people come with, as they are shown where no command is given."""
    questions = (
        (_("What does a month cost?"), "scfcost estimate traces.csv --reconnect on-demand"),
        (_("Which timeouts should be set?"), "scfcost recommend traces.csv --reconnect on-demand"),
        (_("Nothing recorded yet?"), "scfcost sample chat-room > traces.csv"),
    )
    asked = "\n".join(f"{question}\n  {command}" for question, command in questions)
    more = _("Logs that are read as they are: scfcost formats. Before any traffic: scfcost scenario list.")
    return f"{asked}\n\n{more}\n{_('Every command: scfcost --help')}\n"
