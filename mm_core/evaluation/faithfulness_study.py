"""The faithfulness study: which relevance method may be trusted for which modality.

Methods are compared on validation rows of one modality each; the one whose maps most often beat random orders in the
deletion test becomes that modality's default, and test rows say how good that choice is. The same test rows show
whether a map depends on what the model has learned (weight randomisation, after Adebayo et al., "Sanity checks for
saliency maps", NeurIPS 2018).

Shapes: N cases, U units.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from tqdm import tqdm

from mm_core.datasets.tables import Table
from mm_core.evaluation.cases import tables_of
from mm_core.evaluation.faithfulness_report import FaithfulnessReport, MethodScores
from mm_core.evaluation.heading import INTERVAL, evaluated_data, heading
from mm_core.evaluation.metrics import Resampler, mean
from mm_core.evaluation.records import Estimate
from mm_core.explain.deletion_test import FEWEST_UNITS, evaluate_faithfulness
from mm_core.explain.methods import METHODS, available, relevance
from mm_core.explain.records import CHANCE_P, RANDOM_ORDERS, Faithfulness
from mm_core.explain.target import Target
from mm_core.explain.trace import Trace
from mm_core.model import TriadModel
from mm_core.samples import Sample
from mm_core.steps import finish

VALIDATION_CASES: Final = 60
TEST_CASES: Final = 120
"""Testable cases of each modality."""

BY_CONSTRUCTION: Final = ("occlusion", "shapley_sampling")
"""Methods that measure what the deletion test measures, by taking units away: they win it almost by construction."""

_MIXED: Final = 7919
"""Seed of the randomised weights."""


@dataclass(frozen=True, eq=False)
class TestedCase:
    """One case: tests of each method's map, and the rank correlation of each map with its randomised twin. group:
    what the bootstrap resamples together."""

    tests: dict[str, Faithfulness]
    randomised: dict[str, float]
    group: str


def faithfulness_study(
    model: TriadModel,
    data: Path,
    *,
    validation_cases: int = VALIDATION_CASES,
    test_cases: int = TEST_CASES,
    seed: int = 0,
    quiet: bool = False,
) -> FaithfulnessReport:
    """Choose each modality's default method on validation rows and report every method on test rows.

    InvalidInput where the folder lacks rows.
    """
    chosen: dict[str, str] = {}
    scores: dict[str, dict[str, dict[str, MethodScores]]] = {"valid": {}, "test": {}}
    tables = {split: tables_of(model, data, split, least=1) for split in ("valid", "test")}
    for modality in tables["test"]:
        for split, count in (("valid", validation_cases), ("test", test_cases)):
            if modality not in tables[split]:
                continue
            rows = cases(tables[split][modality], count, seed)
            shown = tqdm(rows, total=count, desc=f"{modality} {split}", disable=quiet, mininterval=5.0)
            tested = list(tested_cases(model, modality, shown, count, randomise=split == "test"))
            scores[split][modality] = {m: method_scores(tested, m) for m in tested[0].tests}
        if modality in scores["valid"]:
            chosen[modality] = best(scores["valid"][modality])
    data_read = evaluated_data(data, tables["test"])
    return FaithfulnessReport(
        **dict(heading(model, data=data_read, split="test", seed=seed, interval=INTERVAL)),
        defaults=chosen,
        best_other={
            m: best({name: f for name, f in found.items() if name not in BY_CONSTRUCTION})
            for m, found in scores["valid"].items()
        },
        by_construction=list(BY_CONSTRUCTION),
        random_orders=RANDOM_ORDERS,
        fewest_units=FEWEST_UNITS,
        setting="one modality given, for the predicted emotion; curves of its calibrated probability",
        valid=scores["valid"],
        test=scores["test"],
    )


def cases(table: Table, count: int, seed: int) -> Iterator[tuple[Sample, str]]:
    """Rows of one table in random order, as samples with their group."""
    for row in np.random.default_rng(seed).permutation(len(table)):
        yield Sample.from_row(**{table.modality: table.content[row]}), str(table.group[row])


def tested_cases(
    model: TriadModel, modality: str, rows: Iterator[tuple[Sample, str]], count: int, randomise: bool
) -> Iterator[TestedCase]:
    """The first ``count`` testable cases, judged by every method that the model allows."""
    mixed = randomised(model) if randomise else None
    done = 0
    for sample, group in rows:
        if done == count:
            return
        trace = Trace(model, sample)
        if len(trace.units[modality]) < FEWEST_UNITS:
            continue
        coalitions = trace.coalitions()
        label = coalitions.labels["emotion"][int(coalitions.logits["emotion"][-1].argmax())]
        target = trace.target("emotion", label)
        maps = [relevance(trace, modality, target, method) for method in available(trace)]
        tests = {f.method: f for f in finish(evaluate_faithfulness(trace, maps, (True,)))}
        again = rank_correlations(trace, modality, target, mixed) if mixed is not None else {}
        yield TestedCase(tests, again, group)
        done += 1


def method_scores(tested: Sequence[TestedCase], method: str) -> MethodScores:
    """How one method does over cases."""
    tests = [case.tests[method] for case in tested]
    resampler = Resampler.by_groups([np.array([case.group for case in tested])])

    def average(values: Sequence[float]) -> Estimate:
        known = np.array([(value, 1.0) if np.isfinite(value) else (0.0, 0.0) for value in values])
        return resampler.estimate(known, mean)

    randomised = [case.randomised[method] for case in tested if case.randomised]
    return MethodScores(
        n=len(tests),
        beats_chance=average([float(t.deletion_p < CHANCE_P) for t in tests]),
        beats_chance_inserting=average([float(t.insertion_p < CHANCE_P) for t in tests]),
        deletion_auc=average([t.deletion_auc for t in tests]),
        random_deletion_auc=average([random_area(t) for t in tests]),
        insertion_auc=average([t.insertion_auc for t in tests]),
        comprehensiveness=average([t.comprehensiveness for t in tests]),
        sufficiency=average([t.sufficiency for t in tests]),
        signed=METHODS[method].signed,
        by_construction=method in BY_CONSTRUCTION,
        randomised_correlation=average(randomised) if randomised else None,
    )


def best(found: Mapping[str, MethodScores]) -> str:
    """The method whose maps most often beat chance; of equals the one with the lower deletion curve."""
    return max(found, key=lambda m: (found[m].beats_chance.value, -found[m].deletion_auc.value))


def random_area(test: Faithfulness) -> float:
    """Mean area under the random orders' deletion curves."""
    return float(np.trapezoid(test.random_deletion.mean(0), test.steps / test.units))


def randomised(model: TriadModel, seed: int = _MIXED) -> TriadModel:
    """A copy whose parameters are shuffled, each within itself: nothing learned is left, the scales stay."""
    generator = torch.Generator().manual_seed(seed)
    mixed = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in mixed.parameters():
            order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
            parameter.copy_(parameter.flatten()[order].view_as(parameter))
    return mixed


def rank_correlations(trace: Trace, modality: str, target: Target, mixed: TriadModel) -> dict[str, float]:
    """Spearman's correlation of each method's map with the map of the same class by randomised weights; NaN where one
    of the two is constant."""
    other = Trace(mixed, trace.sample)
    found: dict[str, float] = {}
    for method in available(trace):
        maps = [relevance(t, modality, target, method).values for t in (trace, other)]
        found[method] = rank_correlation(*maps)
    return found


def rank_correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Spearman's rank correlation of two maps (U,); NaN where one is constant."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first, second).statistic)
