"""Which client answers, for the page and for programs: the model that was named, the app that ``MM_CORE_URL`` names,
or the embedded model."""

from __future__ import annotations

import os
from typing import Final

from mm_core.serving.client import Client
from mm_core.serving.remote import Remote

URL: Final = "MM_CORE_URL"


def chosen_client(model: str | None) -> Client:
    """What answers. model: a saved model's folder or a ``predictor.yaml``; with None the app at ``MM_CORE_URL``, if
    that is set, and neither torch nor weights are loaded here. TriadError where it can't be used."""
    url = os.environ.get(URL, "").strip()
    if url and model is None:
        return Remote(url)
    from mm_core.serving.service import Service  # loads torch

    return Service.load(model)
