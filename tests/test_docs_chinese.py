"""The Chinese of the docs is of what the pages say now, and keeps their code, links and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from markdown_it import MarkdownIt

DOCS = Path(__file__).parents[1] / "docs"
CATALOGS = DOCS / "locale" / "zh_CN" / "LC_MESSAGES"
PAGES = sorted(path.relative_to(CATALOGS).with_suffix("").as_posix() for path in CATALOGS.rglob("*.po"))
KEPT = (re.compile(r"`[^`]+`"), re.compile(r"\]\(([^)]+)\)"))
"""What a translation keeps as it is: code, and where a link leads (a picture leads to its Chinese one)."""
READ = sorted(
    path.relative_to(DOCS).with_suffix("").as_posix()
    for path in (DOCS / "index.md", DOCS / "tour.md", *DOCS.glob("tutorial/*.md"), *DOCS.glob("how-to/*.md"),
                 *DOCS.glob("explanation/*.md"), DOCS / "reference" / "index.md")
)  # fmt: skip
"""Pages that are there in Chinese as a whole; what is generated, the decisions, Spark and scale are not."""
WORD, HAN = re.compile(r"[A-Za-z]{2}"), re.compile(r"[\u4e00-\u9fff]")


def _messages(page: str) -> dict[str, str]:
    with (CATALOGS / f"{page}.po").open("rb") as stream:
        return {str(one.id): str(one.string) for one in read_po(stream) if one.id}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"^(:|- |\d\. |#+ |\|)|\\(?=\|)", "", text, flags=re.MULTILINE).split())


def _paragraphs(page: str) -> Iterator[str]:
    """Yield what a page says in words: its headings, paragraphs, items and cells, without code and figures alone."""
    text = (DOCS / f"{page}.md").read_text("utf-8").replace("\n: ", "\n\n: ")  # a definition is a paragraph of its own
    blocks = (token.content for token in MarkdownIt().enable("table").parse(text) if token.type == "inline")
    said = (_plain(block) for block in blocks if not block.startswith(":::"))
    yield from (one for one in said if WORD.search(KEPT[1].sub("]", KEPT[0].sub("", one))))


@pytest.mark.parametrize("page", READ)
def test_every_paragraph_of_a_page_is_there_in_chinese(page: str) -> None:
    """Add to the page's catalog what it says in English alone."""
    told = {_plain(english): chinese for english, chinese in _messages(page).items()}
    assert [one for one in _paragraphs(page) if not _is_chinese(one, told.get(one, ""))] == []


def _is_chinese(english: str, told: str) -> bool:
    """Whether a translation says it in Chinese, or is a name that stays as it is."""
    return bool(HAN.search(told)) or (told != "" and told == english and len(english.split()) <= 3)


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
        if sorted(kept.findall(english)) != sorted(kept.findall(told.replace(".zh.png)", ".png)")))
    ]
    assert differing == []
