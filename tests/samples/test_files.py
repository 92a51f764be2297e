"""Only real, local, regular files of bounded size are read, and no message repeats a name."""

import os
from pathlib import Path

import pytest

from mm_core.samples import InvalidInput, files
from mm_core.samples.files import read_bytes


def test_paths_strings_and_bytes_are_the_same(tmp_path: Path):
    file = tmp_path / "a file.bin"
    file.write_bytes(b"content")
    for same in (
        file,
        str(file),
        os.fsencode(file).decode(),
        b"content",
        bytearray(b"content"),
        memoryview(b"content"),
    ):
        assert read_bytes(same, "picture") == b"content"


@pytest.mark.parametrize(
    "name", ["missing-file.png", "-rf", "http://169.254.169.254/latest", "a\0b", "x" * 5000, 7, None]
)
def test_a_name_without_a_file_is_refused_and_not_repeated(name):
    with pytest.raises(InvalidInput) as caught:
        read_bytes(name, "picture")
    assert "no readable picture file" in str(caught.value)
    assert str(name) not in str(caught.value)
    assert caught.value.__suppress_context__


def test_folders_pipes_and_devices_are_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(InvalidInput, match="no readable sound file"):
            read_bytes(other, "sound")


def test_the_size_limit_holds_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 100)
    file = tmp_path / "file"
    for size, fine in ((100, True), (101, False)):
        file.write_bytes(b"x" * size)
        for given in (file, b"x" * size):
            if fine:
                assert len(read_bytes(given, "sound")) == size
            else:
                with pytest.raises(InvalidInput, match="too large"):
                    read_bytes(given, "sound")


def test_an_empty_file_is_refused():
    with pytest.raises(InvalidInput, match="sound file is empty"):
        read_bytes(b"", "sound")
