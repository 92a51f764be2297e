"""The robustness report: what happens to the answers when inputs get worse, are missing, or contradict each other.

- ``noise[modality][kind]``: accuracy with one modality made worse, by itself (``alone``) and beside the others, which
  stay clean (``together``); the first level is the clean one.
- ``missing``: accuracy of every subset of the modalities on the same cases.
- ``conflict[odd]``: cases in which one modality carries another label than the rest: whom the answer follows, and
  whether the headline says so.

All on composed cases, balanced over classes. Shapes: N cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from tqdm import tqdm

from mm_core.datasets.compose import Composition
from mm_core.evaluation.cases import Drawn, answers_to, composer_of, encode, tables_of, truth_of
from mm_core.evaluation.coalitions import CoalitionGames, evaluate_coalitions
from mm_core.evaluation.corruptions import CORRUPTIONS, Corruption
from mm_core.evaluation.heading import INTERVAL, evaluated_data, heading
from mm_core.evaluation.metrics import Resampler
from mm_core.evaluation.readings import read_rows
from mm_core.evaluation.records import Estimate
from mm_core.evaluation.robustness_report import Contradiction, Corrupted, Given, Level, Missing, RobustnessReport
from mm_core.explain.shapley import members
from mm_core.labels import PAIRS, coalition_name
from mm_core.predictors import Predictor

CASES: Final = 400
"""Composed cases; every corruption at every level encodes their rows anew."""

CONFLICTS: Final = 600
"""Cases in conflict for each modality that may be the odd one."""


def robustness_study(
    model: Predictor,
    data: Path,
    *,
    split: str = "test",
    seed: int = 0,
    cases: int = CASES,
    conflicts: int = CONFLICTS,
    quiet: bool = False,
) -> RobustnessReport:
    """Measure robustness on a data folder of one modality or more.

    ``confidence`` is the mean calibrated probability of the top answer, which should fall with the accuracy.
    """
    random = np.random.default_rng(seed)
    tables = tables_of(model, data, split, least=1)
    composer = composer_of(tables)
    players = tuple(tables)
    same = composer.matched(players, cases, random)
    odd: dict[str, Composition] = {}
    if len(players) > 1:
        odd = {m: composer.conflicting(players, m, conflicts, random) for m in players}
    drawn = encode(model, tables, [same, *odd.values()], quiet=quiet)
    resampler = drawn.resampler(same)
    games = evaluate_coalitions(model, drawn, same)
    about = heading(model, data=evaluated_data(data, tables), split=split, seed=seed, interval=INTERVAL)
    return RobustnessReport(
        **dict(about),
        cases=cases,
        conflicts=conflicts if odd else 0,
        noise=_noise(model, drawn, same, resampler, random, quiet),
        missing=_missing(games, truth_of(same), resampler),
        conflict={
            m: _conflict(evaluate_coalitions(model, drawn, case), case, m, drawn.resampler(case))
            for m, case in odd.items()
        },
        false_alarms=_noticed(games, resampler) if odd else None,
    )


def _noise(
    model: Predictor,
    drawn: Drawn,
    composition: Composition,
    resampler: Resampler,
    random: np.random.Generator,
    quiet: bool,
) -> dict[str, dict[str, Corrupted]]:
    result: dict[str, dict[str, Corrupted]] = {}
    steps = [(m, name, kind) for m in drawn.modalities for name, kind in CORRUPTIONS[m].items()]
    for modality, name, kind in tqdm(steps, desc="making worse", disable=quiet):
        levels = [_level(None, model, drawn, composition, modality, resampler)]
        for level, worse in _worse(model, drawn, composition, modality, kind, random):
            levels.append(_level(level, model, worse, composition, modality, resampler))
        found = Corrupted(title=kind.title, unit=kind.unit, n=len(composition), levels=levels)
        result.setdefault(modality, {})[name] = found
    return result


def _worse(
    model: Predictor,
    drawn: Drawn,
    composition: Composition,
    modality: str,
    kind: Corruption,
    random: np.random.Generator,
) -> Iterator[tuple[float, Drawn]]:
    """The same rows with one modality made worse, level by level; only rows of these cases are encoded again."""
    rows = np.unique(composition.rows[modality])
    places = np.searchsorted(drawn.used[modality], rows)
    clean = [drawn.content[modality][place] for place in places]
    for level in kind.levels:
        content = [kind.apply(item, level, random) for item in clean]
        reading = read_rows(model, modality, content, quiet=True)
        yield (
            level,
            Drawn(
                drawn.tables,
                drawn.used | {modality: rows},
                drawn.content | {modality: content},
                drawn.readings | {modality: reading},
            ),
        )


def _level(
    level: float | None,
    model: Predictor,
    drawn: Drawn,
    composition: Composition,
    modality: str,
    resampler: Resampler,
) -> Level:
    places = drawn.places(composition)
    truth = truth_of(composition)

    def score(given: tuple[str, ...]) -> Given:
        logits = answers_to(model, drawn.readings, places, given).emotion.astype(np.float64)
        scaled = logits / model.calibration.temperatures["emotion"][coalition_name(given)]
        confidence = softmax(scaled, axis=1).max(1)
        return Given(accuracy=resampler.share(logits.argmax(1) == truth), confidence=float(confidence.mean()))

    return Level(level=level, alone=score((modality,)), together=score(drawn.modalities))


def _missing(games: CoalitionGames, truth: NDArray[np.int64], resampler: Resampler) -> dict[str, Missing]:
    hits = games.logits.argmax(2) == truth  # (S, N)
    return {
        coalition_name(members(games.players, s)): Missing(n=len(truth), accuracy=resampler.share(row))
        for s, row in enumerate(hits)
    }


def _conflict(games: CoalitionGames, composition: Composition, odd: str, resampler: Resampler) -> Contradiction:
    """With two modalities ``rest`` is the other one."""
    rest = next(labels for m, labels in composition.labels.items() if m != odd)
    own = composition.labels[odd]
    chosen = games.chosen
    alone = games.logits[1 << games.players.index(odd)].argmax(1)
    return Contradiction(
        n=len(composition),
        follows_rest=resampler.share(chosen == rest),
        follows_odd=resampler.share(chosen == own),
        neither=resampler.share((chosen != rest) & (chosen != own)),
        odd_alone=resampler.share(alone == own),
        noticed=_noticed(games, resampler),
    )


def _noticed(games: CoalitionGames, resampler: Resampler) -> Estimate | None:
    """The share of cases in which some pair is said to express different emotions; None where the predictor does not
    say."""
    if games.disagree is None:
        return None
    columns = [c for c, pair in enumerate(PAIRS) if set(pair) <= set(games.players)]
    return resampler.share(np.any(games.disagree[:, columns], axis=1))
