"""``watch``: a film on the command line, and what it writes."""

from __future__ import annotations

import csv
import io

import pytest

from mm_core import cli
from mm_core.timeline import Timeline, read_subtitles
from tests.predictors.toy import LABELS, Votes
from tests.timeline.films import film, portrait, voice


@pytest.fixture(autouse=True)
def small_model(monkeypatch):
    monkeypatch.setattr("mm_core.predictors.load", lambda source: Votes())


def test_a_film_with_subtitles_becomes_record_page_table_and_subtitles(tmp_path, capsys):
    path = tmp_path / "film.mp4"
    path.write_bytes(film(3.0, [portrait()], [voice(3.0)]))
    (tmp_path / "film.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nhappy <script>alert(1)</script>\n")
    outputs = {name: tmp_path / f"t.{name}" for name in ("triad", "html", "csv", "vtt")}
    flags = [f"--{'out' if name == 'triad' else name}={file}" for name, file in outputs.items()]
    assert cli.main(["watch", str(path), "--subtitles", str(tmp_path / "film.srt"), *flags]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Over 3 windows mostly")
    assert str(tmp_path) not in printed
    record = Timeline.load(outputs["triad"])
    assert [w.start for w in record.windows] == [0.0, 0.5, 1.0]
    assert record.words == "subtitles"
    rows = list(csv.DictReader(io.StringIO(outputs["csv"].read_text())))
    assert [(row["start"], row["end"]) for row in rows] == [("0.0", "2.0"), ("0.5", "2.5"), ("1.0", "3.0")]
    assert sum(float(rows[0][label]) for label in LABELS) == pytest.approx(1.0)
    page = outputs["html"].read_text()
    assert record.sentence() in page
    assert "<script>alert" not in page
    assert len(read_subtitles(outputs["vtt"])) >= 3


def test_what_is_no_film_ends_with_its_message(tmp_path, capsys):
    (tmp_path / "film.mp4").write_bytes(b"hello")
    assert cli.main(["watch", str(tmp_path / "film.mp4")]) == 2
    assert "not a film that can be read" in capsys.readouterr().err
    assert cli.main(["watch", str(tmp_path / "film.mp4"), "--hop", "9"]) == 2
    assert "no more than a window" in capsys.readouterr().err
