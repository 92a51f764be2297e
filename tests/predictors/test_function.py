"""A Python callable through explanation, records, pages and evaluation."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

import mm_core
from mm_core.evaluation.evaluate import evaluate
from mm_core.evidence import Change, Evidence
from mm_core.evidence.session import ExplanationSession, explain, what_if
from mm_core.explain.sample_trace import SampleTrace
from mm_core.figures.page import evidence_page
from mm_core.labels import EMOTIONS, MODALITIES
from mm_core.predictors import UnusableAnswer, UnusablePredictor, load, wrap
from mm_core.samples import Clip, Picture, Sample
from mm_core.steps import finish
from tests.data_factory import write_tables
from tests.toys import toy_model, toy_sample

LABELS = ("calm", "upset")


def loud(text, image, audio):
    """More upset with each exclamation mark, with a bright face and a loud voice."""
    score = 0.0 if text is None else text.count("!") - 0.5
    score += 0.0 if image is None else image.mean() / 255
    score += 0.0 if audio is None else 5 * float(np.abs(audio).mean())
    chance = 1 / (1 + np.exp(-score))
    return {"upset": chance, "calm": 1 - chance}


def triad_as_function(model):
    """The answers of a TriadModel as nothing but a callable."""

    def ask(text, image, audio):
        given = Sample(
            text,
            None if image is None else Picture.whole(image),
            None if audio is None else Clip(audio, 0.0, len(audio) / 16_000),
        )
        logits = model.predict_logits([given]).emotion[0].astype(np.float64)
        shares = np.exp(logits - logits.max())
        return dict(zip(model.labels, shares / shares.sum(), strict=True))

    return ask


def test_contributions_of_a_wrapped_triad_model_are_its_own():
    model, sample = toy_model(), toy_sample()
    ask = triad_as_function(model)
    wrapped = wrap(ask, model.labels, prior=ask(None, None, None))
    theirs, own = explain(wrapped, sample, methods=("occlusion",)), explain(model, sample, methods=("occlusion",))
    for value in ("logit", "probability"):
        for label in model.labels:
            found, expected = theirs.contributions(label, value), own.contributions(label, value)
            assert found.shapley == pytest.approx(expected.shapley, abs=1e-5)
            assert found.dividends == pytest.approx(expected.dividends, abs=1e-5)
    assert theirs.prediction.emotion.probabilities == pytest.approx(own.prediction.emotion.probabilities, abs=1e-5)


def test_a_predictor_that_is_a_triad_model_has_the_same_contributions_by_removal():
    model, sample = toy_model(), toy_sample()
    found, own = SampleTrace(model, sample).coalitions(), explain(model, sample, methods=("occlusion",)).coalitions
    for label in model.labels:
        assert found.contributions(label).shapley == pytest.approx(own.contributions(label).shapley, abs=1e-5)


def test_the_function_sees_what_is_there_and_none_for_the_rest():
    seen = []

    def spy(text, image, audio):
        seen.append((text, image, audio))
        return {"calm": 0.5, "upset": 0.5}

    sample = toy_sample(modalities=("text", "audio"))
    wrap(spy, LABELS).predict_batch([sample])
    ((text, image, audio),) = seen
    assert (text, image) == ("i am so happy today", None)
    assert (audio.dtype, audio.ndim) == (np.float32, 1)
    wrap(spy, LABELS).predict_logits([Sample()])
    assert len(seen) == 1  # nothing at all is the prior's question


def test_contributions_begin_at_the_prior():
    predictor = wrap(loud, LABELS, prior={"calm": 0.9, "upset": 0.1})
    record = explain(predictor, toy_sample())
    assert record.contributions("upset", "probability").start == pytest.approx(0.1)
    even = explain(wrap(loud, LABELS), toy_sample())
    assert even.contributions("upset", "probability").start == pytest.approx(0.5)


def test_what_a_function_does_not_read_is_said_and_counts_as_absent():
    predictor = wrap(loud, LABELS, modalities=("text",))
    (prediction,) = predictor.predict_batch([toy_sample()])
    assert prediction.present == ("text",)
    assert any("calm and upset" in warning for warning in prediction.warnings)
    with pytest.raises(mm_core.InvalidInput):
        predictor.predict_batch([toy_sample(modalities=("audio",))])


def test_a_function_is_explained_tested_changed_saved_and_shown(tmp_path):
    predictor = wrap(loud, LABELS, name="loud", version="1")
    sample = toy_sample().replace(text="what a day ! ! never")
    session = ExplanationSession(predictor, sample)
    record = session.evidence("upset")
    words, values = record.units["text"].labels, record.relevance_of("text").values
    assert {words[i] for i in np.argsort(-values)[:2]} == {"!"}
    tested = record.with_faithfulness(*finish(session.evaluate_faithfulness(record.relevance_of("text"))))
    assert tested.faithfulness_of("text").testable
    assert what_if(predictor, record, Change(mask_words=["!"])).difference()["upset"] < -0.2
    tested.save(tmp_path / "case.triad")
    again = Evidence.load(tmp_path / "case.triad")
    same = wrap(loud, LABELS, name="loud", version="1")
    assert ExplanationSession.of(same, again).evidence("upset").prediction.emotion == record.prediction.emotion
    assert "upset" in evidence_page(again)


def test_the_hash_tells_versions_apart_and_no_version_is_never_the_same():
    same = [wrap(loud, LABELS, version="1").hash for _ in range(2)]
    assert same[0] == same[1] != wrap(loud, LABELS, version="2").hash
    assert wrap(loud, LABELS).hash != wrap(loud, LABELS).hash
    assert wrap(loud, LABELS, version="1", prior={"calm": 0.6, "upset": 0.4}).hash != same[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"calm": 1.0}, "each of its 2 labels"),
        ({"calm": 0.5, "upset": 0.4, "angry": 0.1}, "each of its 2 labels"),
        ([0.5, 0.5], "each of its 2 labels"),
        ({"calm": 0.5, "upset": float("nan")}, "not between 0 and 1"),
        ({"calm": 1.5, "upset": -0.5}, "not between 0 and 1"),
        ({"calm": 0.5, "upset": 0.2}, "add up to 0.700"),
        ({"calm": 0.5, "upset": "half"}, "no number"),
    ],
)
def test_answers_that_are_no_probabilities_are_refused(answer, said):
    with pytest.raises(UnusableAnswer, match=said):
        wrap(lambda text, image, audio: answer, LABELS).predict_batch([Sample("hello")])


def test_what_the_function_raises_is_not_hidden():
    def broken(text, image, audio):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        wrap(broken, LABELS).predict_batch([Sample("hello")])


@pytest.mark.parametrize(
    "arguments",
    [
        {"labels": ["one"]},
        {"labels": ["one", "one"]},
        {"labels": "joy"},
        {"labels": LABELS, "modalities": ["smell"]},
        {"labels": LABELS, "modalities": []},
        {"labels": LABELS, "prior": {"calm": 0.9, "upset": 0.9}},
        {"labels": LABELS, "prior": {"calm": 1.0}},
    ],
)
def test_what_does_not_fit_together_is_refused(arguments):
    with pytest.raises(UnusablePredictor):
        wrap(loud, **arguments)


def test_a_scikit_learn_black_box_is_explained_and_evaluated(tmp_path):
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.pipeline import make_pipeline

    folder = write_tables(tmp_path)
    words = {"joy": "happy love great", "sadness": "sad awful", "anger": "angry hate never"}
    texts = [word for line in words.values() for word in line.split()]
    labels = [label for label, line in words.items() for _ in line.split()]
    box = make_pipeline(CountVectorizer(), MultinomialNB()).fit(texts, labels)
    rest = [label for label in EMOTIONS if label not in words]

    def black_box(text, image, audio):
        found = dict.fromkeys(EMOTIONS, 0.0)
        if text is None:
            return found | dict.fromkeys(found, 1 / len(found))
        known = zip(box.classes_, box.predict_proba([text])[0], strict=True)
        return found | {label: 0.99 * p for label, p in known} | dict.fromkeys(rest, 0.01 / len(rest))

    predictor = mm_core.predictors.wrap(black_box, labels=EMOTIONS, version="1")
    record = mm_core.explain(predictor, Sample("i am so happy today"))
    assert record.prediction.emotion.label == "joy"
    assert record.units["text"].labels[int(record.relevance_of("text").values.argmax())] == "happy"
    assert "joy" in evidence_page(record)
    report, rows = evaluate(predictor, folder, draws=20, quiet=True)
    assert report.model.name == "black_box"
    assert report.emotion["text"]["all"].n == (rows.modalities == "text").sum()
    assert report.emotion["text+image+audio"]["all"].n == 20


def test_a_function_is_named_by_a_description(tmp_path):
    (tmp_path / "box.py").write_text(
        textwrap.dedent("""
            from pathlib import Path

            WORDS = Path(__file__).with_name("words.txt").read_text().split()


            def ask(text, image, audio):
                share = 0.8 if any(word in WORDS for word in (text or "").split()) else 0.2
                return {"upset": share, "calm": 1 - share}
        """)
    )
    (tmp_path / "words.txt").write_text("never hate")
    description = tmp_path / "predictor.yaml"
    description.write_text(
        "kind: function\nfunction: box.py:ask\nlabels: [upset, calm]\nmodalities: [text]\nfiles: [words.txt]\n"
    )
    predictor = load(description)
    assert (predictor.name, predictor.labels, predictor.learned_modalities) == ("ask", ("upset", "calm"), ("text",))
    assert predictor.predict_batch([Sample("i hate this")])[0].emotion.label == "upset"
    assert load(description).hash == predictor.hash
    (tmp_path / "words.txt").write_text("love")
    assert load(description).hash != predictor.hash
    assert load(description).predict_batch([Sample("i hate this")])[0].emotion.label == "calm"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("kind: function\nfunction: box.py:ask\nlabels: [a, b]\n", "box.py .*not there"),
        ("kind: function\nfunction: box\nlabels: [a, b]\n", "does not fit at function"),
        ("kind: function\nfunction: box.py:ask\nlabels: [a, b]\ncolour: red\n", "does not fit at colour"),
        ("kind: oracle\n", "classifiers, endpoint, function and zero_shot"),
        ("- a list\n", "names its kind"),
        ("kind: [", "not readable YAML"),
    ],
)
def test_a_description_that_can_not_be_used_says_why(tmp_path, content, said):
    (tmp_path / "predictor.yaml").write_text(content)
    with pytest.raises(UnusablePredictor, match=said):
        load(tmp_path / "predictor.yaml")


def test_a_description_that_is_not_there(tmp_path):
    with pytest.raises(UnusablePredictor, match="no such description"):
        load(tmp_path / "predictor.yaml")


def test_load_takes_what_mm_core_load_takes():
    assert load().learned_modalities == MODALITIES
