"""What a batch found: in a sentence, as a table, as rows to open, as an evaluation, and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from mm_core.evaluation.labelled import LabelledScores, score_labelled
from mm_core.evaluation.records import FEWEST_GROUPS
from mm_core.figures.figure import Row as Cells
from mm_core.labels import EMOTIONS, MODALITIES, PAIRS, SENTIMENTS
from mm_core.locale import label_word, listed, percent, say
from mm_core.prediction import Prediction
from webapp import markup
from webapp.batch_rows import Row

SHOWN_ROWS: Final = 20
"""Rows that are shown on the page; all are in the results file."""

NAMED_ROWS: Final = 20
"""Numbers of rows that one sentence names."""

_LONGEST: Final = 80
"""Characters of a row's text in the table."""

Answered = tuple[Row, Prediction | str]
"""A row with its answer, or with what is wrong with it."""


def summary(done: Sequence[Answered]) -> str:
    """How many rows were answered, which were not, and in which something was set aside."""
    bad = [row for row, found in done if isinstance(found, str)]
    aside = [row for row, found in done if not isinstance(found, str) and len(found.present) < _given(row)]
    words = [say("batch-answered", answered=len(done) - len(bad), count=len(done))]
    if bad:
        words.append(say("batch-not-answered", count=len(bad), rows=_numbers(bad), more=_more(bad)))
    if aside:
        words.append(say("batch-set-aside", count=len(aside), rows=_numbers(aside), more=_more(aside)))
    return f'<p class="sentence small">{escape(" ".join(words))}</p>'


def table(done: Sequence[Answered]) -> str:
    """The first rows: what was given, the label where there are any, and the answer."""
    labelled = any(row.label for row, _ in done)
    rows = []
    for row, found in done[:SHOWN_ROWS]:
        said = found if isinstance(found, str) else found.sentence()
        rows.append([str(row.number), _what(row), *([row.label] if labelled else []), said])
    columns = ["row", "given", *(["label"] if labelled else []), "answer"]
    more = len(done) - len(rows)
    rest = markup.reading(say("batch-more-rows", count=more)) if more > 0 else ""
    heads = [say("batch-results-column", column=column) for column in columns]
    return markup.table(heads, rows, say("batch-results-caption")) + rest


def choices(done: Sequence[Answered]) -> list[tuple[str, int]]:
    """The answered rows to open, in words, with their numbers; those with another label than the answer first."""
    ranked = sorted(
        ((row, found) for row, found in done if not isinstance(found, str)),
        key=lambda pair: not _differs(*pair),
    )
    return [(_choice(row, found), row.number) for row, found in ranked]


def evaluated(done: Sequence[Answered]) -> LabelledScores | None:
    """The answers against the column ``label``; None where no row has a label that the model knows."""
    return score_labelled([(row.label, None if isinstance(found, str) else found) for row, found in done])


def verdict(found: LabelledScores) -> str:
    """How good the answers are by the file's own labels: only what was measured."""
    accuracy = found.scores.accuracy
    assert accuracy is not None, "there are rows"
    words = [
        say(
            "batch-accuracy",
            right=round(accuracy.value * found.scores.n),
            count=found.scores.n,
            accuracy=accuracy.words(),
        ),
        say("batch-commonest", label=found.commonest, share=found.commonest_share),
        say("batch-interval", shown="no" if accuracy.interval is None else "yes", least=FEWEST_GROUPS),
    ]
    if found.unknown:
        named = listed([f"“{label}” ({count})" for label, count in list(found.unknown.items())[:NAMED_ROWS]])
        words.append(say("batch-unknown-labels", count=sum(found.unknown.values()), labels=named))
    if found.unanswered:
        words.append(say("batch-unanswered-labels", count=found.unanswered))
    return f'<p class="sentence small">{escape(words[0])}</p>{markup.reading(" ".join(words[1:]))}'


def result_lines(done: Sequence[Answered]) -> tuple[Cells, ...]:
    """The results file, one line a row, all with the same columns: the labels are those that the model answers."""
    answered = [found for _, found in done if not isinstance(found, str)]
    labels = tuple(answered[0].emotion.probabilities) if answered else EMOTIONS
    return tuple(_line(row, found, labels) for row, found in done)


def _given(row: Row) -> int:
    return sum(bool(getattr(row, modality)) for modality in MODALITIES)


def _numbers(rows: Sequence[Row]) -> str:
    return listed([str(row.number) for row in rows[:NAMED_ROWS]])


def _more(rows: Sequence[Row]) -> str:
    return "yes" if len(rows) > NAMED_ROWS else "no"


def _what(row: Row, longest: int = _LONGEST) -> str:
    text = row.text[:longest] + ("…" if len(row.text) > longest else "")
    return " · ".join(part for part in (text, row.image, row.audio, row.reference) if part)


def _differs(row: Row, found: Prediction) -> bool:
    names = [name.strip().casefold() for name in row.label.split(",") if name.strip()]
    return bool(names) and not {answer.label.casefold() for answer in found.answers.values()} & set(names)


def _choice(row: Row, found: Prediction) -> str:
    what = _what(row, 48)
    label = label_word(found.emotion.label)
    if _differs(row, found):
        return say("batch-row-differs", row=row.number, label=row.label, answer=label, given=what)
    return say("batch-row", row=row.number, answer=label, share=percent(found.emotion.confidence), given=what)


def _line(row: Row, found: Prediction | str, emotions: Sequence[str]) -> Cells:
    line: dict[str, Any] = {"row": row.number, "text": row.text, "image": row.image, "audio": row.audio}
    answer = None if isinstance(found, str) else found
    line |= {"face": row.face, "reference": row.reference, "label": row.label}
    line["error"] = found if isinstance(found, str) else ""
    line["used"] = "" if answer is None else "+".join(answer.present)
    line["referenced"] = "" if answer is None else "+".join(answer.referenced)
    for task, labels in (("emotion", emotions), ("sentiment", SENTIMENTS)):
        said = None if answer is None else answer.answers.get(task)
        line[task] = "" if said is None else said.label
        line[f"{task}_sure"] = "" if said is None else said.sure
        for label in labels:
            line[f"{task}_{label}"] = "" if said is None else round(said.probabilities.get(label, 0.0), 4)
    for first, second in PAIRS:
        pair = f"{first}+{second}"
        share = None if answer is None else answer.agreement.get(pair)
        line[f"agree_{pair}"] = "" if share is None else round(share, 4)
    line["warnings"] = "" if answer is None else " ".join(answer.warnings)
    return line
