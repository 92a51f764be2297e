"""What answers: a running app over HTTP, one copy of the model in this process, or nothing.

With ``MM_CORE_URL`` the dashboard uses the model that the app at that address holds, and loads neither torch nor
weights. ``MM_CORE_MODEL`` names another model folder than the embedded one; ``none`` leaves the model out.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Final

import streamlit as st

from mm_core import resources
from mm_core.errors import TriadError
from mm_core.locale import say
from mm_core.samples import InvalidInput
from mm_core.serving.client import Client
from mm_core.serving.health import Health
from mm_core.serving.remote import Remote

URL: Final = "MM_CORE_URL"
MODEL: Final = "MM_CORE_MODEL"
THE_APP: Final = "app"
OWN_COPY: Final = "own"

HEALTH_SECONDS: Final = 5
"""How long an answer of the running app about itself is taken for true."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class EngineStatus:
    """client: what answers, None where nothing does. where: THE_APP or OWN_COPY. name,
    hash: of the model, empty where there is none. reason: why nothing answers, for people. reads_reference: whether
    the model judges a voice against the speaker's normal voice. health: what the model says about itself, None where
    none answers."""

    client: Client | None
    where: str
    name: str = ""
    hash: str = ""
    reason: str = ""
    reads_reference: bool = False
    health: Health | None = None

    @property
    def starting(self) -> bool:
        """Whether an app was named that does not answer (yet)."""
        return self.client is None and self.where == THE_APP


def engine_status() -> EngineStatus:
    """What answers at the moment."""
    url = os.environ.get(URL, "").strip()
    if url:
        return _beside_the_app(url)
    folder = os.environ.get(MODEL, "").strip()
    if folder == "none":
        return EngineStatus(None, "", reason=say("engine-none-wanted"))
    if not folder and not (resources.MODEL / "model.json").is_file():
        return EngineStatus(None, "", reason=say("engine-no-model"))
    try:
        with st.spinner(say("engine-loading")):
            service = own_service(folder)
    except InvalidInput as error:
        return EngineStatus(None, "", reason=str(error))
    health = service.health()
    return EngineStatus(service, OWN_COPY, health.model, health.hash, health.reason, health.reads_reference, health)


@st.cache_resource(show_spinner=False)
def own_service(folder: str) -> Client:
    """One copy of the model for all visitors of this process; ``folder`` empty for the embedded one."""
    from mm_core.serving.service import Service  # loads torch

    return Service.load(folder or None)


def _beside_the_app(url: str) -> EngineStatus:
    try:
        remote = _remote(url)
    except InvalidInput as error:
        return EngineStatus(None, "", reason=str(error))
    health = _health(url)
    if not health.ready:
        return EngineStatus(None, THE_APP, health.model, health.hash, health.reason)
    return EngineStatus(
        remote, THE_APP, health.model, health.hash, reads_reference=health.reads_reference, health=health
    )


@st.cache_resource(show_spinner=False)
def _remote(url: str) -> Remote:
    return Remote(url)


@st.cache_data(ttl=HEALTH_SECONDS, show_spinner=False)
def _health(url: str) -> Health:
    return _remote(url).health()


def in_words(error: Exception) -> str:
    """What people are told about an error; the rest goes to the log, without anybody's content."""
    if isinstance(error, TriadError):
        return str(error)
    _log.error("a page failed: %s", type(error).__name__, exc_info=error)
    return say("engine-fault")
