"""What the tests of training share."""

import pytest

from tests.toys import toy_text_encoder


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A text base in the hub's format: tokenizer, configuration and weights in one folder."""
    folder = tmp_path_factory.mktemp("base")
    encoder = toy_text_encoder()
    encoder.tokenizer.save_pretrained(folder)
    encoder.backbone.save_pretrained(folder)
    return folder
