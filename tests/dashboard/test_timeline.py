"""The page Timeline: records opened, sliced, and a moment of them linked."""

from __future__ import annotations

import pytest

from dashboard.timelines import inside
from tests.dashboard.conftest import charts, healthy, said
from tests.figures.test_timeline import FILM


def opened(test, *records):
    for number, content in enumerate(records):
        uploader = next(part for part in test.get("file_uploader") if part.key == f"timeline-file-{number}")
        test = uploader.upload(f"film-{number}.triad", content, "application/octet-stream").run()
    return test


def test_slices_hold_what_they_say():
    found = {
        name: [w.start for w in FILM.windows if inside(name, w)] for name in ("all", "unsure", "disagree", "silent")
    }
    assert found == {"all": [0.0, 0.5, 1.0, 1.5], "unsure": [1.5], "disagree": [1.5], "silent": [1.0]}


def test_a_record_is_drawn_and_sliced(open_page):
    test = opened(open_page("timeline", "nothing"), FILM.to_bytes())
    assert charts(test) == 1
    assert FILM.sentence() in said(test)
    test.segmented_control(key="pick-windows").set_value("unsure").run()
    healthy(test)
    assert len(test.dataframe[0].value) == 1
    assert test.query_params["t"] in ("0.00", ["0.00"])


def test_two_stand_side_by_side_and_what_is_none_is_said(open_page):
    test = opened(open_page("timeline", "nothing"), FILM.to_bytes(), FILM.to_bytes())
    assert charts(test) == 2
    test = opened(open_page("timeline", "nothing"), b"hello")
    assert charts(test) == 0
    assert "damaged, changed or of another kind" in said(test)


@pytest.mark.parametrize("moment", ["1e9", "x", "-1", "99999"])
def test_an_address_with_no_moment_of_the_film_opens_all_the_same(open_page, moment):
    test = open_page("timeline", "nothing", t=moment)
    assert charts(opened(test, FILM.to_bytes())) == 1
