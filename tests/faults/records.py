"""Records with valid digests and wild structure, and everything that is drawn or told of one that opens."""

from __future__ import annotations

import hashlib
import io
import json
import math
import random
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from mm_core import figures
from mm_core.evidence import Evidence
from mm_core.explain.records import TASKS, VALUES
from mm_core.figures import Figure
from mm_core.figures.reasons import reasons
from mm_core.serving.replies import evidence_json

HUGE: Final = "9" * 400
"""Digits of a whole number beyond any float."""

_STRANGE: Final = (
    None, True, False, -1, 0, 1, 2, 2**31, 2**63, -(2**63), 10**400, 1e308, -1e308, 5e-324, 1e12, 0.5, -0.0,
    float("inf"), float("nan"), "", "joy", "text", "\ud800", "\0", "<img src=x onerror=alert(1)>", "x" * 10_000,
    [], {}, [[]], [None], {"array": "a0"}, {"array": "nowhere"}, {"array": ["a0"]}, {"array": {}}, [None] * 3,
    [["text", "image"], None], {"": 1},
)  # fmt: skip
_EXTREME: Final = (0.0, -1.0, 1.0, 5e-324, 1e-300, 1e-38, 3e38, -3e38, 1e308, math.inf, -math.inf, math.nan)


def parts_of(content: bytes) -> dict[str, bytes]:
    """The members of a ``.triad`` file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    """A file made by a forger who knows the format: any members, and the right digest."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.comment = b"sha256:" + b"0" * 64
    body = buffer.getvalue()[:-64]
    return body + hashlib.sha256(body).hexdigest().encode()


class Forger:
    """Makes records out of a good one that differ in structure, numbers or arrays, each with the right digest."""

    def __init__(self, content: bytes, seed: int = 0) -> None:
        parts = parts_of(content)
        self.record, self.arrays = parts["evidence.json"], parts["arrays.safetensors"]
        self.random = random.Random(seed)

    def forged(self) -> bytes:
        """The next record."""
        text, arrays = self.record.decode(), self.arrays
        if self.random.random() < 0.3:
            arrays = self._other_arrays()
        if self.random.random() < 0.8 or arrays is self.arrays:
            document = json.loads(text)
            for _ in range(self.random.choice((1, 1, 1, 2, 3))):
                self._change(document)
            text = json.dumps(document).replace("Infinity", self.random.choice(("1e999", HUGE)))
        if self.random.random() < 0.05:
            text = self._respelled(text)
        return packed({"evidence.json": text.encode("utf-8", "surrogatepass"), "arrays.safetensors": arrays})

    def _change(self, document: dict[str, Any]) -> None:
        places = list(_places(document["evidence"]))
        if not places:
            return
        holder, key = self.random.choice(places)
        other_holder, other_key = self.random.choice(places)
        how = self.random.choice(("strange", "strange", "number", "drop", "move", "swap", "add", "nest", "twice"))
        if how == "number":
            numbers = [(h, k) for h, k in places if type(h[k]) in (int, float)]
            holder, key = self.random.choice(numbers or [(holder, key)])
            holder[key] = self.random.choice([s for s in _STRANGE if s is None or type(s) in (int, float)])
        elif how == "drop":
            del holder[key]
        elif how == "move":
            holder[key] = json.loads(json.dumps(other_holder[other_key]))
        elif how == "swap":
            holder[key], other_holder[other_key] = other_holder[other_key], holder[key]
            if _is_endless(document):  # one of them held the other
                document["evidence"] = []
        elif how == "add" and isinstance(holder, dict):
            holder[self.random.choice(("", "text", "extra", "joy", str(key) * 2))] = self.random.choice(_STRANGE)
        elif how == "nest":
            holder[key] = [holder[key]] if self.random.random() < 0.5 else {str(key): holder[key]}
        elif how == "twice" and isinstance(holder[key], list):
            holder[key] = holder[key] * self.random.choice((2, 2, 300))
        else:
            holder[key] = self.random.choice(_STRANGE)

    def _other_arrays(self) -> bytes:
        arrays = {name: array.copy() for name, array in load_safetensors(self.arrays).items()}
        for _ in range(self.random.choice((1, 1, 2, 4))):
            name = self.random.choice(list(arrays))
            array = arrays[name]
            how = self.random.choice(("one", "one", "some", "all", "shape", "type", "drop", "swap", "empty"))
            if how in ("one", "some", "all") and array.size:
                flat = array.reshape(-1)
                count = {"one": 1, "some": max(1, len(flat) // 3), "all": len(flat)}[how]
                start = self.random.randrange(len(flat) - count + 1)
                with np.errstate(all="ignore"):
                    if array.dtype.kind == "f":
                        flat[start : start + count] = np.float64(self.random.choice(_EXTREME)).astype(array.dtype)
                    else:
                        info = np.iinfo(array.dtype)
                        flat[start : start + count] = self.random.choice((info.min, info.max, 0, 1))
            elif how == "shape":
                arrays[name] = array.reshape(self.random.choice(((-1,), (1, -1), (*array.shape[::-1],))))
            elif how == "type":
                kind = self.random.choice((np.float16, np.float32, np.float64, np.int8, np.int64, np.uint8, np.bool_))
                with np.errstate(all="ignore"):
                    arrays[name] = array.astype(kind)
            elif how == "drop":
                del arrays[name]
                if not arrays:
                    arrays["a0"] = array
            elif how == "swap":
                other = self.random.choice(list(arrays))
                arrays[name], arrays[other] = arrays[other], arrays[name]
            else:
                arrays[name] = array[:0]
        return save_safetensors({name: np.ascontiguousarray(array) for name, array in arrays.items()})

    def _respelled(self, text: str) -> str:
        how = self.random.choice(("twice", "deep", "comma", "digits"))
        if how == "twice":  # the same key once more: parsers differ in which they believe
            return text.replace('"task":', '"task": "emotion", "task":', 1)
        if how == "deep":
            return text.replace('"created": ', '"created": ' + "[" * 20_000, 1)
        if how == "comma":
            return text.replace(", ", ",, ", 1)
        return text.replace('"milliseconds": ', f'"milliseconds": {HUGE}', 1)


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every value inside, as the list or mapping that holds it and its key."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], (dict, list)):
            yield from _places(node[key])


def _is_endless(document: object) -> bool:
    try:
        json.dumps(document)
    except (ValueError, RecursionError):
        return True
    return False


def everything_of(record: Evidence) -> Iterator[tuple[str, Callable[[], object]]]:
    """All that both user interfaces and the REST API draw or tell of one record, by name."""
    present = record.present
    for task in TASKS:
        yield f"probabilities of {task}", lambda task=task: figures.probability_bars(record.prediction, task)
        yield f"lattice of {task}", lambda task=task: figures.lattice(record, task)
        for value in VALUES:
            for draw in (figures.waterfall, figures.shapley_bars, figures.shares_bar):
                yield (
                    f"{draw.__name__} of {task} in {value}",
                    lambda draw=draw, value=value, task=task: draw(record, value=value, task=task),
                )
            yield (
                f"interactions of {task} in {value}",
                lambda value=value, task=task: figures.interaction_table(record, value, task),
            )
    yield "agreement", lambda: figures.agreement_bars(record.prediction)
    for modality in present:
        for method in {r.method for r in record.relevance}:
            yield f"{method} of {modality}", lambda m=modality, n=method: figures.relevance(record, m, n)
        if len(record.units[modality]):
            yield f"attention of {modality}", lambda m=modality: figures.attention_choice(record, m, 0)
    for query, key in record.attention:
        if query in present and key in present:
            yield f"{query} to {key}", lambda q=query, k=key: figures.attention_matrix(record, q, k)
            yield f"heads of {query} to {key}", lambda q=query, k=key: figures.attention_heads(record, q, k)
    for test in record.faithfulness:
        yield f"test of {test.modality}", lambda test=test: figures.faithfulness_curves(test)
    yield "reasons", lambda: reasons(record)
    yield "JSON", lambda: json.dumps(evidence_json(record), allow_nan=False)
    yield "page", lambda: figures.evidence_page(record)
    yield "file", record.to_bytes


def non_finite(drawn: object) -> list[str]:
    """Where a figure holds numbers that are none; a gap in a line is None, and no number."""
    if not isinstance(drawn, Figure):
        return []
    return [*_wild(drawn.plot.to_plotly_json(), "plot"), *_wild(list(drawn.table), "table")]


def _wild(node: Any, path: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _wild(value, f"{path}.{key}")
    elif isinstance(node, np.ndarray):
        if node.dtype.kind == "f" and not np.isfinite(node).all():
            yield path
        elif node.dtype == object:
            yield from _wild(node.tolist(), path)
    elif isinstance(node, (list, tuple)):
        for index, value in enumerate(node):
            yield from _wild(value, f"{path}[{index}]")
    elif isinstance(node, (float, np.floating)) and not math.isfinite(node):
        yield path
