"""What every report says about itself: model, data, split, seed, code, versions and time."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, model_validator

from mm_core.evaluation.records import MOST_LABELS, Count, Name, Named, Record, Words
from mm_core.resources import HOME
from mm_core.versions import versions

if TYPE_CHECKING:
    from mm_core.datasets.tables import Table
    from mm_core.predictors import Predictor

_LIBRARIES: Final = ("torch", "transformers", "open_clip_torch", "numpy", "scikit-learn")

INTERVAL: Final = "95% bootstrap by speaker, subject or source row; none from fewer than 10 of them"


class EvaluatedModel(Record):
    """The model that a report is about. hash: SHA-256 over its weights and configuration."""

    name: Annotated[str, Field(max_length=120)] = ""
    hash: Annotated[str, Field(max_length=120)] = ""


class EvaluatedData(Record):
    """The rows that a report is about. digest: SHA-256 over the folder's tables. rows: how many of each modality.
    left_out: rows of labels that the model does not know, by modality and label."""

    digest: Annotated[str, Field(max_length=120)] | None = None
    rows: dict[Name, Count] = Named
    left_out: dict[Name, Annotated[dict[Name, Count], Field(max_length=MOST_LABELS)]] = Named


class Heading(Record):
    """The fields that all reports share; None is what the file does not say.

    commit: of the code that measured, None outside a git checkout. made: when, ISO 8601. machine: what it ran on,
    where times are reported.
    """

    model: EvaluatedModel | None = None
    data: EvaluatedData | None = None
    split: Name | None = None
    seed: int | None = None
    interval: Words | None = None
    commit: Name | None = None
    versions: dict[Name, Name] = Named
    made: Name | None = None
    machine: Words | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_older_files(cls, content: Any) -> Any:
        """Files of the lab and of compression kept time, commit, versions and model together under ``made``."""
        if not isinstance(content, Mapping) or not isinstance(content.get("made"), Mapping):
            return content
        made = dict(content["made"])
        return {**made, **content, "made": made.get("time")}

    def unsaid(self) -> list[str]:
        """Names of what the file does not say."""
        known = {
            "model": self.model is not None and bool(self.model.hash),
            "commit": self.commit is not None,
            "data digest": self.data is not None and self.data.digest is not None,
            "split": self.split is not None,
            "seed": self.seed is not None,
            "versions": bool(self.versions),
            "time": self.made is not None,
        }
        return [name for name, there in known.items() if not there]


def heading(
    model: Predictor | None, *, split: str | None, seed: int | None, data: EvaluatedData | None = None, **more: Any
) -> Heading:
    """The heading of a report that is made now, by this code on this machine."""
    return Heading(
        model=None if model is None else EvaluatedModel(name=model.name, hash=model.hash),
        data=data,
        split=split,
        seed=seed,
        commit=commit(),
        versions=versions(_LIBRARIES),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        **more,
    )


def evaluated_data(data: Path, tables: Mapping[str, Table]) -> EvaluatedData:
    """What is said about a data folder and the tables that were read from it."""
    return EvaluatedData(
        digest=data_digest(data),
        rows={m: len(table) for m, table in tables.items()},
        left_out={m: dict(table.left_out) for m, table in tables.items()},
    )


def data_digest(data: Path) -> str:
    """SHA-256 over the folder's tables, corpora, votes and clips."""
    from mm_core.datasets.corpora import files_of  # reads media, which a page of finished reports does not need

    digest = hashlib.sha256()
    for path in files_of(data):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def commit() -> str | None:
    """The commit of the checkout that this code runs from; None outside a git checkout."""
    if not (HOME / ".git").exists():  # installed, perhaps inside somebody else's checkout
        return None
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=HOME, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
