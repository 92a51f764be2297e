"""The answer to one case as HTML: a sentence, probabilities, who agrees with whom, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

from mm_core.evidence.what_if import WhatIf
from mm_core.labels import MODALITIES
from mm_core.locale import listed, modality_word, percent, say, task_kind, the_modalities
from mm_core.prediction import Prediction
from mm_core.serving.client import CheckedCase
from webapp.markup import bars, notice

_RINGS: Final = """
  <svg viewBox="0 0 120 96" width="120" height="96" aria-hidden="true">
    <circle cx="60" cy="34" r="26" class="ring text"/><circle cx="42" cy="62" r="26" class="ring image"/>
    <circle cx="78" cy="62" r="26" class="ring audio"/>
  </svg>
"""


def empty() -> Shown:
    """What stands in place of an answer before anything is asked."""
    return Shown(
        f'<div class="empty">{_RINGS}<h2>{escape(say("answer-empty-title"))}</h2>'
        f"<p>{escape(say('answer-empty-how'))}</p><p>{escape(say('answer-empty-example'))}</p></div>"
    )


@dataclass(frozen=True)
class Shown:
    """An answer as safe HTML in two pieces, so that the reasons can stand between them. headline: the sentence and
    what belongs to it. bars: probabilities, agreement and small print; empty where there is no answer."""

    headline: str
    bars: str = ""

    @property
    def whole(self) -> str:
        """Both pieces, for where no reasons are shown."""
        return self.headline + self.bars


def answered(prediction: Prediction) -> Shown:
    """The answer."""
    return _answer(prediction, _sentiment_line(prediction))


def changed(change: WhatIf) -> Shown:
    """The answer after a change, what it did in words, and marks where the bars stood."""
    before = change.before.prediction
    words = f'<p class="change">{escape(change.sentence())} {escape(say("answer-marks"))}</p>'
    return _answer(change.after.prediction, _sentiment_line(change.after.prediction) + words, before)


def all_off() -> Shown:
    """What stands in place of an answer while every input is switched off."""
    return Shown(f'<div class="answer"><p class="sentence">{escape(say("answer-all-off"))}</p></div>')


def _answer(prediction: Prediction, below: str, before: Prediction | None = None) -> Shown:
    emotion, *others = (
        bars(
            say("task", task=task_kind(task, answer.probabilities)),
            answer.probabilities,
            before.answers[task].probabilities if before else None,
        )
        for task, answer in prediction.answers.items()
    )
    second = "".join(others)
    return Shown(
        f'<div class="answer"><p class="sentence">{escape(prediction.sentence())}</p>{below}</div>',
        f'<div class="bar-pair">{emotion}<div>{second}{_agreement(prediction)}</div></div>{_small_print(prediction)}',
    )


def warned(checked: CheckedCase | None, prediction: Prediction | None) -> str:
    """The warnings of a case; what was set aside is named."""
    notices = checked.notices if checked else ()
    boxes = []
    for modality in MODALITIES:
        own = [n.message for n in notices if n.modality == modality]
        if checked and modality in checked.ignored:
            own.append(say("answer-left-out", modality=modality))
        if own:
            boxes.append(notice(" ".join(own)))
    known = {n.message for n in notices}
    boxes.extend(notice(text) for text in (prediction.warnings if prediction else ()) if text not in known)
    return "".join(boxes)


def refused(message: str) -> Shown:
    """What stands in place of an answer if the input can't be used."""
    return Shown(f'<div class="answer">{notice(message, "error")}</div>')


def nothing_usable(checked: CheckedCase) -> Shown:
    """What stands in place of an answer if all that was given was set aside."""
    given = [m for m in MODALITIES if m in checked.ignored]
    form = "one-thing" if given in (["image"], ["audio"]) else "several"
    words = say("answer-nothing-usable", inputs=the_modalities(given), form=form)
    return Shown(
        f'<div class="answer"><p class="sentence">{escape(say("answer-none-yet"))}</p><p>{escape(words)}</p></div>'
    )


def _sentiment_line(prediction: Prediction) -> str:
    answer, inputs = prediction.sentiment, the_modalities(prediction.present)
    if answer is None:
        words = say("answer-judged-from", inputs=inputs)
    else:
        words = say(
            "answer-sentiment",
            sure="yes" if answer.sure else "no",
            label=answer.label,
            confidence=answer.confidence,
            inputs=inputs,
        )
    referred = prediction.reference_in_words("own")
    return f'<p class="sub">{escape(f"{words} {referred}".rstrip())}</p>'


def _agreement(prediction: Prediction) -> str:
    title = escape(say("agreement-title"))
    if not prediction.agreement:
        one = len(prediction.present) < 2
        words = escape(say("agreement-needs-two") if one else say("agreement-not-answered"))
        return f'<div class="agreement"><h3>{title}</h3><p class="quiet">{words}</p></div>'
    rows = []
    for pair, share in prediction.agreement.items():
        first, second = pair.split("+")
        said = prediction.said[pair]
        look = {"agree": "agrees", "disagree": "differs", "nothing": "open"}[said]
        rows.append(
            f'<li class="{look}"><span class="dots" aria-hidden="true">'
            f'<i class="{first}"></i><i class="{second}"></i></span>'
            f'<span class="name">{escape(listed([modality_word(first), modality_word(second)]))}</span>'
            f'<span class="value">{escape(say("agreement-verdict", verdict=said))} '
            f"<small>{percent(1 - share if said == 'disagree' else share)}</small></span></li>"
        )
    return f'<div class="agreement"><h3>{title}</h3><ul>{"".join(rows)}</ul></div>'


def _small_print(prediction: Prediction) -> str:
    words = say(
        "answer-small-print",
        milliseconds=round(prediction.milliseconds),
        model=prediction.model["name"],
        hash=prediction.model["hash"][:8],
    )
    return f'<p class="small-print">{escape(words)}</p>'
