"""What a camera's stream hands on: bytes as they came, opened by nobody."""

from __future__ import annotations

from base64 import b64encode

import pytest
from gradio.data_classes import ImageData

from tests.serving import uploads
from webapp.picture import StreamedPicture


def test_a_data_address_is_its_bytes_and_anything_else_nothing(tmp_path) -> None:
    camera = StreamedPicture()
    content = uploads.jpeg()
    sent = ImageData(url="data:image/jpeg;base64," + b64encode(content).decode())
    found = camera.preprocess(sent)
    assert found is not None
    assert found.tobytes() == content
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    stored = camera.preprocess(ImageData(path=str(path)))
    assert stored is not None
    assert stored.tobytes() == content


@pytest.mark.parametrize("url", ["data:image/jpeg;base64,%%%", "data:", "http://127.0.0.1/a.jpg", None])
def test_an_address_is_never_fetched(url: str | None) -> None:
    found = StreamedPicture().preprocess(ImageData(url=url))
    assert found is None or found.size == 0
