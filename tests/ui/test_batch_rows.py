"""Rows of a batch: tables and archives, also hostile ones. Nothing here starts a page."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from mm_core.labels import EMOTIONS
from mm_core.samples import InvalidInput
from webapp import batch_rows
from webapp.batch_rows import Row, read_batch
from webapp.batch_sample import write_sample


def written(tmp_path: Path, content: bytes | str) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def archive(tmp_path: Path, files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return written(tmp_path, out.getvalue())


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_batch(path)
    assert str(path) not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_with_any_delimiter_and_a_byte_order_mark(tmp_path: Path, delimiter: str) -> None:
    table = "\ufeffid,Text,image\n1,so happy,\n\n2,,\n3,so sad,a.png\n".replace(",", delimiter)
    assert read_batch(written(tmp_path, table)).rows == [
        Row(1, "so happy"),
        Row(2),
        Row(3, "so sad", image="a.png"),
    ]


def test_a_row_may_name_the_speakers_normal_voice(tmp_path: Path) -> None:
    files = {"list.csv": "audio,reference\na.wav,b.wav\na.wav,\n", "a.wav": b"voice", "b.wav": b"normal"}
    batch = read_batch(archive(tmp_path, files))
    assert batch.rows == [Row(1, audio="a.wav", reference="b.wav"), Row(2, audio="a.wav")]
    assert [batch.given(row).reference for row in batch.rows] == [b"normal", None]


def test_a_column_says_which_face(tmp_path: Path) -> None:
    batch = read_batch(archive(tmp_path, {"a.csv": "image,face\na.png,2\na.png,\na.png,x\n", "a.png": b"picture"}))
    assert [batch.given(row).face for row in batch.rows[:2]] == [2, None]
    with pytest.raises(InvalidInput, match="1 for the largest"):
        batch.given(batch.rows[2])


def test_quoted_cells_may_hold_lines_and_commas(tmp_path: Path) -> None:
    rows = read_batch(written(tmp_path, 'text\n"one, two\nthree"\nfour\n')).rows
    assert [row.text for row in rows] == ["one, two\nthree", "four"]


def test_a_table_alone_names_no_files(tmp_path: Path) -> None:
    batch = read_batch(written(tmp_path, "text,image\nso happy,/etc/passwd\nso sad,\n"))
    with pytest.raises(InvalidInput, match="zip archive"):
        batch.given(batch.rows[0])
    assert batch.given(batch.rows[1]).text == "so sad"


def test_labels_and_forced_inputs_are_columns_too(tmp_path: Path) -> None:
    table = "text,label,force\nso happy,joy,\noui,,text\nno,,Words + voice\nwhat,,feet\n"
    batch = read_batch(written(tmp_path, table))
    assert [row.label for row in batch.rows] == ["joy", "", "", ""]
    assert [batch.given(row).force for row in batch.rows[:3]] == [(), ("text",), ("text", "audio")]
    with pytest.raises(InvalidInput, match="text, image, audio"):
        batch.given(batch.rows[3])


def test_labels_alone_are_no_cases(tmp_path: Path) -> None:
    assert "names none of the columns" in refusal(written(tmp_path, "label\njoy\n"))


def test_the_sample_can_be_given_back_as_it_is(tmp_path: Path) -> None:
    write_sample(tmp_path / "sample.zip")
    batch = read_batch(tmp_path / "sample.zip")
    given = [batch.given(row) for row in batch.rows]
    assert {row.label for row in batch.rows} == {*EMOTIONS, ""}, "every label, and rows without one"
    assert any(case.image for case in given)
    assert any(case.audio for case in given)
    assert any(case.force for case in given)
    assert all(case.read().present for case in given), "every row can be answered"


def test_files_are_found_beside_the_table_and_from_the_top(tmp_path: Path) -> None:
    files = {"in/list.csv": "image,audio\na.png,in/b.wav\n", "in/a.png": b"picture", "in/b.wav": b"sound"}
    batch = read_batch(archive(tmp_path, files))
    given = batch.given(batch.rows[0])
    assert (given.text, given.image, given.audio) == (None, b"picture", b"sound")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "gone.png", "in/../../secret"])
def test_a_name_reaches_nothing_outside_the_archive(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret")
    batch = read_batch(archive(tmp_path, {"list.csv": f"image\n{name}\n", "a.png": b"x"}))
    with pytest.raises(InvalidInput, match="no file of the name"):
        batch.given(batch.rows[0])


def test_members_that_climb_are_left_out_and_never_written(tmp_path: Path) -> None:
    batch = read_batch(archive(tmp_path, {"list.csv": "image\n../up.png\n", "../up.png": b"content"}))
    with pytest.raises(InvalidInput, match="no file of the name"):
        batch.given(batch.rows[0])
    assert not (tmp_path.parent / "up.png").exists()


def test_without_a_table_files_of_one_name_make_a_case(tmp_path: Path) -> None:
    files = {"anna.txt": "so happy", "anna.JPG": b"a", "ben.wav": b"b", "__MACOSX/._anna.txt": "x", "notes.pdf": "y"}
    batch = read_batch(archive(tmp_path, files))
    assert batch.rows == [Row(1, "so happy", image="anna.JPG"), Row(2, audio="ben.wav")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "names none of the columns"),
        ("a,b\n1,2\n", "names none of the columns"),
        ("text\n", "no row"),
        ("text\n" + "x\n" * (batch_rows.MOST_ROWS + 1), "too many rows"),
        (b"text\n\xff\xfe\n", "not UTF-8"),
        ("text\n" + "x" * 200_000 + "\n", "can't be read as CSV"),
        (b"PK\x03\x04broken", "damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes | str, said: str) -> None:
    assert said in refusal(written(tmp_path, content))


def test_two_tables_or_nothing_of_use(tmp_path: Path) -> None:
    assert "more than one CSV" in refusal(archive(tmp_path, {"a.csv": "text\nx", "b.csv": "text\ny"}))
    assert "neither a CSV" in refusal(archive(tmp_path, {"a.pdf": "x"}))


def test_a_bomb_is_read_no_further_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_rows.limits, "MAX_FILE_BYTES", 1000)
    batch = read_batch(archive(tmp_path, {"list.csv": "image\nbomb.png\n", "bomb.png": bytes(10_000_000)}))
    with pytest.raises(InvalidInput, match="too large"):
        batch.given(batch.rows[0])


def test_all_that_is_unpacked_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_rows, "MAX_UNPACKED_BYTES", 2500)
    rows = "image\n" + "a.png\n" * 3
    batch = read_batch(archive(tmp_path, {"list.csv": rows, "a.png": bytes(1000)}))
    assert [len(batch.given(row).image or b"") for row in batch.rows[:2]] == [1000, 1000]
    with pytest.raises(InvalidInput, match="unpacks to more"):
        batch.given(batch.rows[2])


def test_too_many_files_are_refused_before_their_list_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = archive(tmp_path, {f"{number}.txt": "x" for number in range(30)})
    monkeypatch.setattr(batch_rows, "MAX_DIRECTORY_BYTES", 500)
    monkeypatch.setattr(batch_rows.zipfile, "ZipFile", None)
    assert "too many files" in refusal(path)


def test_archives_that_could_be_read_in_two_ways_are_refused(tmp_path: Path) -> None:
    content = archive(tmp_path, {"list.csv": "text\nx"}).read_bytes()
    end = content[-22:]
    assert "damaged" in refusal(written(tmp_path, content + end))
    assert "damaged" in refusal(written(tmp_path, content[:-22] + b"PK\x06\x07" + bytes(16) + end))


def test_compression_that_takes_memory_as_it_likes_is_refused(tmp_path: Path) -> None:
    batch = read_batch(archive(tmp_path, {"a.txt": "x", "a.png": b"y"}))
    assert batch.given(batch.rows[0]).image == b"y"
    assert "damaged or encrypted" in refusal(archive(tmp_path, {"a.txt": "x"}, zipfile.ZIP_LZMA))


def test_an_encrypted_member_fails_alone(tmp_path: Path) -> None:
    path = archive(tmp_path, {"list.csv": "image\na.png\nb.png\n", "a.png": b"1", "b.png": b"2"})
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)  # a.png in the directory
    content[entry + 8] |= 1
    batch = read_batch(written(tmp_path, bytes(content)))
    with pytest.raises(InvalidInput, match="encrypted"):
        batch.given(batch.rows[0])
    assert batch.given(batch.rows[1]).image == b"2"


def test_an_upload_over_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "text\nso happy\n")
    monkeypatch.setattr(batch_rows, "MAX_UPLOAD_BYTES", path.stat().st_size)
    assert len(read_batch(path).rows) == 1
    monkeypatch.setattr(batch_rows, "MAX_UPLOAD_BYTES", path.stat().st_size - 1)
    assert "too large" in refusal(path)
