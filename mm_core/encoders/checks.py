"""Checks of configurations, made once when they are built."""

from __future__ import annotations


def require(condition: bool, message: str) -> None:
    """ValueError with ``message`` unless ``condition`` holds."""
    if not condition:
        raise ValueError(message)
