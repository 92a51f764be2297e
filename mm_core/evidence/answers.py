"""From the answers of coalitions back to a Prediction, in numpy: the full one as the model gave it, or a smaller one
where a modality is taken away."""

from __future__ import annotations

from collections.abc import Sequence

from mm_core.explain.records import Coalitions
from mm_core.explain.shapley import members
from mm_core.labels import PAIRS, pair_name
from mm_core.prediction import EVEN_CHANCE, Answer, Prediction, verdict


def prediction_of(
    coalitions: Coalitions,
    present: Sequence[str],
    warnings: Sequence[str],
    model: dict[str, str],
    milliseconds: float,
    referenced: Sequence[str] = (),
) -> Prediction:
    """The answer of the coalition of exactly the ``present`` modalities; ``referenced`` may name others, too."""
    row = [members(coalitions.players, index) for index in range(2 ** len(coalitions.players))].index(tuple(present))
    judged = coalitions.agreement
    agreement = {
        pair_name((a, b)): float(judged[row, index])
        for index, (a, b) in enumerate(PAIRS)
        if judged is not None and a in present and b in present
    }
    return Prediction(
        emotion=_answer(coalitions, "emotion", row),
        sentiment=_answer(coalitions, "sentiment", row) if "sentiment" in coalitions.labels else None,
        agreement=agreement,
        present=tuple(present),
        warnings=tuple(warnings),
        model=dict(model),
        milliseconds=milliseconds,
        said={
            pair: verdict(chance, coalitions.said_outside.get(pair, EVEN_CHANCE))
            for pair, chance in agreement.items()
        },
        referenced=tuple(m for m in referenced if m in present),
    )


def _answer(coalitions: Coalitions, task: str, row: int) -> Answer:
    values = coalitions.probabilities(task)[row].tolist()
    return Answer.of(coalitions.labels[task], values, coalitions.unsure_below.get(task, 0.0))
