"""Files that the page hands to a browser: written where Gradio's schedule deletes them."""

from __future__ import annotations

import secrets
from pathlib import Path

from gradio.components import Component


def fresh_path(component: Component, name: str) -> Path:
    """A new path for ``component`` in Gradio's folder of temporary files, whose content ``delete_cache`` removes."""
    folder = Path(component.GRADIO_CACHE) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    return folder / name


def handed_out(component: Component, source: str | None) -> str | None:
    """A copy of a shipped file for a browser, so that nobody sees where this software is installed."""
    if source is None:
        return None
    return written(component, Path(source).name, Path(source).read_bytes())


def written(component: Component, name: str, content: bytes) -> str:
    """The path of a new file for a browser."""
    path = fresh_path(component, name)
    path.write_bytes(content)
    return str(path)


def press(elem_id: str) -> str:
    """JavaScript that presses the hidden download link of that id once its file is there."""
    return f"""() => {{
      const link = document.querySelector('#{elem_id} a, a#{elem_id}');
      if (link?.href) link.click(); else document.querySelector('button#{elem_id}')?.click();
    }}"""
