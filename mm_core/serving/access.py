"""Who may ask an app, as it is told at the start."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Access:
    """hosts: names that the app answers under, beside local ones and addresses of digits. origins: pages of other
    sites that may ask, such as ``https://example.org``."""

    hosts: Collection[str] = ()
    origins: Collection[str] = ()

    @classmethod
    def of_this_machine(cls, hosts: Collection[str] = (), origins: Collection[str] = ()) -> Access:
        """With the Space's own address where this is one."""
        space = os.environ.get("SPACE_HOST", "").strip().lower()
        if not space:
            return cls(tuple(hosts), tuple(origins))
        return cls((*hosts, space), (*origins, f"https://{space}"))
