"""Outputs are whole or not there, and replace nothing that is no file of their own."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from scfcost.core.errors import ConfigError
from scfcost.core.files import is_same, keep_apart, whole_text, write_whole


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_gets_what_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", "text", ConfigError)
    finally:
        os.umask(before)
    assert mode(tmp_path / "new") == 0o640


@pytest.mark.parametrize("bits", [0o600, 0o664, 0o755])
def test_an_existing_file_keeps_its_mode(tmp_path: Path, bits: int) -> None:
    kept = tmp_path / "kept"
    kept.touch()
    kept.chmod(bits)
    write_whole(kept, "text", ConfigError)
    assert (mode(kept), kept.read_text()) == (bits, "text")


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    write_whole(tmp_path / "link", "new", ConfigError)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_a_link_to_nothing_makes_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("later")
    write_whole(tmp_path / "link", "new", ConfigError)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "later").read_text() == "new"


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()), daemon=True)
    reader.start()
    write_whole(pipe, "text", ConfigError)
    reader.join(60)
    assert (heard, stat.S_ISFIFO(pipe.stat().st_mode)) == (["text"], True)


def test_a_device_is_written_into() -> None:
    write_whole(Path(os.devnull), "text", ConfigError)
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_a_full_device_is_one_message() -> None:
    with pytest.raises(ConfigError, match="/dev/full: cannot be written: No space left"):
        write_whole(Path("/dev/full"), "text", ConfigError)


def half_written(path: Path, fault: BaseException) -> None:
    with whole_text(path, ConfigError) as file:
        file.write("half")
        raise fault


def test_a_broken_writer_leaves_what_was_there(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("old")
    with pytest.raises(ConfigError, match="kept: cannot be written: No space left"):
        half_written(kept, OSError(28, "No space left on device"))
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert kept.read_text() == "old"


def test_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        half_written(tmp_path / "new", KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["folder", "no/such/folder", "x" * 300, "nul\0"])
def test_what_cannot_be_written_is_one_message(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        write_whole(tmp_path / name, "text", ConfigError)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_loop_of_links_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_whole(tmp_path / "a", "text", ConfigError)


def spellings(folder: Path) -> list[Path]:
    """Return the names of one file: its own, a longer one, a link, a hard link."""
    (folder / "t.csv").touch()
    (folder / "sub").mkdir()
    (folder / "link.csv").symlink_to("t.csv")
    os.link(folder / "t.csv", folder / "hard.csv")
    return [folder / "t.csv", folder / "sub" / ".." / "t.csv", folder / "link.csv", folder / "hard.csv"]


def test_an_input_is_an_input_whatever_it_is_called(tmp_path: Path) -> None:
    names = spellings(tmp_path)
    for one in names:
        for other in names:
            assert is_same(one, other)
            with pytest.raises(ConfigError, match="is an input"):
                keep_apart(one, [other], "-o", ConfigError)
    (tmp_path / "else.csv").touch()
    keep_apart(tmp_path / "else.csv", names, "-o", ConfigError)
    keep_apart(tmp_path / "new.csv", names, "-o", ConfigError)
    keep_apart(Path(os.devnull), [Path(os.devnull)], "-o", ConfigError)
