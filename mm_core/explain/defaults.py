"""Which method each modality's map is made with unless another is asked for: what validation rows chose.

The choice is made by ``python -m mm_core faithfulness`` and stands in its report, which ships.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from mm_core.labels import MODALITIES
from mm_core.resources import REPORTS

REPORT: Final = REPORTS / "faithfulness.json"

FALLBACK: Final = "gradient_x_input"
"""Where there is no report: the cheapest method that every TriadModel allows."""

FALLBACK_BY_REMOVAL: Final = "occlusion"
"""Where a predictor shows no gradients: the cheapest method that every predictor allows."""


def default_methods(report: Path = REPORT) -> dict[str, str]:
    """The method of each modality; the fallback where the report is missing or names none."""
    chosen = shipped(report).get("defaults", {})
    return {modality: str(chosen.get(modality, FALLBACK)) for modality in MODALITIES}


@cache
def shipped(report: Path = REPORT) -> dict[str, Any]:
    """The recorded study of faithfulness, empty where there is none."""
    if not report.is_file():
        return {}
    return json.loads(report.read_text(encoding="utf-8"))
