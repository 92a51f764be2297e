"""The requests of the load test: eight cases of 20 words, a 640 x 480 picture with a face, and 4 s of voice."""

from __future__ import annotations

import io
from collections.abc import Collection
from itertools import product
from pathlib import Path
from typing import Final

import httpx
import numpy as np
import soundfile
from PIL import Image

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "assets" / "examples"
TEXTS: Final = (
    "I can not believe how much fun we all had last night , let us do that again very soon",
    "Nobody told me that the train would be late again , and now I will miss the only meeting today",
)
PICTURES: Final = ("astronaut.jpg", "hopper.jpg")
VOICES: Final = ("voice-joyful.flac", "voice-sad.flac")


def picture(name: str) -> bytes:
    """A shipped portrait on a grey ground of 640 x 480, as JPEG."""
    portrait = Image.open(EXAMPLES / name).convert("RGB")
    scale = min(480 / portrait.height, 640 / portrait.width)
    canvas = Image.new("RGB", (640, 480), (120, 130, 140))
    canvas.paste(portrait.resize((round(portrait.width * scale), round(portrait.height * scale))))
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=90)
    return file.getvalue()


def voice(name: str) -> bytes:
    """Four seconds of a shipped voice, repeated where it is shorter, as 16-bit WAV."""
    waveform, rate = soundfile.read(EXAMPLES / name, dtype="float32")
    file = io.BytesIO()
    soundfile.write(file, np.resize(waveform, 4 * rate), rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def requests(port: int, path: str = "/predict", without: Collection[str] = (), **fields: str) -> list[bytes]:
    """Whole HTTP/1.1 requests, ready to be written to a connection; ``fields`` go with every case, the modalities
    ``without`` with none."""
    made = []
    for text, image, audio in product(TEXTS, PICTURES, VOICES):
        files = {
            "text": (None, text),
            "image": ("face.jpg", picture(image), "image/jpeg"),
            "audio": ("voice.wav", voice(audio), "audio/wav"),
            **{name: (None, value) for name, value in fields.items()},
        }
        files = {name: content for name, content in files.items() if name not in without}
        request = httpx.Request("POST", f"http://127.0.0.1:{port}{path}", files=files)  # type: ignore[arg-type]
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        made.append(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + request.read())
    return made
