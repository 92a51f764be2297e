"""Two trained models on the same test cases: is one better, and which cases would change?

The predictions that ``lab run`` writes say for every run and case what was true and what was answered; see
docs/lab.md.
Shapes: N cases, R replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mm_core.evaluation.metrics import REPLICATES, Resampler
from mm_core.evaluation.records import Estimate
from mm_core.samples import InvalidInput

MOST_CASES: Final = 20_000
"""Cases of one comparison; R weights of each are held in memory."""

BETWEEN_GROUPS: Final = "|"
"""Between the groups of a case in the column ``group``."""

COLUMNS: Final = ("run", "case", "group", "truth", "answer", "confidence")


@dataclass(frozen=True)
class Discordance:
    """Cases of two single runs by who is right, and how surprising that is if both were equally good.

    p: of McNemar's exact test (1947), two-sided: of the cases that only one run gets right, is it each run equally
    often?
    """

    both: int
    first_only: int
    second_only: int
    neither: int
    p: float


@dataclass(frozen=True, eq=False)
class Paired:
    """first, second: accuracy with its 95 % interval, and difference: of the first minus the second, from the same
    resampled cases (over several runs the mean of their accuracies). discordance: None
    where either side is several runs. flipped: one row a case that one side gets right and the other wrong, in most
    of its runs."""

    n: int
    first: Estimate
    second: Estimate
    difference: Estimate
    discordance: Discordance | None
    flipped: pd.DataFrame


def paired(rows: pd.DataFrame, first: str | Sequence[str], second: str | Sequence[str], *, seed: int = 0) -> Paired:
    """Compare two runs, or the runs of two strategies, case by case.

    rows: predictions with COLUMNS. first, second: ids of runs. The bootstrap draws whole groups; a case of several
    groups counts the product of their counts. InvalidInput where a run is missing or was scored on other cases.
    """
    missing = [name for name in COLUMNS if name not in rows]
    if missing:
        raise InvalidInput(
            f"The lines have no column {missing[0]!r}. Give those that `lab run` wrote beside its report."
        )
    names = [[side] if isinstance(side, str) else list(side) for side in (first, second)]
    left, right = (_rightness(rows, side) for side in names)
    if len(left) != len(right) or not left.index.equals(right.index):
        raise InvalidInput("These runs were not scored on the same cases. Choose two runs of the same data.")
    if len(left) > MOST_CASES:
        raise InvalidInput(f"These runs hold {len(left):,} cases; at most {MOST_CASES:,} are compared.")
    about = rows[rows["run"] == names[0][0]].set_index("case").loc[left.index]
    resampler = Resampler.by_groups(_groups(about["group"]), REPLICATES, seed)
    a, b = left.mean(axis=1).to_numpy(float), right.mean(axis=1).to_numpy(float)
    single = len(names[0]) == len(names[1]) == 1
    return Paired(
        n=len(a),
        first=resampler.share(a),
        second=resampler.share(b),
        difference=resampler.share(a - b),
        discordance=_discordance(a > 0.5, b > 0.5) if single else None,
        flipped=_flipped(rows, about, names, a, b),
    )


def _rightness(rows: pd.DataFrame, runs: Sequence[str]) -> pd.DataFrame:
    """(N, runs) of whether each run is right, by case in order of their names."""
    part = rows[rows["run"].isin(runs)]
    absent = set(runs) - set(part["run"])
    if absent or not runs:
        raise InvalidInput(
            f"There are no lines of the run {min(absent, default='')!r}. Give the lines of this report."
        )
    right = part.assign(right=(part["truth"] == part["answer"]).astype(float))
    if right.duplicated(["run", "case"]).any():
        raise InvalidInput("A case stands twice in the lines of one run. Give the lines as `lab run` wrote them.")
    table = right.pivot(index="case", columns="run", values="right").sort_index()
    if table.isna().to_numpy().any():
        raise InvalidInput("These runs were not scored on the same cases. Choose two runs of the same data.")
    return table


def _groups(column: pd.Series) -> list[NDArray[np.str_]]:
    parts = [str(name).split(BETWEEN_GROUPS) for name in column]
    if len({len(part) for part in parts}) != 1:
        raise InvalidInput("Cases have different numbers of groups. Give the lines as `lab run` wrote them.")
    return [np.array(level) for level in zip(*parts, strict=True)]


def _discordance(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> Discordance:
    from scipy.stats import binomtest

    first_only, second_only = int((a & ~b).sum()), int((b & ~a).sum())
    differing = first_only + second_only
    p = float(binomtest(first_only, differing, 0.5).pvalue) if differing else 1.0
    return Discordance(int((a & b).sum()), first_only, second_only, int((~a & ~b).sum()), p)


def _flipped(
    rows: pd.DataFrame,
    about: pd.DataFrame,
    names: Sequence[Sequence[str]],
    a: NDArray[np.float64],
    b: NDArray[np.float64],
) -> pd.DataFrame:
    changed = (a > 0.5) != (b > 0.5)
    here = about.index[changed]
    table = pd.DataFrame({"case": here, "truth": about["truth"].to_numpy()[changed]})
    for side, runs, share in zip(("first", "second"), names, (a, b), strict=True):
        if len(runs) == 1:
            run = rows[rows["run"] == runs[0]].set_index("case").loc[here]
            table[f"{side}: answer"] = run["answer"].to_numpy()
            table[f"{side}: sure"] = run["confidence"].to_numpy()
        else:
            table[f"{side}: runs right"] = np.rint(share[changed] * len(runs)).astype(int)
    return table
