"""Names that were made to be more than names: what SQL, a shell, a pattern, a terminal or our own code might obey."""

from __future__ import annotations

from hypothesis import strategies as st

MARK = "pwned"
"""A file that would be written if one of them were obeyed."""
NAMES = (
    "'", '"', "''", '""', "';--", '";--', "\\", "`", "$(touch pwned)", "/*", "*/", "--", ";", "\n", "\r", "\t", "\0",
    f"x\" VARCHAR); COPY (SELECT 1) TO '{MARK}'; --",
    f"'; COPY (SELECT 1) TO '{MARK}'; --",
    f"') TO '{MARK}'; --",
    f"\"; INSTALL httpfs; COPY (SELECT 1) TO '{MARK}",
    "{}", "{0}", "{name}", "%s", "%n", "$1", "?", ":x", "*", "[a]", "[!a]", "a*b", "**", "?", "~", ".", "..", "-", "-o",
    "select", "from", "table", "null", "true", "default", "order", "group", "rowid", "file_row_number", "filename",
    "line", "raw", "malformed", " line", " raw", "_file", "_number", "_raw", "id", "time", "code", "payload",
    "careful_0", "careful_block", "found", "hash", "part", "source", "bad", "event ", "x" * 10_000, "é", "聊天",
    "\u202ex", "\x1b[31m",
    "=1+1", "@x", "ID", "Event2", "constructor", "__class__", "a.b", "a,b", "a|b", "a;b", "a=1", "$.a", '$."a"', "a[0]",
)  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(NAMES),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).map("".join),
)
"""Any of them, two at once, or anything else."""
FILES = (
    TEXT.filter(lambda name: not set(name) & {"\0", "/"} and name not in (".", "..", "-") and "://" not in name)
    .map(lambda name: name.encode()[:100].decode(errors="ignore") or "x")
)  # fmt: skip
"""Those that may name a file."""
