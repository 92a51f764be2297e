"""A CSV of one's own: what is read, what is refused and how it is said."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from mm_core.cli import main
from mm_core.datasets.files import inside
from mm_core.datasets.preparation import PROBLEMS, prepare
from mm_core.datasets.rows import ImportReport
from mm_core.datasets.splits import Unit, assign_splits
from mm_core.datasets.tables import read_table
from mm_core.labels import EMOTIONS
from mm_core.samples import InvalidInput
from tests.toys import toy_picture

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "assets" / "examples"


@pytest.fixture
def folder(tmp_path):
    """A folder with a photo of a face, a photo of noise and a voice."""
    place = tmp_path / "mine"
    (place / "files").mkdir(parents=True)
    shutil.copy(EXAMPLES / "astronaut.jpg", place / "files" / "anna.jpg")
    shutil.copy(EXAMPLES / "voice-joyful.flac", place / "files" / "anna.flac")
    cv2.imwrite(str(place / "noise.png"), toy_picture().pixels)
    soundfile.write(place / "silence.wav", np.zeros(16_000), 16_000)
    return place


def csv_of(folder, *lines, name="mine.csv"):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def found(path, out, **options):
    tables, findings = prepare(path, out, quiet=True, **options)
    return tables, [(p.where, p.column) for p in findings.problems], findings


def test_rows_of_one_line_share_case_label_and_split(folder, tmp_path):
    path = csv_of(
        folder,
        "text,image,audio,label,speaker,split",
        "I need help now,files/anna.jpg,files/anna.flac,urgent,anna,train",
        "No hurry at all,,,calm,ben,dev",
        ",,files/anna.flac,calm,ben,test",
    )
    tables, problems, _ = found(path, tmp_path / "out")
    assert problems == []
    assert {m: len(frame) for m, frame in tables.items()} == {"text": 2, "image": 1, "audio": 2}
    read = {m: read_table(tmp_path / "out", m, ("calm", "urgent")) for m in ("text", "image", "audio")}
    assert read["text"].case[0] == read["image"].case[0] == read["audio"].case[0] != read["audio"].case[1]
    assert read["text"].split.tolist() == ["train", "valid"]
    assert read["audio"].split.tolist() == ["train", "test"]
    assert read["text"].group.tolist() == ["anna", "ben"]
    assert read["text"].targets.tolist() == [[0, 1], [1, 0]]


def test_the_face_is_cut_out_unless_pictures_are_whole(folder, tmp_path):
    lines = ("image,label", "files/anna.jpg,a", "noise.png,b", "files/anna.jpg,b")
    _, problems, findings = found(csv_of(folder, *lines), tmp_path / "cut")
    assert problems == [("row 3", "image")]
    assert "--whole-pictures" in findings.problems[0].message
    cut = pd.read_parquet(tmp_path / "cut" / "faces.parquet")["image"][0]
    found(csv_of(folder, *lines), tmp_path / "whole", whole_pictures=True)
    whole = pd.read_parquet(tmp_path / "whole" / "faces.parquet")["image"]
    assert len(whole) == 3
    sizes = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape for data in (cut, whole[0])]
    assert max(sizes[1]) <= 224
    assert cut != whole[0]


def test_bad_cells_are_named_by_row_and_column_and_the_rest_goes_on(folder, tmp_path, capsys):
    (tmp_path / "secret.jpg").write_bytes((folder / "files" / "anna.jpg").read_bytes())
    os.symlink(tmp_path / "secret.jpg", folder / "link.jpg")
    path = csv_of(
        folder,
        "text,image,audio,label,sentiment,split,mood",
        "fine,,,one,,,",
        "fine too,../secret.jpg,,two,positive,,",
        f"absolute,{tmp_path / 'secret.jpg'},,one,,,",
        "link,link.jpg,,two,,,",
        "gone,gone.jpg,,one,,,",
        "quiet,,silence.wav,two,,,",
        "no label,,,,,,",
        ",,,one,,,",
        ",,,,,,",
        "odd,,,one,great,sometimes,",
        f"text,{'x' * 5000},,two,,,",
        f"long,,,{'l' * 60},,,",
    )
    assert main(["data", "prepare", str(path), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    printed = capsys.readouterr().out
    assert str(tmp_path) not in printed
    frame = pd.read_csv(tmp_path / "out" / PROBLEMS, keep_default_na=False)
    assert list(zip(frame["where"], frame["column"], strict=True)) == [
        ("row 3", "image"),
        ("row 4", "image"),
        ("row 5", "image"),
        ("row 6", "image"),
        ("row 7", "audio"),
        ("row 8", "label"),
        ("row 9", ""),
        ("row 11", "split"),
        ("row 11", "sentiment"),
        ("row 12", "image"),
        ("row 13", "label"),
    ]
    assert frame["problem"][:3].str.contains("outside").all()
    assert "row 6, column image: There is no such file" in printed
    assert "column 'mood' is not used" in printed
    assert "text: 8 rows" in printed
    text = pd.read_parquet(tmp_path / "out" / "text.parquet")
    assert text["sentiment"].tolist()[1] == "positive"
    assert not (tmp_path / "out" / "faces.parquet").exists()


def test_labels_are_one_whatever_their_capitals_and_emotions_take_the_house_s(folder, tmp_path):
    path = csv_of(folder, "text;label", "a good day;Joy", "bad;Very  Urgent", "worse;very urgent", 'both;"joy,calm"')
    tables, _, _ = found(path, tmp_path / "out")
    assert tables["text"]["label"].tolist() == ["joy", "Very Urgent", "Very Urgent", "calm,joy"]
    assert tables["text"]["sentiment"].tolist() == ["positive", "", "", ""]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("text,mood", "a,b"), "no column label"),
        (("label", "a", "b"), "none of the columns text, image and audio"),
        (("text,label", "a,one", "b,one"), "fewer than two labels"),
        (("text,label,text", "a,b,c"), "column text twice"),
        (("text,label", *(f"row,label {n}" for n in range(60))), "more than 50 different labels"),
        (("text,label", 'a,"b\n' + "x" * 140_000), "can't be read as CSV"),
        (("image,label", "gone.png,a", "gone.png,b"), "fewer than two labels"),
    ],
)
def test_what_is_no_table_of_rows_is_said(folder, tmp_path, lines, words):
    with pytest.raises(InvalidInput, match=words) as caught:
        prepare(csv_of(folder, *lines), tmp_path / "out", quiet=True)
    assert str(tmp_path) not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_other_encodings_and_missing_files_are_said(folder, tmp_path, capsys):
    path = folder / "latin.csv"
    path.write_bytes("text,label\ncafé,a\n".encode("latin-1"))
    with pytest.raises(InvalidInput, match="not UTF-8"):
        prepare(path, tmp_path / "out", quiet=True)
    assert main(["data", "prepare", str(folder / "none.csv"), "--out", str(tmp_path / "out")]) == 2
    assert "no such CSV file" in capsys.readouterr().err


def test_spreadsheets_byte_order_mark_is_not_part_of_a_name(folder, tmp_path):
    path = folder / "excel.csv"
    path.write_bytes("\ufefftext,label\r\nyes,a\r\nno,b\r\n".encode())
    assert found(path, tmp_path / "out")[0]["text"]["label"].tolist() == ["a", "b"]


@given(st.text(max_size=30))
def test_no_name_leads_out_of_the_folder(name):
    try:
        path = inside(EXAMPLES, name)
    except InvalidInput:
        return
    assert path.is_relative_to(EXAMPLES)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["", "p1", "p2", "p3", "p4"])), min_size=1, max_size=60
    )
)
def test_every_case_has_one_split_and_nobody_two(rows):
    units = [Unit(str(i), label, group, "") for i, (label, group) in enumerate(rows)]
    splits = assign_splits(units, ImportReport())
    assert set(splits) == {unit.case for unit in units}
    assert set(splits.values()) <= {"train", "valid", "test"}
    for person in {unit.group for unit in units} - {""}:
        assert len({splits[unit.case] for unit in units if unit.group == person}) == 1


def test_splits_keep_labels_even_and_given_ones():
    units = [Unit(str(i), "ab"[i % 2], "", "") for i in range(70)]
    splits = assign_splits(units, ImportReport())
    for part, size in (("train", 50), ("valid", 10), ("test", 10)):
        labels = [unit.label for unit in units if splits[unit.case] == part]
        assert (len(labels), labels.count("a")) == (size, size / 2)
    given_ones = [Unit(u.case, u.label, "", "test" if i < 20 else "train") for i, u in enumerate(units)]
    splits = assign_splits(given_ones, ImportReport())
    assert [splits[str(i)] for i in range(20)] == ["test"] * 20
    assert sum(part == "valid" for part in splits.values()) == pytest.approx(50 / 7, abs=1)
    remarks = ImportReport()
    assert set(assign_splits(units[:2], remarks).values()) == {"train"}
    assert "too few" in next(iter(remarks.remarks))


def test_emotions_of_one_s_own_are_read_with_the_seven(folder, tmp_path):
    found(csv_of(folder, "text,label", "i am happy,Joy", "i am sad,sadness"), tmp_path / "out")
    assert len(read_table(tmp_path / "out", "text", EMOTIONS)) == 2
