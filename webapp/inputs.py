"""The three inputs of a case, and reading them into a Sample."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import gradio as gr
from gradio.components.image_editor import WebcamOptions

from mm_core.evidence import Inputs as KeptInputs
from mm_core.locale import say
from mm_core.samples import InvalidInput, RawInputs, limits
from mm_core.samples.raw_inputs import png, wav
from webapp import markup
from webapp.block import block
from webapp.files import written
from webapp.picture import Picture

MOST_CHARACTERS: Final = 50_000
"""That a text box takes: ten times what is kept, so that a cut is said, and few enough for one event."""


@dataclass(frozen=True)
class Inputs:
    """One case's input components."""

    text: gr.Textbox
    image: Picture
    audio: gr.Audio
    clean: gr.Checkbox
    reference: gr.Audio

    @property
    def all(self) -> list[gr.components.Component]:
        """In the order of ``read``'s arguments."""
        return [self.text, self.image, self.audio, self.clean, self.reference]

    def refilled(self, given: KeptInputs | None) -> list[Any]:
        """Updates that put into the form what a record was made from; all empty where that was not kept."""
        if given is None:
            return ["", None, None, False, None]
        image = None if given.pixels is None else written(self.image, "picture.png", png(given.pixels))
        audio = None if given.waveform is None else written(self.audio, "voice.wav", wav(given.waveform))
        normal = None if given.reference is None else written(self.reference, "normal.wav", wav(given.reference))
        return [given.text or "", image, audio, False, normal]


def build(prefix: str, case: str = "none", with_reference: bool = False) -> Inputs:
    """Lay out one case's inputs; ``prefix`` begins their element ids; ``case`` (A, B or none) stands in their
    labels; ``with_reference`` shows the input for the speaker's normal voice, for a model that reads one."""
    with gr.Column(elem_classes=["inputs"]):
        text = gr.Textbox(
            label=say("input-label", input="text", case=case),
            placeholder=say("input-text-placeholder"),
            lines=2,
            max_length=MOST_CHARACTERS,
            max_lines=8,
            elem_id=f"{prefix}-text",
            elem_classes=["input-text"],
        )
        with gr.Row(elem_classes=["input-pair"]):
            image = Picture(
                label=say("input-label", input="image", case=case),
                sources=["upload", "webcam", "clipboard"],
                height=210,
                placeholder=say("input-image-placeholder"),
                webcam_options=WebcamOptions(mirror=True),
                buttons=["fullscreen"],
                alt_text=say("input-image-alt"),
                elem_id=f"{prefix}-image",
                elem_classes=["input-image"],
                min_width=200,
            )
            audio = sound_input(say("input-label", input="audio", case=case), f"{prefix}-audio")
        with gr.Accordion(
            say("input-reference-title", case=case),
            open=False,
            visible=with_reference,
            elem_id=f"{prefix}-reference-part",
            elem_classes=["input-reference"],
        ):
            block(markup.reading(say("input-reference-why")))
            reference = sound_input(say("input-label", input="reference", case=case), f"{prefix}-reference")
        clean = gr.Checkbox(
            label=say("input-label", input="clean", case=case),
            value=False,
            container=False,
            elem_id=f"{prefix}-clean",
            elem_classes=["input-clean"],
        )
    return Inputs(text, image, audio, clean, reference)


def sound_input(label: str, name: str) -> gr.Audio:
    """An input for a voice: a file, or the microphone."""
    return gr.Audio(
        type="filepath",
        label=label,
        sources=["upload", "microphone"],
        editable=False,
        buttons=[],
        waveform_options=gr.WaveformOptions(
            waveform_color="#7cc4ad", waveform_progress_color="#009E73", show_recording_waveform=True
        ),
        elem_id=name,
        elem_classes=["input-audio"],
        min_width=200,
    )


def given(
    text: str | None, image: str | None, audio: str | None, clean: bool, reference: str | None = None
) -> RawInputs:
    """The inputs as a case still to be decoded; InvalidInput where a file has been deleted meanwhile."""
    for modality, path in (("image", image), ("audio", audio), ("audio", reference)):
        if path is not None and not Path(path).is_file():
            raise InvalidInput(say("input-gone", modality=modality))
    return RawInputs(text, image, audio, noise_reduction=clean, reference=reference)


def limits_in_words() -> str:
    """What is read and how much of it, for people."""
    return say("input-limits", seconds=round(limits.MAX_AUDIO_SECONDS), megabytes=limits.MAX_FILE_BYTES // 1024**2)
