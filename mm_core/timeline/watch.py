"""Watching: a film or a stream, window by window, in batches through whatever answers cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mm_core.evidence.answers import prediction_of
from mm_core.explain.shapley import shapley_values
from mm_core.locale import say
from mm_core.prediction import Prediction
from mm_core.predictors.base import Predictor
from mm_core.samples.audio import Clip
from mm_core.samples.errors import InvalidInput
from mm_core.samples.limits import MAX_FILM_SECONDS
from mm_core.samples.sample import Sample
from mm_core.steps import Step
from mm_core.timeline.film import Film, Frame
from mm_core.timeline.options import Options
from mm_core.timeline.record import Timeline, Window, people_of
from mm_core.timeline.reference import Reference
from mm_core.timeline.subtitles import Word
from mm_core.timeline.windows import Cut, WindowCutter
from mm_core.versions import versions

BATCH: Final = 8
"""Windows that are answered together: four seconds of film at the usual hop."""

_LIBRARIES: Final = ("torch", "transformers", "numpy", "av")


@dataclass(frozen=True, eq=False)
class MomentAnswer:
    """What a model says of a window's case. contributions: see ``Window``."""

    prediction: Prediction
    contributions: dict[str, dict[str, float]]


Answering: TypeAlias = Callable[[Sequence[Sample]], Sequence[MomentAnswer]]
"""Cases with something in them to their answers, in order."""


@dataclass(frozen=True, eq=False)
class Progress(Step[Timeline]):
    """A step of watching, with the windows that it brought."""

    windows: tuple[Window, ...] = ()


Watching: TypeAlias = Generator[Progress, None, None]
"""The windows as they are ready; the last step has the record. Closing it cancels the work."""


def answer_moments(model: Predictor, samples: Sequence[Sample]) -> list[MomentAnswer]:
    """Answers with exact contributions to every emotion, several cases in one pass."""
    from mm_core.explain.coalition_batch import coalitions_of  # models are loaded by those who have one

    started = time.perf_counter()
    found = coalitions_of(model, samples)
    took = 1000.0 * (time.perf_counter() - started) / max(1, len(samples))
    answers = []
    for sample, coalitions in found:
        prediction = prediction_of(
            coalitions,
            sample.present,
            [notice.message for notice in sample.notices],
            {"name": model.name, "hash": model.hash},
            took,
            sample.referenced,
        )
        values = shapley_values(coalitions.centred())  # (n, C)
        contributions = {
            label: {m: float(values[i, column]) for i, m in enumerate(sample.present)}
            for column, label in enumerate(coalitions.labels["emotion"])
        }
        answers.append(MomentAnswer(prediction, contributions))
    return answers


def answer_windows(cuts: Sequence[Cut], answering: Answering) -> list[Window]:
    """Answer windows that were cut; one in which nothing can be judged says why."""
    usable = [i for i, cut in enumerate(cuts) if cut.sample is not None and cut.sample.present]
    asked = [sample for i in usable if (sample := cuts[i].sample) is not None]
    answers = dict(zip(usable, answering(asked) if asked else (), strict=True))
    return [_window(cut, answers.get(i)) for i, cut in enumerate(cuts)]


def _window(cut: Cut, answer: MomentAnswer | None) -> Window:
    sample = cut.sample
    noted = tuple(notice.message for notice in sample.notices) if sample is not None else cut.missing
    return Window(
        start=cut.start,
        end=cut.end,
        prediction=None if answer is None else answer.prediction,
        contributions={} if answer is None else answer.contributions,
        text=None if sample is None else sample.text,
        person=cut.person,
        shown_at=cut.shown_at,
        box=None if cut.face is None else (*cut.face.box,),
        turn=0.0 if cut.face is None else cut.face.turn,
        people=cut.people,
        warnings=noted if answer is None else answer.prediction.warnings,
    )


def watch(
    film: Film,
    answering: Answering,
    model: dict[str, str],
    labels: Sequence[str],
    options: Options | None = None,
    words: Sequence[Word] = (),
    reference: Clip | None = None,
    *,
    words_from: str = "subtitles",
    notices: Sequence[str] = (),
    batch: int = BATCH,
) -> Watching:
    """Read a film to its end, and close it. Closing the iterator stops it.

    reference: the normal voice of who speaks; without one, a film with enough speech is judged against its own mean
    from there on. model, labels: of what answers. Raises InvalidInput for a film that can't be read.
    """
    chosen = options or Options()
    known = Reference(reference)
    windows: list[Window] = []
    with closing(film):
        facts = film.facts
        chosen.check_length(facts.seconds)
        cutter = WindowCutter(chosen, known, words, seen=facts.size is not None, heard=facts.sound_tracks > 0)
        said = [*notices, *_said_of(film, chosen)]
        waiting: list[Cut] = []
        reading = _Reading(film, cutter)
        for cut in reading:
            waiting.append(cut)
            if len(waiting) >= batch:
                made = answer_windows(waiting, answering)
                windows, waiting = [*windows, *made], []
                yield Progress(_fraction(cut.end, facts.seconds), None, tuple(made))
        made = answer_windows(waiting, answering)
        windows += made
        if made:
            yield Progress(_fraction(reading.seconds, facts.seconds), None, tuple(made))
        if not windows:
            raise InvalidInput(say("film-empty"))
        if reading.seconds >= MAX_FILM_SECONDS - chosen.hop:
            said.append(say("film-cut", most=round(MAX_FILM_SECONDS / 60)))
    record = Timeline(
        seconds=reading.seconds,
        length=chosen.length,
        hop=chosen.hop,
        windows=tuple(windows),
        labels=tuple(labels),
        model=dict(model),
        reference=known.kind,
        words=words_from if words else "none",
        people=people_of(windows, cutter.tracker.tracks),
        notices=tuple(said),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(_LIBRARIES),
    )
    yield Progress(1.0, record)


class _Reading:
    """Reads pictures and sound of a film side by side, no further than the next window needs; gives the windows.
    seconds: how long the film is, once it is read."""

    def __init__(self, film: Film, cutter: WindowCutter) -> None:
        self._film, self._cutter = film, cutter
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Cut]:
        cutter = self._cutter
        frames: Iterator[Frame] = self._film.frames()
        sounds: Iterator[NDArray[np.float32]] = self._film.sound()
        while cutter.needs_picture or cutter.needs_sound:
            if cutter.needs_picture:
                frame = next(frames, None)
                if frame is None:
                    cutter.no_more_pictures()
                else:
                    cutter.picture(frame)
            if cutter.needs_sound:
                piece = next(sounds, None)
                if piece is None:
                    cutter.no_more_sound()
                else:
                    cutter.sound(piece)
            yield from cutter.ready()
        declared = self._film.facts.seconds or 0.0
        read = max(cutter.heard_seconds, cutter.seen_seconds)
        # A picture stays until the film ends, if the film is to be believed.
        self.seconds = min(MAX_FILM_SECONDS, max(read, min(declared, read + cutter.options.hop)))
        yield from cutter.rest(self.seconds)


def _fraction(done: float, seconds: float | None) -> float:
    return min(0.99, done / (seconds or MAX_FILM_SECONDS))


def _said_of(film: Film, options: Options) -> list[str]:
    facts = film.facts
    said = []
    if facts.size is None:
        said.append(say("film-no-picture"))
    if not facts.sound_tracks:
        said.append(say("film-no-sound"))
    elif facts.sound_tracks > 1:
        said.append(say("film-tracks", count=facts.sound_tracks, track=options.track))
    return said
