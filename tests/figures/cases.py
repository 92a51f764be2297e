"""Hand-made Evidence for the figures' tests: no model runs, every number is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mm_core.evidence import Evidence, Inputs
from mm_core.explain.records import Coalitions, Faithfulness, Relevance, Segments
from mm_core.labels import EMOTIONS, PAIRS, SENTIMENTS, pair_name
from mm_core.prediction import Answer, Prediction

TEXT = "I am so happy today, but my train was late & <img src=x onerror=alert(1)> nobody told us!"
RATE = 16_000


def evidence(
    present: tuple[str, ...] = ("text", "image", "audio"),
    text: str = TEXT,
    inputs: bool = True,
    tested: str | None = "better than chance",
    pixels: np.ndarray | None = None,
    waveform: np.ndarray | None = None,
) -> Evidence:
    """One case about joy. ``tested``: the verdict on every map, None for maps that were not tested."""
    random = np.random.default_rng(5)
    coalitions = _coalitions(present, random)
    full = {task: coalitions.probabilities(task)[-1] for task in ("emotion", "sentiment")}
    prediction = Prediction(
        emotion=_answer(EMOTIONS, full["emotion"]),
        sentiment=_answer(SENTIMENTS, full["sentiment"]),
        agreement={"+".join(p): v for p, v in zip(PAIRS, (0.81, 0.34, 0.22), strict=True) if set(p) <= set(present)},
        present=present,
        warnings=("The sound is long (41 s): 30 s from 0.4 s on are used.",) if "audio" in present else (),
        model={"name": "toy", "hash": "ab" * 32},
        milliseconds=48.2,
    )
    pixels = _picture() if pixels is None else pixels
    waveform = _voice() if waveform is None else waveform
    height, width = pixels.shape[:2]
    face = (width // 4, height // 8, 3 * width // 4, 5 * height // 8)
    units = {m: u for m, u in _units(text, (width, height), face, len(waveform) / RATE).items() if m in present}
    maps = tuple(
        Relevance(m, method, "emotion", "joy", _values(m, len(units[m]), random), signed)
        for m in present
        for method, signed in (("occlusion", True), ("rollout", False))
    )
    tests = tuple(_faithfulness(r, len(units[r.modality]), tested) for r in maps) if tested else ()
    return Evidence(
        prediction=prediction,
        digests=dict.fromkeys(present, "cd" * 32),
        task="emotion",
        label="joy",
        coalitions=coalitions,
        units=units,
        attention={
            (q, k): _attention(units[q], units[k], random) if {q, k} <= set(present) else None
            for q in ("text", "image", "audio")
            for k in ("text", "image", "audio")
            if q != k
        },
        relevance=maps,
        defaults=dict.fromkeys(present, "occlusion"),
        faithfulness=tests,
        timings={"predict": 48.2, "contributions": 6.1},
        versions={"triad": "0.1.0"},
        created="2026-11-22T10:00:00+00:00",
        inputs=_inputs(present, text, pixels, face, waveform) if inputs else None,
        matches={
            pair_name((a, b)): random.uniform(-1, 1, (len(units[a].token_units), len(units[b].token_units))).astype(
                np.float32
            )
            for a, b in PAIRS
            if {a, b} <= set(present)
        },
    )


def with_relevance(record: Evidence, modality: str, values: list[float], signed: bool = True) -> Evidence:
    """The same case with this default map of one modality."""
    new = Relevance(modality, "occlusion", record.task, record.label, np.array(values, np.float32), signed)
    return replace(record, relevance=(), faithfulness=()).with_relevance(new)


def _coalitions(present: tuple[str, ...], random: np.random.Generator) -> Coalitions:
    size = 2 ** len(present)
    emotion = np.zeros((size, len(EMOTIONS)), np.float32)
    emotion[0] = np.log([0.12, 0.05, 0.06, 0.22, 0.38, 0.1, 0.07])
    pull = {"text": (3, 2.4), "image": (3, 1.3), "audio": (5, 1.7)}  # class index and strength
    for index in range(1, size):
        emotion[index] = 0.5 * emotion[0] + 0.12 * random.standard_normal(len(EMOTIONS))
        for bit, modality in enumerate(present):
            if index >> bit & 1:
                target, strength = pull[modality]
                emotion[index, target] += strength
        if index.bit_count() > 1:
            emotion[index, 3] += 0.4
    sentiment = random.standard_normal((size, len(SENTIMENTS))).astype(np.float32)
    return Coalitions(
        players=present,
        logits={"emotion": emotion, "sentiment": sentiment},
        temperatures={"emotion": np.full(size, 1.1), "sentiment": np.full(size, 0.9)},
        labels={"emotion": EMOTIONS, "sentiment": SENTIMENTS},
        agreement=np.full((size, len(PAIRS)), 0.5, np.float32),
        unsure_below={"emotion": 0.4, "sentiment": 0.4},
    )


def _answer(labels: tuple[str, ...], probabilities: np.ndarray) -> Answer:
    best = int(probabilities.argmax())
    return Answer(
        labels[best], float(probabilities[best]), dict(zip(labels, map(float, probabilities), strict=True)), True
    )


def _units(text: str, size: tuple[int, int], face: tuple[int, int, int, int], seconds: float) -> dict[str, Segments]:
    from mm_core.explain.segments import _WORD

    found = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    left, top, right, bottom = face
    wide, high = (right - left) / 6, (bottom - top) / 6
    boxes = [
        (left + wide * c, top + high * r, left + wide * (c + 1), top + high * (r + 1))
        for r in range(6)
        for c in range(6)
    ]
    edges = np.arange(0, seconds, 0.128)
    moments = np.stack((edges, np.minimum(edges + 0.128, seconds)), 1) + 0.4
    special = np.array([-1], np.int32)
    return {
        "text": Segments(
            "text",
            tuple(text[a:b] for a, b in found),
            np.array(found, float).reshape(-1, 2),
            np.concatenate((special, np.arange(len(found), dtype=np.int32), special)),
            (float(len(text)),),
        ),
        "image": Segments(
            "image",
            tuple(f"row {r + 1}, column {c + 1}" for r in range(6) for c in range(6)),
            np.array(boxes, float),
            np.arange(36, dtype=np.int32),
            (float(size[0]), float(size[1])),
            (6, 6),
        ),
        "audio": Segments(
            "audio",
            tuple(f"{a:.2f} to {b:.2f} s" for a, b in moments),
            moments,
            np.concatenate((special, np.arange(len(moments), dtype=np.int32))),
            (seconds + 0.6,),
        ),
    }


def _values(modality: str, count: int, random: np.random.Generator) -> np.ndarray:
    values = 0.05 * random.standard_normal(count)
    if modality == "text":
        values[3 % count], values[11 % count] = 0.42, -0.2
    elif modality == "image":
        values[[19, 20, 25, 26, 27]] += 0.2
        values[[7, 8]] -= 0.12
    else:
        values += 0.12 * np.sin(np.arange(count) / 3)
    return values.astype(np.float32)


def _attention(query: Segments, key: Segments, random: np.random.Generator) -> np.ndarray:
    """(2 layers, 4 heads, L_query, L_key), rows summing to 1."""
    raw = np.exp(1.5 * random.standard_normal((2, 4, len(query.token_units), len(key.token_units))))
    return (raw / raw.sum(-1, keepdims=True)).astype(np.float32)


def _faithfulness(map_: Relevance, count: int, verdict: str | None) -> Faithfulness:
    whose = {"modality": map_.modality, "method": map_.method, "task": map_.task, "label": map_.label, "alone": True}
    if verdict == "not testable":
        none, nan = np.zeros(0), float("nan")
        return Faithfulness(
            **whose, testable=False, units=count, steps=none.astype(np.int32), deletion=none, insertion=none,
            random_deletion=none[None], random_insertion=none[None], deletion_auc=nan, insertion_auc=nan,
            deletion_p=nan, insertion_p=nan, comprehensiveness=nan, sufficiency=nan,
        )  # fmt: skip
    steps = np.unique(np.linspace(0, count, 11).round()).astype(np.int32)
    x = steps / count
    random = np.random.default_rng(9)
    spread = 0.12 * random.standard_normal((99, len(x))).cumsum(1) * x * (1 - x)
    good = verdict == "better than chance"
    deletion = 0.8 - 0.6 * (x**0.4 if good else x)
    insertion = 0.2 + 0.6 * (x**0.4 if good else x)
    return Faithfulness(
        **whose, testable=True, units=count, steps=steps, deletion=deletion, insertion=insertion,
        random_deletion=0.8 - 0.6 * x + spread, random_insertion=0.2 + 0.6 * x + spread,
        deletion_auc=float(np.trapezoid(deletion, x)), insertion_auc=float(np.trapezoid(insertion, x)),
        deletion_p=0.01 if good else 0.47, insertion_p=0.02 if good else 0.51,
        comprehensiveness=0.31, sufficiency=0.05,
    )  # fmt: skip


def _inputs(
    present: tuple[str, ...], text: str, pixels: np.ndarray, face: tuple[int, int, int, int], waveform: np.ndarray
) -> Inputs:
    bands = 64
    hertz = 700 * (10 ** (np.linspace(2.1, 2840, bands) / 2595) - 1)
    frames = len(waveform) // 160
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(waveform, (0, 512)), 400)[::160][:frames]
    power = np.abs(np.fft.rfft(windows * np.hanning(400), 512)) ** 2  # (frames, 257)
    mel = np.log(power[:, np.clip((hertz / RATE * 512).astype(int), 0, 256)] + 1e-6)
    return Inputs(
        text=text if "text" in present else None,
        pixels=pixels if "image" in present else None,
        face=face if "image" in present else None,
        waveform=waveform if "audio" in present else None,
        waveform_start=0.4,
        spectrogram=mel.astype(np.float32) if "audio" in present else None,
        spectrogram_hop=0.01,
        spectrogram_hertz=hertz.astype(np.float32),
    )


def _picture() -> np.ndarray:
    """A drawn face, 240 x 320 pixels."""
    y, x = np.mgrid[0:240, 0:320]
    pixels = np.full((240, 320, 3), (96, 140, 170), np.uint8)
    pixels[((x - 160) / 62) ** 2 + ((y - 90) / 72) ** 2 < 1] = (226, 182, 150)
    for centre in (136, 184):
        pixels[((x - centre) / 9) ** 2 + ((y - 76) / 6) ** 2 < 1] = (40, 30, 30)
    mouth = (((x - 160) / 30) ** 2 + ((y - 112) / 22) ** 2 < 1) & (y > 114)
    pixels[mouth] = (150, 40, 50)
    return pixels


def _voice() -> np.ndarray:
    """Four seconds of a gliding, pulsing tone with overtones."""
    t = np.arange(int(4.0 * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(170 + 60 * np.sin(2.2 * t)) / RATE
    tone = sum(np.sin(n * phase) / n for n in range(1, 9))
    return (
        0.12 * tone * np.clip(np.sin(5.5 * t), 0, 1) + 0.003 * np.random.default_rng(1).standard_normal(len(t))
    ).astype(np.float32)
