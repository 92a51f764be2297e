"""What needs only a Predictor works with one that knows nothing of tokens or torch."""

from __future__ import annotations

import pytest
import torch
from scipy.special import softmax

from mm_core.evaluation.contributions_study import contributions_study
from mm_core.evaluation.evaluate import evaluate
from mm_core.evaluation.robustness_study import robustness_study
from mm_core.evidence import Change, Evidence
from mm_core.evidence.session import ExplanationSession, explain, what_if
from mm_core.explain.sample_trace import SampleTrace, only
from mm_core.figures.page import evidence_page
from mm_core.labels import EMOTIONS, MODALITIES
from mm_core.prediction import Prediction
from mm_core.predictors import accepted, presence_of, probabilities
from mm_core.samples import InvalidInput, Sample
from mm_core.serving.limits import Limits
from mm_core.serving.service import Service
from mm_core.steps import finish
from tests.data_factory import write_tables
from tests.predictors.toy import LABELS, EmotionOnly, Votes
from tests.toys import toy_model, toy_sample
from webapp.answer import answered


@pytest.fixture(scope="module")
def sample() -> Sample:
    return toy_sample()


@pytest.fixture(scope="module")
def record(sample) -> Evidence:
    return explain(Votes(), sample)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data"))


def test_the_toy_is_no_torch_module():
    assert not isinstance(Votes(), torch.nn.Module)


def test_presence_says_what_is_there(sample):
    both = [sample.without("image"), sample.replace(ignored=frozenset({"text"}))]
    assert presence_of(both).tolist() == [[True, False, True], [False, True, True]]


def test_a_prediction_is_the_softmax_of_the_logits(sample):
    predictor = Votes()
    (prediction,) = predictor.predict_batch([sample])
    logits = predictor.predict_logits([sample]).emotion[0]
    assert list(prediction.emotion.probabilities) == list(LABELS)
    assert list(prediction.emotion.probabilities.values()) == pytest.approx(softmax(logits))
    assert prediction.emotion.label == LABELS[logits.argmax()]
    assert prediction.model == {"name": "votes", "hash": "0" * 64}
    assert set(prediction.agreement) == {"text+image", "text+audio", "image+audio"}


def test_triad_model_is_a_predictor(sample):
    model = toy_model()
    found, (direct,) = probabilities(model, [sample]), model.predict_batch([sample])
    assert found["emotion"][0] == pytest.approx(list(direct.emotion.probabilities.values()), abs=1e-6)
    assert found["sentiment"][0] == pytest.approx(list(direct.sentiment.probabilities.values()), abs=1e-6)
    assert found["agreement"][0] == pytest.approx(list(direct.agreement.values()), abs=1e-6)


def test_contributions_are_those_of_the_votes(record, sample):
    # Votes are added up, so each modality's Shapley value is its own centred vote, and nothing interacts.
    predictor = Votes()
    for label in LABELS:
        solved = record.contributions(label)
        for modality in MODALITIES:
            said = predictor.said(sample, modality)
            assert solved.shapley[modality] == pytest.approx(said[LABELS.index(label)] - said.mean(), abs=1e-5)
        assert all(value == pytest.approx(0, abs=1e-5) for value in solved.interactions.values())


def test_the_record_of_a_wrapped_triad_model_has_its_own_contributions(sample):
    model = toy_model()
    trace, own = SampleTrace(model, sample), explain(model, sample, methods=("occlusion",))
    found = trace.coalitions()
    for task in ("emotion", "sentiment"):
        assert found.logits[task] == pytest.approx(own.coalitions.logits[task], abs=1e-4)
        assert found.temperatures[task] == pytest.approx(own.coalitions.temperatures[task])
    assert found.agreement == pytest.approx(own.coalitions.agreement, abs=1e-4)


def test_only_methods_by_removal_are_offered(record, sample):
    assert {found.method for found in record.relevance} <= {"occlusion", "shapley_sampling"}
    assert all(grid is None for grid in record.attention.values())
    with pytest.raises(
        InvalidInput, match=r"does not show the attention .* Use occlusion and sampled Shapley values"
    ):
        explain(Votes(), sample, methods=("chefer",))


def test_occlusion_finds_the_word_that_counts(sample):
    found = explain(Votes(), sample, label="proud", methods=("occlusion",))
    words, values = found.units["text"].labels, found.relevance_of("text", "occlusion").values
    assert words == ("i", "am", "so", "happy", "today")
    assert words[int(values.argmax())] == "happy"
    assert values[words.index("happy")] == pytest.approx(2.0 - 2.0 / 3)  # two votes, centred over three labels
    assert values[words.index("am")] == pytest.approx(0)


def test_maps_are_tested_by_deletion(sample):
    session = ExplanationSession(Votes(), sample)
    found = session.evidence("proud", methods=("occlusion",))
    (alone, together) = finish(session.evaluate_faithfulness(found.relevance_of("text", "occlusion")))
    assert (alone.alone, together.alone) == (True, False)
    assert alone.deletion[0] == pytest.approx(
        probabilities(Votes(), [only(sample, ["text"])])["emotion"][0, LABELS.index("proud")]
    )
    assert together.deletion[0] == pytest.approx(found.prediction.emotion.probabilities["proud"], abs=1e-6)
    assert alone.deletion_p <= 0.3  # one word of five holds all: a fifth of the random orders begin with it


def test_a_record_is_saved_and_opened_again(record, tmp_path):
    record.save(tmp_path / "case.triad")
    again = Evidence.load(tmp_path / "case.triad")
    assert again.prediction == record.prediction
    assert ExplanationSession.of(Votes(), again).evidence().prediction.emotion == record.prediction.emotion


def test_what_if_asks_the_predictor(sample):
    changed = what_if(Votes(), sample, Change(mask_words=["happy"]))
    assert changed.difference()["proud"] < -0.1
    assert "happy" not in changed.after.units["text"].labels
    without = what_if(Votes(), sample, Change(remove="audio"))
    assert without.after.present == ("text", "image")


def test_evaluation_asks_about_whole_samples(folder):
    predictor = Votes(EMOTIONS)
    report, rows = evaluate(predictor, folder, draws=20, quiet=True)
    assert report.model.name == "votes"
    texts = rows[(rows.task == "emotion") & (rows.modalities == "text")]
    # A text "i am happy happy 5" gets four votes for the first label, any other the prior's last one.
    assert set(texts.answer) == {EMOTIONS[0], EMOTIONS[-1]}
    assert report.emotion["text+image+audio"]["all"].n == 20
    assert report.sentiment
    assert report.agreement


def test_evaluation_leaves_out_what_is_not_answered(folder):
    report, rows = evaluate(EmotionOnly(EMOTIONS), folder, draws=20, quiet=True)
    assert set(rows.task) == {"emotion"}
    assert report.sentiment == {}
    assert report.agreement == {}


def test_robustness_hands_out_worse_inputs(folder):
    report = robustness_study(Votes(EMOTIONS), folder, cases=14, conflicts=14, quiet=True)
    assert set(report.missing) >= {"none", "text", "text+image+audio"}
    assert report.conflict["text"].noticed is not None
    loudness = {level.alone.confidence for kind in report.noise["audio"].values() for level in kind.levels}
    assert len(loudness) > 3


def test_robustness_without_agreement_says_nothing_about_conflicts(folder):
    report = robustness_study(EmotionOnly(EMOTIONS), folder, cases=14, conflicts=14, quiet=True)
    assert report.conflict["text"].noticed is None
    assert report.false_alarms is None


def test_contributions_over_a_data_set(folder):
    report, rows = contributions_study(Votes(EMOTIONS), folder, cases=14, draws=2, projected=7, quiet=True)
    assert report.adds_up.shapley < 1e-6
    assert len(rows) > 14


def test_the_service_of_the_pages_holds_any_predictor(sample):
    service = Service(Votes(), Limits(patience=600.0, deadline=600.0))
    try:
        assert service.predict(sample).emotion.label in LABELS
        record = service.explain(sample, label="bored")
        assert record.label == "bored"
        tested = finish(service.evaluate_faithfulness(record, modalities=["text"]))
        assert tested.faithfulness_of("text").testable
        assert service.what_if(record, Change(mask_words=["happy"])).difference()["proud"] < 0
        assert service.health().device == "elsewhere"
    finally:
        service.close()


def test_a_model_without_sentiment_and_agreement_has_records_and_pages(sample, tmp_path):
    predictor = EmotionOnly()
    (prediction,) = predictor.predict_batch([sample])
    assert (prediction.sentiment, prediction.agreement) == (None, {})
    assert Prediction.from_json(prediction.to_json()).answers == prediction.answers == {"emotion": prediction.emotion}
    record = explain(predictor, sample)
    assert set(record.coalitions.labels) == {"emotion"}
    assert record.contributions("proud").shapley == explain(Votes(), sample).contributions("proud").shapley
    record.save(tmp_path / "case.triad")
    again = Evidence.load(tmp_path / "case.triad")
    assert (again.prediction, again.coalitions.agreement) == (record.prediction, None)
    assert what_if(predictor, again, Change(remove="audio")).difference().keys() == set(LABELS)
    page = evidence_page(again)
    assert "proud" in page
    assert "Sentiment" not in page
    assert "Sentiment" not in again._repr_html_() + prediction._repr_html_()
    with pytest.raises(InvalidInput, match="no task called 'sentiment'"):
        explain(predictor, sample, task="sentiment")
    with pytest.raises(InvalidInput, match="does not answer sentiment"):
        predictor.predict_logits([sample]).of("sentiment")
    assert set(probabilities(predictor, [sample])) == {"emotion"}


def test_both_pages_say_what_a_model_does_not_answer(sample):
    shown = answered(explain(EmotionOnly(), sample).prediction).whole
    assert "Sentiment" not in shown
    assert "does not judge whether two inputs say the same" in shown
    assert "Judged from the words, the face and the voice" in shown


def test_words_in_a_language_that_a_model_does_not_read_are_left_out_and_said():
    toy = Votes()
    assert toy.languages == ("en",)
    chinese = Sample.read("我今天非常开心")
    read = accepted(toy, chinese)
    assert chinese.present == ("text",)
    assert read.present == ()
    assert [(n.code, n.message) for n in read.notices] == [
        ("unread-language", "The words are left out: this model does not read Chinese.")
    ]
    with pytest.raises(InvalidInput, match="Give something else\\."):
        toy.predict_batch([chinese])
    assert accepted(toy, Sample.read("I am so happy")).present == ("text",)
