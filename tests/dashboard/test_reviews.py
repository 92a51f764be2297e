"""Reviews: the file, hostile ones, and the page."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from dashboard import reviews
from dashboard.reviews import CHECKS, Item, Review
from mm_core.figures.review_page import Reviewed, review_page
from mm_core.samples import InvalidInput
from tests.dashboard.conftest import healthy, said
from tests.dashboard.test_case_pages import upload

HOSTILE = '<img src=x onerror=alert(1)> & "quotes" ](javascript:alert(2))'


@pytest.fixture
def review(evidence):
    checks = {name: name == "answer" for name in CHECKS}
    return Review("A review", "All fine.", [Item(HOSTILE, evidence, f"Odd: {HOSTILE}", checks)])


def with_list(review, change=None, **entries):
    """The review's file with another ``review.json`` or other entries."""
    content = reviews.to_bytes(review)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w") as made:
        for info in given.infolist():
            data = given.read(info)
            if info.filename == "review.json" and change is not None:
                document = json.loads(data)
                change(document)
                data = json.dumps(document).encode()
            made.writestr(info.filename, entries.pop(info.filename, data))
        for name, data in entries.items():
            made.writestr(name, data)
    return out.getvalue()


def test_a_review_comes_back(review):
    again = reviews.from_bytes(reviews.to_bytes(review))
    assert (again.title, again.summary) == (review.title, review.summary)
    (item,) = again.items
    assert (item.title, item.comment, item.checks) == (HOSTILE, f"Odd: {HOSTILE}", review.items[0].checks)
    assert item.evidence.to_bytes() == review.items[0].evidence.to_bytes()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(format="other"),
        lambda d: d.update(version=99),
        lambda d: d.update(cases="none"),
        lambda d: d.update(title=5),
        lambda d: d["cases"][0].update(file="../../etc/passwd"),
        lambda d: d["cases"][0].update(checks=[1]),
        lambda d: d["cases"].append(d["cases"][0]),
        lambda d: d.pop("summary"),
        lambda d: d.update(version=1.0),
        lambda d: d.update(version=10**400),
        lambda d: d.update(saved=None),
        lambda d: d.update(more={}),
        lambda d: d["cases"][0].update(checks={"answer": "yes"}),
        lambda d: d["cases"][0].update(checks={"answer": 1}),
        lambda d: d["cases"][0].update(more=1),
        lambda d: d.update(cases=[[]]),
    ],
)
def test_another_list_is_refused(review, change):
    with pytest.raises(InvalidInput):
        reviews.from_bytes(with_list(review, change))


def test_hostile_files_are_refused(review):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("review.json", b"0" * 50_000_000)
    many = {f"x{n}": b"" for n in range(50)}
    good = reviews.to_bytes(review)
    for content in (
        b"",
        b"PK",
        bomb.getvalue(),
        with_list(review, **many),
        with_list(review, **{"cases/01.triad": b"not a case"}),
        good[: len(good) // 2],
        good.replace(b'"title"', b'"titlf"', 1),
    ):
        with pytest.raises(InvalidInput) as refused:
            reviews.from_bytes(content)
        assert "/" not in str(refused.value).replace("python -m", "")


def test_unticked_and_unknown_checks(review):
    made = reviews.from_bytes(
        with_list(review, lambda d: d["cases"][0].update(checks={"answer": False, "other": True}))
    )
    assert made.items[0].checks == dict.fromkeys(CHECKS, False)


def test_the_page_escapes_what_a_reviewer_wrote(review):
    item = review.items[0]
    page = review_page(HOSTILE, HOSTILE, [Reviewed(item.title, item.evidence, item.comment, {"Fine": True})])
    assert "<img src=x" not in page
    assert page.count("<script>") == 2
    assert "not ticked" not in page
    assert "http://" not in page.split("<script>")[0]


def test_collect_comment_tick_export_and_open_again(open_page, evidence, monkeypatch):
    test = open_page("review")
    test.multiselect(key="review-pick").set_value(["example-1", "example-5"]).run()
    next(b for b in test.button if b.key == "review-add").click().run()
    healthy(test)
    assert "0 of 2 cases checked" in said_progress(test)
    for box in test.checkbox[: len(CHECKS)]:
        box.set_value(True)
    comment = next(a for a in test.text_area if a.label == "Comment")
    comment.set_value(HOSTILE).run()
    healthy(test)
    assert "1 of 2 cases checked" in said_progress(test)
    content = reviews.to_bytes(test.session_state["review"])
    fresh = open_page("review", "reports")
    upload(fresh, "review-file", "mine.zip", content)
    healthy(fresh)
    assert "1 of 2 cases checked" in said_progress(fresh)
    assert next(a for a in fresh.text_area if a.label == "Comment").value == HOSTILE
    assert "<img src=x" not in said(fresh)


def test_a_hostile_review_gets_a_sentence(open_page):
    test = open_page("review", "nothing")
    upload(test, "review-file", "bad.zip", b"PK\x05\x06" + b"\0" * 18)
    assert len(test.error) == 1
    assert not test.exception


def test_the_same_case_is_held_once_and_not_too_many(monkeypatch, evidence):
    held = Review()
    monkeypatch.setattr(reviews, "current", lambda: held)
    reviews.add("one", evidence)
    reviews.add("one again", evidence)
    assert [item.title for item in held.items] == ["one"]
    held.items = held.items * reviews.MOST_CASES
    with pytest.raises(InvalidInput, match="at most 40"):
        reviews.add("more", evidence)


def said_progress(test) -> str:
    return " ".join(part.proto.text for part in test.get("progress"))
