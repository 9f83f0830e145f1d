"""The docs site: Sphinx over Markdown, its reference generated from the program itself at each build.

`make docs`, or `sphinx-build -W docs docs/_build/html`. Nothing is fetched.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import generate

from scfcost.core.version import __version__

project = "scfcost"
author = "scfcost contributors"
project_copyright = "scfcost contributors, MIT licence"
release = version = __version__

extensions = [
    "myst_nb",  # pages in Markdown, and the notebooks as they were executed
    "numpydoc",  # docstrings of the Python API
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
]
exclude_patterns = ["_build", "images", "README.md"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # the notebooks hold what they showed; a test executes them
smartquotes = False  # two dashes begin a flag
numpydoc_show_class_members = False
autosummary_generate = False
autodoc_typehints = "none"  # numpydoc says the types, with shapes and units

language = "en"
locale_dirs = ["locale"]
gettext_compact = False
gettext_uuid = False

html_theme = "pydata_sphinx_theme"
html_title = f"scfcost {__version__}"
html_show_sourcelink = False
html_copy_source = False
html_theme_options: dict[str, Any] = {
    "show_nav_level": 2,
    "navigation_with_keys": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "use_edit_page_button": False,
}


def setup(app: Any) -> dict[str, bool]:
    """Write the generated pages before Sphinx looks for pages."""
    app.connect("config-inited", lambda app, _config: generate.write_all(Path(app.srcdir) / "reference"))
    return {"parallel_read_safe": True}
