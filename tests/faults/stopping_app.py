"""The app as ``python app.py`` starts it, with passes of the model that wait for a file: ``main`` runs in a process
that ``test_stopping`` starts."""

from __future__ import annotations

import functools
import sys
import time
from pathlib import Path
from typing import Any


def main(gates: str, *arguments: str) -> None:
    """Serve until asked to stop. Pass N writes how many cases it has into ``pass-N`` and waits for ``open-N``."""
    from mm_core import cli, resources
    from mm_core.model import TriadModel
    from mm_core.serving import service

    folder, predict = Path(gates), TriadModel.predict_batch

    def held(self: TriadModel, samples: Any) -> Any:
        number = len(list(folder.glob("pass-*")))
        (folder / f"pass-{number}").write_text(str(len(samples)))
        while not (folder / f"open-{number}").exists():
            time.sleep(0.02)
        return predict(self, samples)

    TriadModel.predict_batch = held  # type: ignore[method-assign]
    # Time in which a busy machine comes to the point where it is stopped.
    service.Limits = functools.partial(service.Limits, deadline=600.0, patience=600.0)  # type: ignore[misc,assignment]
    resources.page("webapp.opening").Opening.prepare = lambda self: None  # nobody but the test asks
    sys.exit(cli.main(["app", *arguments]))
