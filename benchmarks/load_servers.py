"""The servers of the load test, each in a process of its own.

    python benchmarks/load_servers.py KIND --port PORT

``batching`` and ``single``: Triad's REST API with and without batches. ``pipelines``: what people would otherwise
write, three transformers pipelines behind a plain FastAPI handler, with the shapes of DistilRoBERTa, ViT-base and
wav2vec2-base, random weights and nothing from a hub.
"""

from __future__ import annotations

import argparse
import io
import logging
import sys
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Form, UploadFile
from load_inputs import TEXTS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

KINDS = ("batching", "single", "pipelines")
LABELS = 7


def triad(model: str | None, batching: bool) -> FastAPI:
    """Triad's routes alone, without the page."""
    from mm_core.serving.limits import Limits
    from mm_core.serving.rest import router
    from mm_core.serving.service import Service

    app = FastAPI()
    app.include_router(router(Service.load(model, Limits() if batching else Limits.unbatched())))
    return app


def pipelines() -> FastAPI:
    """A text, an image and an audio classifier, one after the other; the answer is the mean of the three."""
    import numpy as np
    import soundfile
    import soxr
    from PIL import Image

    classify_text, classify_image, classify_audio = text_pipeline(), image_pipeline(), audio_pipeline()
    app = FastAPI()

    @app.post("/predict")
    def predict(text: Annotated[str, Form()], image: UploadFile, audio: UploadFile) -> dict[str, Any]:
        picture = Image.open(io.BytesIO(image.file.read())).convert("RGB")
        waveform, rate = soundfile.read(io.BytesIO(audio.file.read()), dtype="float32")
        if rate != 16_000:
            waveform = soxr.resample(waveform, rate, 16_000)
        answers = (
            classify_text(text, top_k=LABELS),
            classify_image(picture, top_k=LABELS),
            classify_audio(waveform, top_k=LABELS),
        )
        names = [f"LABEL_{index}" for index in range(LABELS)]
        scores = [{answer["label"]: answer["score"] for answer in found} for found in answers]
        mean = {name: float(np.mean([score[name] for score in scores])) for name in names}
        return {"emotion": {"label": max(mean, key=mean.__getitem__), "probabilities": mean}}

    return app


def text_pipeline() -> Any:
    """DistilRoBERTa's shape; its tokenizer knows the words of the test, one piece each."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, RobertaConfig, RobertaForSequenceClassification, pipeline

    words = dict.fromkeys(word for text in TEXTS for word in text.split())
    pieces = {piece: index for index, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", *words])}
    tokenizer = Tokenizer(models.WordLevel(pieces, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )
    config = RobertaConfig(
        vocab_size=50_265, num_hidden_layers=6, max_position_embeddings=514, num_labels=LABELS, pad_token_id=1
    )
    return pipeline("text-classification", model=RobertaForSequenceClassification(config).eval(), tokenizer=wrapped)


def image_pipeline() -> Any:
    """ViT-base, patches of 16, 224 pixels."""
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor, pipeline

    model = ViTForImageClassification(ViTConfig(num_labels=LABELS)).eval()
    return pipeline("image-classification", model=model, image_processor=ViTImageProcessor())


def audio_pipeline() -> Any:
    """wav2vec2-base on 16 kHz."""
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForSequenceClassification, pipeline

    model = Wav2Vec2ForSequenceClassification(Wav2Vec2Config(num_labels=LABELS)).eval()
    return pipeline("audio-classification", model=model, feature_extractor=Wav2Vec2FeatureExtractor())


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    torch.manual_seed(0)
    app = pipelines() if arguments.kind == "pipelines" else triad(arguments.model, arguments.kind == "batching")
    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="error")


if __name__ == "__main__":
    main()
