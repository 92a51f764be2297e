"""RAVDESS and EMO-DB, as people download them: folders of sound files whose names are codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mm_core.datasets.files import files_below
from mm_core.datasets.media import voice
from mm_core.datasets.rows import COMMON_NAMES, ImportReport, Row
from mm_core.samples import InvalidInput

_RAVDESS: Final = re.compile(r"(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)\.wav")
"""Modality, channel, emotion, intensity, statement, repetition, actor."""

_RAVDESS_EMOTIONS: Final = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
_RAVDESS_STATEMENTS: Final = {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
_AUDIO_ONLY, _SPEECH = "03", "01"

_EMODB: Final = re.compile(r"(\d\d)([ab]\d\d)([A-Z])[a-z]?\.wav")
"""Speaker, sentence, emotion's first letter in German, version."""

_EMODB_EMOTIONS: Final = {
    "W": "anger",
    "L": "boredom",
    "E": "disgust",
    "A": "fear",
    "F": "happiness",
    "T": "sadness",
    "N": "neutral",
}
_EMODB_SENTENCES: Final = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}


def ravdess(source: Path, findings: ImportReport) -> Iterator[Row]:
    """``Actor_01/03-01-06-01-02-01-12.wav`` and so on (Livingstone and Russo, 2018); speech only, songs are left
    out."""
    for path in files_below(source, ".wav"):
        code = _RAVDESS.fullmatch(path.name)
        if code is None or code[3] not in _RAVDESS_EMOTIONS or code[5] not in _RAVDESS_STATEMENTS:
            findings.problem(path.name, "", "The name is not RAVDESS's code of seven numbers; the file is left out.")
            continue
        if code[2] != _SPEECH or code[1] != _AUDIO_ONLY:
            findings.remark("song or video left out: only speech, audio only, is read")
            continue
        raw = _RAVDESS_EMOTIONS[code[3]]
        yield from _row(path, findings, "ravdess", code[7], raw, _RAVDESS_STATEMENTS[code[5]])


def emodb(source: Path, findings: ImportReport) -> Iterator[Row]:
    """``wav/03a01Fa.wav`` and so on (Burkhardt et al., 2005); boredom is kept under its own name."""
    for path in files_below(source, ".wav"):
        code = _EMODB.fullmatch(path.name)
        if code is None or code[2] not in _EMODB_SENTENCES or code[3] not in _EMODB_EMOTIONS:
            findings.problem(path.name, "", "The name is not EMO-DB's code, such as 03a01Fa; the file is left out.")
            continue
        yield from _row(path, findings, "emodb", code[1], _EMODB_EMOTIONS[code[3]], _EMODB_SENTENCES[code[2]])


def _row(path: Path, findings: ImportReport, source: str, speaker: str, raw: str, spoken: str) -> Iterator[Row]:
    try:
        content = voice(path, judge=False)
    except InvalidInput as error:
        findings.problem(path.name, "", str(error))
        return
    label = COMMON_NAMES.get(raw, raw)
    yield Row("audio", content, label, source, group=f"{source}_{speaker}", spoken=spoken, raw_label=raw)
