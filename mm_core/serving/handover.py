"""Addresses by which a case goes from the page to the dashboard and back.

The record itself waits in the app that both ask (``serving.kept``); an address carries its name alone.
"""

from __future__ import annotations

import os
from typing import Final
from urllib.parse import urlsplit

from mm_core.samples.errors import InvalidInput

KEPT: Final = "kept"
"""What stands before the name in addresses."""

PAGE_URL: Final = "MM_PAGE_URL"
"""The variable that tells the dashboard where the page is."""

DASHBOARD_URL: Final = "MM_DASHBOARD_URL"
"""The variable that tells the page where the dashboard is."""


def page_address(name: str) -> str | None:
    """Where the page opens the record of that name; None where no page is named, InvalidInput for no address."""
    return _address(PAGE_URL, "/", name)


def dashboard_address(name: str) -> str | None:
    """Where the dashboard's Case page opens the record of that name, likewise."""
    return _address(DASHBOARD_URL, "/case", name)


def _address(variable: str, path: str, name: str) -> str | None:
    base = os.environ.get(variable, "").strip().rstrip("/")
    if not base:
        return None
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InvalidInput(f"{variable} is not an address. Give one such as http://localhost:8501.")
    return f"{base}{path}?{KEPT}={name}"
