"""In which language and fonts figures speak: the reader's, where a font of this machine has its characters."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import findSystemFonts, fontManager

from scfcost.core.language import ENGLISH, language, speaking

CHINESE_FONTS = (
    *(
        "Noto Sans CJK SC",
        "Noto Sans SC",
        "Source Han Sans SC",
        "Source Han Sans CN",
        "PingFang SC",
        "Hiragino Sans GB",
    ),
    *("Microsoft YaHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Heiti SC", "STHeiti", "SimHei", "SimSun"),
    *("Noto Sans CJK JP", "Noto Sans CJK TC", "Source Han Sans", "Arial Unicode MS", "Droid Sans Fallback"),
)
"""Fonts that have Chinese characters, the best first."""
INSTALL = (
    "no font of this machine has Chinese characters, so the figure is in English: install one, such as Noto Sans CJK "
    "(apt install fonts-noto-cjk, dnf install google-noto-sans-cjk-fonts), and draw it again"
)
"""What to say where none is there."""
_FILES = (
    "cjk",
    "wqy",
    "sourcehan",
    "notosanssc",
    "msyh",
    "simhei",
    "simsun",
    "pingfang",
    "hiragino",
    "heiti",
    "fallback",
)
"""What the names of their files hold, in small letters."""
_LATIN = "DejaVu Sans"
_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class Sheet(Figure):
    """A figure that is drawn in the fonts of the language it was made in, whatever is spoken later."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._fonts = _fonts()

    @contextmanager
    def _as_made(self) -> Iterator[None]:
        """Set its fonts; a character that none has is a box, and no warning."""
        with mpl.rc_context(self._fonts), _quiet(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            yield

    def draw(self, renderer: Any) -> None:
        """Draw the figure."""
        with self._as_made():
            super().draw(renderer)

    def get_tightbbox(self, *arguments: Any, **options: Any) -> Any:
        """Return the box around what is drawn, which a notebook asks for before it draws."""
        with self._as_made():
            return super().get_tightbbox(*arguments, **options)


def drawing(draw: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Let a function draw in the reader's language, in English where no font has its characters."""

    @wraps(draw)
    def drawn(*arguments: _Parameters.args, **options: _Parameters.kwargs) -> _Result:
        with _readable():
            return draw(*arguments, **options)

    return drawn


def is_readable() -> bool:
    """Whether a font of this machine has the characters of the reader's language."""
    return language() == ENGLISH or chinese_font() is not None


def chinese_font() -> str | None:
    """Return the name of the best font with Chinese characters, None where this machine has none."""
    return _known() or _installed_since()


@contextmanager
def _quiet() -> Iterator[None]:
    """Let nothing be said of a font that has one weight alone, as those of Chinese often do."""
    logger = logging.getLogger("matplotlib.font_manager")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _readable() -> Iterator[None]:
    with speaking(language() if is_readable() else ENGLISH), mpl.rc_context(_fonts()), _quiet():
        yield


def _fonts() -> Any:
    """Return the fonts of a language; names from a trace may hold Chinese in an English figure, too."""
    if language() == ENGLISH or chinese_font() is None:
        return {"font.family": [_LATIN, *filter(None, [_known()])]}
    return {"font.family": [chinese_font(), _LATIN], "axes.unicode_minus": False}


def _known() -> str | None:
    """Return the best of the fonts that matplotlib knows of."""
    names = {font.name for font in fontManager.ttflist if font.name in CHINESE_FONTS and Path(font.fname).exists()}
    return next((name for name in CHINESE_FONTS if name in names), None)


@cache
def _installed_since() -> str | None:
    """Look for fonts that were installed after matplotlib kept its list."""
    for path in findSystemFonts():
        if any(part in Path(path).name.lower().replace("-", "") for part in _FILES):
            fontManager.addfont(path)
    return _known()
