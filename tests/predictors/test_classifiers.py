"""Three tiny classifiers in the hub's own format, made here, as one predictor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
import yaml

from mm_core.evaluation.evaluate import evaluate
from mm_core.evidence import Change
from mm_core.evidence.session import ExplanationSession, what_if
from mm_core.figures.page import evidence_page
from mm_core.labels import EMOTIONS
from mm_core.predictors import UnusablePredictor, load
from mm_core.samples import Sample
from mm_core.steps import finish
from tests.data_factory import write_tables
from tests.toys import toy_sample, toy_tokenizer

THEIRS = {
    "text": {"LABEL_0": "joy", "LABEL_1": "sadness", "LABEL_2": "anger", "LABEL_3": None},
    "image": {"happy": "joy", "sad": "sadness", "contempt": "anger", "angry": "anger"},
    "audio": {"hap": "joy", "sad": "sadness"},
}
LABELS = ("joy", "sadness", "anger")


def names(modality: str) -> dict[str, dict]:
    theirs = list(THEIRS[modality])
    return {"id2label": dict(enumerate(theirs)), "label2id": {name: index for index, name in enumerate(theirs)}}


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Path:
    """Folders ``text``, ``image`` and ``audio`` with random but trained-looking weights."""
    folder = tmp_path_factory.mktemp("hub")
    torch.manual_seed(0)
    tokenizer = toy_tokenizer()
    tokenizer.save_pretrained(folder / "text")
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    text = transformers.BertConfig(vocab_size=len(tokenizer), max_position_embeddings=64, **small, **names("text"))
    transformers.BertForSequenceClassification(text).save_pretrained(folder / "text")
    image = transformers.ViTConfig(image_size=16, patch_size=8, **small, **names("image"))
    transformers.ViTForImageClassification(image).save_pretrained(folder / "image")
    transformers.ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(folder / "image")
    audio = transformers.Wav2Vec2Config(
        conv_dim=(8, 8),
        conv_stride=(5, 4),
        conv_kernel=(10, 8),
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
        classifier_proj_size=8,
        **small,
        **names("audio"),
    )
    transformers.Wav2Vec2ForSequenceClassification(audio).save_pretrained(folder / "audio")
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(folder / "audio")
    return folder


def write(folder: Path, **changes) -> Path:
    settings = {
        "kind": "classifiers",
        "labels": list(LABELS),
        **{m: {"model": m, "labels": names} for m, names in THEIRS.items()},
        **changes,
    }
    path = folder / "predictor.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in settings.items() if value is not None}))
    return path


def own_answer(hub: Path, text: str) -> np.ndarray:
    """The text model's own probabilities, asked without Triad."""
    model = transformers.AutoModelForSequenceClassification.from_pretrained(hub / "text").eval()
    batch = transformers.AutoTokenizer.from_pretrained(hub / "text")(text, return_tensors="pt")
    with torch.inference_mode():
        return model(**batch).logits.softmax(1)[0].numpy()


def test_one_classifier_answers_as_it_does_by_itself(hub):
    predictor = load(write(hub, image=None, audio=None))
    assert predictor.learned_modalities == ("text",)
    (found,) = predictor.predict_batch([Sample("i am so happy today")])
    own = own_answer(hub, "i am so happy today")[:3]
    assert list(found.emotion.probabilities.values()) == pytest.approx(own / own.sum(), abs=1e-5)


def test_three_are_joined_by_the_product_of_what_each_says(hub):
    predictor, sample = load(write(hub)), toy_sample()
    (joint,) = predictor.predict_batch([sample])
    alone = [
        np.array(list(one.emotion.probabilities.values()))
        for one in predictor.predict_batch([toy_sample(modalities=(m,)) for m in ("text", "image", "audio")])
    ]
    product = np.prod(alone, axis=0)
    assert list(joint.emotion.probabilities.values()) == pytest.approx(product / product.sum(), abs=1e-5)


def test_a_label_that_a_classifier_does_not_know_keeps_its_prior(hub):
    prior = {"joy": 0.2, "sadness": 0.5, "anger": 0.3}
    predictor = load(write(hub, prior=prior))
    (voice,) = predictor.predict_batch([toy_sample(modalities=("audio",))])
    assert voice.emotion.probabilities["anger"] == pytest.approx(0.3, abs=1e-5)
    assert np.exp(predictor.predict_logits([Sample()]).emotion[0]) == pytest.approx([0.2, 0.5, 0.3], abs=1e-6)


def test_labels_may_share_a_name_and_temperature_softens(hub):
    def face(**more):
        part = {"model": "image", "labels": THEIRS["image"], **more}
        predictor = load(write(hub, text=None, audio=None, image=part))
        (found,) = predictor.predict_batch([toy_sample(modalities=("image",))])
        return found.emotion

    model = transformers.AutoModelForImageClassification.from_pretrained(hub / "image").eval()
    pixels = transformers.AutoImageProcessor.from_pretrained(hub / "image")(
        toy_sample().image.crop(), return_tensors="pt"
    )
    with torch.inference_mode():
        happy, sad, contempt, angry = model(**pixels).logits.softmax(1)[0].tolist()
    assert list(face().probabilities.values()) == pytest.approx([happy, sad, contempt + angry], abs=1e-5)
    spread = [max(face(temperature=t).probabilities.values()) for t in (0.05, 1.0)]
    assert spread[0] > spread[1]


def test_a_classifiers_own_prior_is_divided_out(hub):
    text = {"model": "text", "labels": THEIRS["text"], "prior": {"joy": 0.8, "sadness": 0.1, "anger": 0.1}}
    plain, divided = load(write(hub)), load(write(hub, text=text))
    sample = toy_sample(modalities=("text",))
    (before,), (after,) = plain.predict_batch([sample]), divided.predict_batch([sample])
    expected = np.array(list(before.emotion.probabilities.values())) / [0.8, 0.1, 0.1]
    assert list(after.emotion.probabilities.values()) == pytest.approx(expected / expected.sum(), abs=1e-5)


def test_each_answer_is_the_one_that_it_would_get_alone(hub):
    predictor = load(write(hub))
    samples = [toy_sample(0), Sample("what a day"), toy_sample(1, ("audio",)), toy_sample(2), Sample()]
    together = predictor.predict_logits(samples).emotion
    alone = np.concatenate([predictor.predict_logits([one]).emotion for one in samples])
    assert together == pytest.approx(alone, abs=1e-4)


def test_classifiers_are_explained_tested_changed_and_shown(hub):
    predictor = load(write(hub))
    session = ExplanationSession(predictor, toy_sample())
    record = session.evidence("joy")
    assert {found.method for found in record.relevance} <= {"occlusion", "shapley_sampling"}
    solved = record.contributions("joy")
    assert sum(solved.shapley.values()) == pytest.approx(solved.total - solved.start, abs=1e-5)
    assert all(value == pytest.approx(0, abs=1e-4) for value in solved.interactions.values())  # a product
    (alone, _) = finish(session.evaluate_faithfulness(record.relevance_of("text")))
    assert alone.testable
    assert what_if(predictor, record, Change(remove="audio")).after.present == ("text", "image")
    assert "joy" in evidence_page(record)


def test_classifiers_are_evaluated(hub, tmp_path):
    parts = {m: {"model": m, "labels": names} for m, names in THEIRS.items()}
    predictor = load(write(hub, labels=list(EMOTIONS), **parts))
    report, _ = evaluate(predictor, write_tables(tmp_path), draws=20, quiet=True)
    assert report.emotion["text+image+audio"]["all"].n == 20


def test_the_hash_follows_weights_and_description(hub):
    first = load(write(hub)).hash
    assert load(write(hub)).hash == first
    assert load(write(hub, name="another")).hash != first


def test_a_head_that_would_be_random_is_refused(hub, tmp_path):
    toy_tokenizer().save_pretrained(tmp_path / "text")
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = transformers.BertConfig(vocab_size=len(toy_tokenizer()), max_position_embeddings=64, **small)
    transformers.BertModel(config).save_pretrained(tmp_path / "text")
    labels = {"LABEL_0": "joy", "LABEL_1": "sadness"}
    with pytest.raises(UnusablePredictor, match=r"no trained weights for classifier.*random"):
        load(write(tmp_path, image=None, audio=None, text={"model": "text", "labels": labels}))


def test_a_model_that_is_not_there_is_told_with_what_to_do(hub, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UnusablePredictor, match="Name a folder beside the description"):
        load(write(hub, text={"model": "nobody/nothing", "labels": THEIRS["text"]}))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"LABEL_0": "joy"}, "need a name each"),
        ({**THEIRS["text"], "LABEL_9": "joy"}, "need a name each.*LABEL_9"),
        ({**THEIRS["text"], "LABEL_3": "pride"}, "'pride' that the list lacks"),
        (dict.fromkeys(THEIRS["text"]), "names none of the labels"),
    ],
)
def test_maps_that_do_not_fit_are_refused(hub, labels, said):
    with pytest.raises(UnusablePredictor, match=said):
        load(write(hub, text={"model": "text", "labels": labels}))


def test_a_description_without_a_classifier(hub):
    with pytest.raises(UnusablePredictor, match="no classifier"):
        load(write(hub, text=None, image=None, audio=None))
