"""The answer to one case as HTML: a sentence, probabilities, who agrees with whom, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from mm_core.evidence.what_if import WhatIf
from mm_core.labels import MODALITIES
from mm_core.prediction import AGREES_FROM, Prediction
from mm_core.samples import Sample
from mm_core.wording import MODALITY_WORDS, percent
from webapp.markup import bars, modality_list, notice

EMPTY = """
<div class="empty">
  <svg viewBox="0 0 120 96" width="120" height="96" aria-hidden="true">
    <circle cx="60" cy="34" r="26" class="ring text"/><circle cx="42" cy="62" r="26" class="ring image"/>
    <circle cx="78" cy="62" r="26" class="ring audio"/>
  </svg>
  <h2>The answer appears here</h2>
  <p>Give words, a face, a voice, or any mix of them, and press <b>Find out</b>.
  With two or three you also see whether they say the same.</p>
  <p>New here? Choose an example under the inputs: it is answered at once.</p>
</div>
"""


def answered(prediction: Prediction) -> str:
    """The answer."""
    return _answer(prediction, _sentiment_line(prediction))


def changed(change: WhatIf) -> str:
    """The answer after a change, what it did in words, and marks where the bars stood."""
    before = change.before.prediction
    words = f'<p class="change">{escape(change.sentence())} The marks on the bars show where they stood.</p>'
    return _answer(change.after.prediction, _sentiment_line(change.after.prediction) + words, before)


def _answer(prediction: Prediction, below: str, before: Prediction | None = None) -> str:
    emotion = bars("Emotion", prediction.emotion.probabilities, before.emotion.probabilities if before else None)
    sentiment = bars(
        "Sentiment", prediction.sentiment.probabilities, before.sentiment.probabilities if before else None
    )
    return (
        f'<div class="answer"><p class="sentence">{escape(prediction.sentence())}</p>{below}'
        f'<div class="bar-pair">{emotion}<div>{sentiment}{_agreement(prediction)}</div></div>'
        f"{_small_print(prediction)}</div>"
    )


def warned(sample: Sample, prediction: Prediction | None) -> str:
    """The warnings of a case; what was set aside is named."""
    boxes = []
    for modality in MODALITIES:
        own = [n.message for n in sample.notices if n.modality == modality]
        if modality in sample.ignored:
            own.append(f"So the {MODALITY_WORDS[modality]} {_were(modality)} left out of the answer.")
        if own:
            boxes.append(notice(" ".join(own)))
    known = {n.message for n in sample.notices}
    boxes.extend(notice(text) for text in (prediction.warnings if prediction else ()) if text not in known)
    return "".join(boxes)


def refused(message: str) -> str:
    """What stands in place of an answer if the input can't be used."""
    return f'<div class="answer">{notice(message, "error")}</div>'


def nothing_usable(sample: Sample) -> str:
    """What stands in place of an answer if all that was given was set aside."""
    given = [m for m in MODALITIES if m in sample.ignored]
    return (
        '<div class="answer"><p class="sentence">No answer yet.</p>'
        f"<p>Nothing of what was given can be judged: {escape(modality_list(given))} {_were_all(given)} set aside. "
        "Give something else, or use it anyway.</p></div>"
    )


def _were(modality: str) -> str:
    return "were" if modality == "text" else "was"


def _were_all(modalities: Sequence[str]) -> str:
    return _were(modalities[0]) if len(modalities) == 1 else "were"


def _sentiment_line(prediction: Prediction) -> str:
    answer = prediction.sentiment
    head = "Sentiment" if answer.sure else "Sentiment, not sure"
    used = modality_list(prediction.present)
    return (
        f'<p class="sub">{head}: <b>{escape(answer.label)}</b>, {percent(answer.confidence)}. '
        f"Judged from {escape(used)}.</p>"
    )


def _agreement(prediction: Prediction) -> str:
    if not prediction.agreement:
        return (
            '<div class="agreement"><h3>Do they agree?</h3><p class="quiet">Give a second input to see whether '
            "the two say the same.</p></div>"
        )
    rows = []
    for pair, share in prediction.agreement.items():
        first, second = pair.split("+")
        agrees = share >= AGREES_FROM
        rows.append(
            f'<li class="{"agrees" if agrees else "differs"}"><span class="dots" aria-hidden="true">'
            f'<i class="{first}"></i><i class="{second}"></i></span>'
            f'<span class="name">{MODALITY_WORDS[first]} and {MODALITY_WORDS[second]}</span>'
            f'<span class="value">{"agree" if agrees else "disagree"} '
            f"<small>{percent(share if agrees else 1 - share)}</small></span></li>"
        )
    return f'<div class="agreement"><h3>Do they agree?</h3><ul>{"".join(rows)}</ul></div>'


def _small_print(prediction: Prediction) -> str:
    model = f"{prediction.model['name']}, {prediction.model['hash'][:8]}"
    return (
        f'<p class="small-print">Answered in {prediction.milliseconds:.0f} ms by the model {escape(model)}. '
        "It judges the expression that is shown, not what a person feels.</p>"
    )
