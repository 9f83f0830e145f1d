"""The Chinese of the docs is of what the pages say now, and keeps their code, links and addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

DOCS = Path(__file__).parents[1] / "docs"
CATALOGS = DOCS / "locale" / "zh_CN" / "LC_MESSAGES"
PAGES = sorted(path.relative_to(CATALOGS).with_suffix("").as_posix() for path in CATALOGS.rglob("*.po"))
KEPT = (re.compile(r"`[^`]+`"), re.compile(r"\]\(([^)]+)\)"))
"""What a translation keeps as it is: code, and where a link leads."""


def _messages(page: str) -> dict[str, str]:
    with (CATALOGS / f"{page}.po").open("rb") as stream:
        return {str(one.id): str(one.string) for one in read_po(stream) if one.id}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"^(:|- |\d\. |#+ |\|)", "", text, flags=re.MULTILINE).split())


def test_the_pages_that_a_beginner_reads_are_there_in_chinese() -> None:
    wanted = {"index", "explanation/model", *(f"tutorial/{name}" for name in ("index", "first-bill", "from-a-server"))}
    wanted |= {f"how-to/{name}" for name in ("timeouts", "logs", "guess", "page", "ci", "reconcile", "cluster")}
    assert wanted <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_translation_is_of_what_the_page_says_now(page: str) -> None:
    """Mend or take out what the page no longer says."""
    whole = _plain((DOCS / f"{page}.md").read_text("utf-8") + (DOCS.parent / "README.md").read_text("utf-8"))
    assert [one for one in _messages(page) if _plain(one) not in whole] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_translation_keeps_code_and_links(page: str) -> None:
    differing = [
        english
        for english, told in _messages(page).items()
        for kept in KEPT
        if sorted(kept.findall(english)) != sorted(kept.findall(told))
    ]
    assert differing == []
