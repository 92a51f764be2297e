"""Weights and records that are not what was saved."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mm_core.serving.service import Service
from mm_core.storage import UnusableModel, save
from tests.faults.conftest import App
from tests.serving import uploads
from tests.serving.page import free_port
from tests.toys import toy_model

ROOT = Path(__file__).parents[2]


class Trap:
    """Something that leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable, tuple]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save(toy_model(), folder)
    return folder


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def another_byte(folder: Path) -> None:
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)


def a_pickle(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(pickle.dumps(Trap(folder / "executed")))
    description = json.loads((folder / "model.json").read_text())
    # Whoever can change the weights can change their digest too.
    description["files"]["model.safetensors"] = hashlib.sha256(weights.read_bytes()).hexdigest()
    (folder / "model.json").write_text(json.dumps(description))


def no_json(folder: Path) -> None:
    (folder / "model.json").write_text("{" * 1000)


def a_path_outside(folder: Path) -> None:
    description = json.loads((folder / "model.json").read_text())
    description["files"]["../../etc/passwd"] = "0" * 64
    (folder / "model.json").write_text(json.dumps(description))


@pytest.mark.parametrize("damage", [no_weights, another_byte, a_pickle, no_json, a_path_outside])
def test_damaged_weights_are_refused_with_what_to_do(saved: Path, tmp_path: Path, damage: Callable) -> None:
    folder = tmp_path / "model"
    shutil.copytree(saved, folder)
    Service.load(folder).close()
    damage(folder)
    with pytest.raises(UnusableModel, match=r"again|Name a folder") as refused:
        Service.load(folder)
    assert str(tmp_path) not in str(refused.value)
    assert not (folder / "executed").exists()


@pytest.mark.slow
def test_the_app_does_not_start_with_them_and_says_why(saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(saved, folder)
    another_byte(folder)
    started = subprocess.run(
        [sys.executable, "app.py", "--model", str(folder), "--port", str(free_port())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert started.returncode != 0
    assert "SHA-256" in started.stderr
    assert "Traceback" not in started.stderr


def records(folder: Path) -> dict[str, bytes]:
    """Files that are no records, one of which would leave a mark."""
    arrays = io.BytesIO()
    np.savez(arrays, x=np.array([Trap(folder / "executed")], dtype=object))
    large = io.BytesIO()
    np.savez_compressed(large, x=np.zeros(200_000_000, np.uint8))
    trap = pickle.dumps(Trap(folder / "executed"))
    return {"pickled npz": arrays.getvalue(), "oversized npz": large.getvalue(), "pickle": trap, "empty": b""}


@pytest.mark.parametrize("kind", ["pickled npz", "oversized npz", "pickle", "empty"])
def test_what_is_no_record_is_refused(app: App, tmp_path: Path, kind: str) -> None:
    content = records(tmp_path)[kind]
    given = {"evidence": ("case.triad", content), "change": (None, '{"remove": "text"}')}
    app.refuses(422, "/what-if", files=given)
    assert not (tmp_path / "executed").exists()


def test_a_record_with_any_changed_byte_is_refused(app: App) -> None:
    given = {**uploads.case()["files"], "text": (None, "so happy"), "force": (None, uploads.INSIST)}
    record = app.post(
        "/explain", files={**given, "keep_inputs": (None, "yes")}, headers={"Accept": "application/zip"}
    ).content
    change = (None, '{"remove": "text"}')
    assert app.post("/what-if", files={"evidence": ("case.triad", record), "change": change}).status_code == 200
    for place in np.random.default_rng(0).integers(0, len(record), 10):
        changed = bytearray(record)
        changed[place] ^= 0x10
        message = app.refuses(422, "/what-if", files={"evidence": ("a", bytes(changed)), "change": change})
        assert "not a case as it was saved" in message
