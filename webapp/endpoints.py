"""The functions that gradio_client reaches by name: ``/predict`` and ``/explain``, as the REST API answers them."""

from __future__ import annotations

from typing import Any

import gradio as gr

from mm_core.errors import TriadError
from mm_core.labels import MODALITIES
from mm_core.samples import RawInputs
from mm_core.samples.raw_inputs import face_from_words
from mm_core.serving.replies import evidence_json
from webapp.context import Context
from webapp.files import fresh_path
from webapp.picture import Picture


def add(context: Context) -> None:
    """Add the two endpoints; their components are never shown."""
    with gr.Column(visible=False):
        text = gr.Textbox(label="text")
        image = Picture(label="image")
        audio = gr.Audio(type="filepath", label="audio")
        reference = gr.Audio(type="filepath", label="reference")
        force = gr.CheckboxGroup(list(MODALITIES), label="force")
        noise_reduction = gr.Checkbox(label="noise_reduction", value=False)
        label = gr.Textbox(label="label")
        face = gr.Textbox(label="face")
        answer = gr.JSON(label="answer")
        record = gr.File(label="evidence")
    case = [text, image, audio, force, noise_reduction]

    def predict(
        text: str | None,
        image: str | None,
        audio: str | None,
        force: list[str] | None,
        noise_reduction: bool | None,
        face: str | None = None,  # defaults, so that who does not know them may leave them out
        reference: str | None = None,
    ) -> dict[str, Any]:
        with _said():
            chosen = face_from_words(face)
            given = RawInputs(text, image, audio, tuple(force or ()), bool(noise_reduction), chosen, reference)
            return context.client.predict(given).to_json()

    def explain(
        text: str | None,
        image: str | None,
        audio: str | None,
        force: list[str] | None,
        noise_reduction: bool | None,
        label: str | None,
        face: str | None = None,
        reference: str | None = None,
    ) -> tuple[dict[str, Any], str]:
        with _said():
            chosen = face_from_words(face)
            given = RawInputs(text, image, audio, tuple(force or ()), bool(noise_reduction), chosen, reference)
            evidence = context.client.explain(given, label=label or None, keep_inputs=False)
        path = fresh_path(record, "case.triad")
        evidence.save(path)
        return evidence_json(evidence), str(path)

    gr.Button(visible=False).click(
        predict,
        [*case, face, reference],
        answer,
        api_name="predict",
        api_description="Answer one case: text, image, audio, each optional. The answer is that of POST /predict.",
        concurrency_id="predict",
        concurrency_limit=16,
    )
    gr.Button(visible=False).click(
        explain,
        [*case, label, face, reference],
        [answer, record],
        api_name="explain",
        api_description="Explain one case for its likeliest emotion or for `label`: JSON and the Evidence file.",
        concurrency_id="explain",
        concurrency_limit=8,
    )


class _said:
    """What a caller may be told becomes gr.Error, the only error whose text leaves the server."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, TriadError):
            raise gr.Error(str(error), print_exception=False) from None
