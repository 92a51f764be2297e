"""Whether something can be served on a port, known before a model is loaded for it."""

from __future__ import annotations

import socket
from typing import ClassVar

from mm_core.errors import TriadError


class NotServed(TriadError):
    """The app can't be started as it was asked to."""

    code: ClassVar[str] = "not_served"


def port_of(text: str) -> int:
    """The port that somebody asked for; NotServed, in one line, where there is none of that name."""
    port = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not 0 < port < 65536:
        raise NotServed(f"There is no port {text[:20]!r}: give a number from 1 to 65535 with --port or PORT.")
    return port


def check_port(host: str, port: int) -> None:
    """Raise NotServed, in words, where nothing can be served there; known before the model is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except (OSError, UnicodeError):
            raise NotServed(
                f"Nothing can be served on {host}, port {port}: it is taken or not allowed. Choose one with --port."
            ) from None
