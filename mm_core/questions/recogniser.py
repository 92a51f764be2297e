"""Which question is asked: the kind by its words and letters, what it is about by a word list.

Classes, inputs and persons that a question names are put aside, so that "why joy?" and "why fear?" are one question,
and so are "is he sad?" and "is this person sad?". The kind is then what a logistic regression over n-grams of words
and letters finds likeliest, learned from the example phrases beside this file in a fraction of a second. It depends
on no weights. A question that none of the examples resembles is of no kind, and so is one that resembles those that a
case can't answer.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

NONE: Final = "none"
"""What can't be answered from a case."""

LEAST_SURE: Final = 0.2
"""Probability of its kind below which a question counts as none."""

MOST_CHARACTERS: Final = 300
"""Of a question; the rest is not read."""

_FOLDER: Final = Path(__file__).parent
_LABEL, _MODALITY, _PERSON = "◆", "▲", "●"
_WORD: Final = r"[a-z'-]+|[◆▲●]|[\u4e00-\u9fff]"
"""A word of letters, a sign, or one Chinese character."""

_STOPS: Final = " ?？!！.。,，;；"


@dataclass(frozen=True)
class Question:
    """kind: a key of ``phrases.json``. label: the class it names, empty where it names none. modalities: the inputs
    it names, in the order of MODALITIES."""

    kind: str
    label: str = ""
    modalities: tuple[str, ...] = ()


def recognise(text: str, labels: Sequence[str] = ()) -> Question:
    """The question that is asked. labels: those of the case, which may be somebody's own and are found by name."""
    plain, label, modalities = _put_aside(_normal(text), labels)
    if not plain:
        return Question(NONE)
    model = _model()
    chances = model.predict_proba([plain])[0]
    best = int(chances.argmax())
    kind = str(model.classes_[best])
    return Question(kind if chances[best] >= LEAST_SURE else NONE, label, modalities)


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).casefold().split())


def _put_aside(text: str, labels: Sequence[str]) -> tuple[str, str, tuple[str, ...]]:
    """The question with signs in the place of what it names, the class, and the inputs."""
    known = _words()
    label = ""
    own = {name: (name.casefold(),) for name in labels if name not in known["labels"]}
    for name, words in {**known["labels"], **own}.items():
        text, count = _pattern(words).subn(_LABEL, text)
        if count and not label:
            label = name
    modalities = []
    for name, words in known["modalities"].items():
        text, count = _pattern(words).subn(_MODALITY, text)
        if count:
            modalities.append(name)
    for words in known["persons"].values():
        text = _pattern(words).sub(_PERSON, text)
    return text.strip(_STOPS), label, tuple(modalities)


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words; those of letters with spaces between only as a whole."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile("|".join(rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w) for w in longest))


@cache
def _words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    found = json.loads((_FOLDER / "words.json").read_text(encoding="utf-8"))
    return {kind: {name: tuple(words) for name, words in names.items()} for kind, names in found.items()}


@cache
def phrases() -> dict[str, list[str]]:
    """The example phrases of each kind."""
    found: dict[str, list[str]] = json.loads((_FOLDER / "phrases.json").read_text(encoding="utf-8"))
    return found


@cache
def _model() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    examples = [(_put_aside(_normal(phrase), ())[0], kind) for kind, some in phrases().items() for phrase in some]
    # Of seven ways the best in five-fold cross-validation over the phrases: 0.68, letters or words alone 0.65.
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
    words = TfidfVectorizer(token_pattern=_WORD, ngram_range=(1, 2), sublinear_tf=True)
    chooser = LogisticRegression(C=30.0, max_iter=1000)
    return make_pipeline(make_union(words, letters), chooser).fit(*zip(*examples, strict=True))
