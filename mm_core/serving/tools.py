"""The model as tools of the Model Context Protocol: predict, explain and what-if, with the limits of the REST API.

A program that speaks MCP starts ``triad mcp`` and talks to it over standard input and output. Files come in base64,
or by path from folders that were named at the start; no other file is opened.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from mm_core import __version__
from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.evidence.change import Change
from mm_core.samples import InvalidInput, RawInputs
from mm_core.samples.limits import MAX_FILE_BYTES
from mm_core.serving.changes import HOW, parse_change
from mm_core.serving.client import Client
from mm_core.serving.limits import MAX_TEXT_BYTES
from mm_core.serving.replies import what_if_json

MOST_PARTS: Final = 10
"""Words, patches or moments told of each input, the most telling first."""

INSTRUCTIONS: Final = (
    "Triad says which emotion and sentiment a text, a face and a voice express together, how sure it is, and where "
    "the answer comes from. It judges the expression shown, not what a person feels. Give any of the three: a text "
    "as it is, files by path where their folder was allowed, or in base64. Probabilities are calibrated; pass on the "
    "warnings."
)

Arguments = ParamSpec("Arguments")


def tools(client: Client, folders: Sequence[Path] = ()) -> MCPServer:
    """A server whose tools ``client`` answers. folders: where files may be named by path."""
    server: MCPServer = MCPServer("triad", title="Triad", instructions=INSTRUCTIONS, version=__version__)
    allowed = [folder.resolve() for folder in folders]

    def case(
        text: str | None, image: str | None, audio: str | None, image_path: str | None, audio_path: str | None
    ) -> RawInputs:
        if text is not None and len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
            raise InvalidInput(f"The text is too long; at most {MAX_TEXT_BYTES // 1024**2} MB are read.")
        return RawInputs(text, _file(image, image_path, allowed), _file(audio, audio_path, allowed))

    @server.tool()
    @_told
    def predict(
        text: str | None = None,
        image: str | None = None,
        audio: str | None = None,
        image_path: str | None = None,
        audio_path: str | None = None,
    ) -> dict[str, Any]:
        """Emotion, sentiment and agreement of one case: a text, a picture of a face, a voice, at least one. image,
        audio: files in base64. image_path, audio_path: the same by path."""
        found = client.predict(case(text, image, audio, image_path, audio_path))
        return {"sentence": found.sentence(), **found.to_json()}

    @server.tool()
    @_told
    def explain(
        text: str | None = None,
        image: str | None = None,
        audio: str | None = None,
        image_path: str | None = None,
        audio_path: str | None = None,
        label: str | None = None,
    ) -> dict[str, Any]:
        """Where an answer comes from: what each input adds to it (exact Shapley values, in probability) and which
        words, patches of the face or moments of the voice matter most. label: another class to explain. The maps are
        not tested against chance here."""
        given = case(text, image, audio, image_path, audio_path)
        return explained(client.explain(given, label=label, keep_inputs=False))

    @server.tool(description=f"What one change to a case does to the answer. change: {HOW} Files as for predict.")
    @_told
    def what_if(
        change: dict[str, Any],
        text: str | None = None,
        image: str | None = None,
        audio: str | None = None,
        image_path: str | None = None,
        audio_path: str | None = None,
    ) -> dict[str, Any]:
        asked: Change = parse_change(json.dumps(change))
        return what_if_json(client.what_if(case(text, image, audio, image_path, audio_path), asked))

    return server


def explained(evidence: Evidence) -> dict[str, Any]:
    """What a program that talks to a person wants of a record."""
    game = evidence.contributions(value="probability")
    return {
        "sentence": evidence.prediction.sentence(),
        "prediction": evidence.prediction.to_json(),
        "label": evidence.label,
        "contributions": {
            "measured in": f"probability of {evidence.label}",
            "with nothing given": game.start,
            "with everything": game.total,
            **game.shapley,
        },
        "parts": {modality: _parts(evidence, modality) for modality in evidence.present},
    }


def _parts(evidence: Evidence, modality: str) -> dict[str, Any]:
    found = evidence.relevance_of(modality)
    if found is None:
        return {}
    labels = evidence.units[modality].labels
    first = sorted(range(len(labels)), key=lambda unit: -abs(float(found.values[unit])))[:MOST_PARTS]
    return {"method": found.method, "most telling": {labels[unit]: float(found.values[unit]) for unit in first}}


def _told(tool: Callable[Arguments, dict[str, Any]]) -> Callable[Arguments, dict[str, Any]]:
    """What a person may be told becomes the tool's error; of anything else MCP tells that there was one."""

    @wraps(tool)
    def telling(*arguments: Arguments.args, **named: Arguments.kwargs) -> dict[str, Any]:
        try:
            return tool(*arguments, **named)
        except TriadError as error:
            raise ToolError(str(error)) from None

    return telling


def _file(content: str | None, path: str | None, allowed: Sequence[Path]) -> bytes | Path | None:
    if content is not None and path is not None:
        raise InvalidInput("Give a file in base64 or by its path, not both.")
    if path is not None:
        real = Path(path).resolve()
        if not any(real.is_relative_to(folder) for folder in allowed):
            raise InvalidInput("That file is in no folder that was allowed. Start `triad mcp` with --folder FOLDER.")
        return real
    if content is None:
        return None
    if len(content) > 4 * (MAX_FILE_BYTES // 3 + 1):
        raise InvalidInput(f"The file is too large; at most {MAX_FILE_BYTES // 1024**2} MB are read.")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("The file is not in base64.") from None
