"""A small model with random weights and simple samples: the suite needs no weights from a hub."""

from __future__ import annotations

import numpy as np
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from mm_core.encoders.image import ImageConfig, ImageEncoder
from mm_core.encoders.mel import MelConfig, MelEncoder
from mm_core.encoders.text import TextConfig, TextEncoder
from mm_core.model import TriadModel
from mm_core.presets import FusionConfig, ModelConfig
from mm_core.samples import Clip, Picture, Sample

WORDS = [
    "i",
    "am",
    "so",
    "happy",
    "sad",
    "angry",
    "today",
    "the",
    "was",
    "great",
    "awful",
    "what",
    "a",
    "day",
    "and",
    "you",
    "never",
    "always",
    "love",
    "hate",
    "this",
    "it",
    "not",
]


def toy_tokenizer() -> PreTrainedTokenizerFast:
    """A WordPiece tokenizer over a few words and all single letters."""
    letters = list("abcdefghijklmnopqrstuvwxyz0123456789.,!?'")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters, *(f"##{c}" for c in letters)]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def toy_text_encoder(max_pieces: int = 32) -> TextEncoder:
    tokenizer = toy_tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
    )
    return TextEncoder(
        TextConfig(source="toy", max_pieces=max_pieces), tokenizer, BertModel(config, add_pooling_layer=False)
    )


TOY_MEL = MelConfig(mel_bands=32, channels=(4, 8, 8, 8), width=16, layers=1, heads=2)


def toy_config(fusion: str = "cross_attention", labels: tuple[str, ...] | None = None) -> ModelConfig:
    options = {} if labels is None else {"labels": labels}
    return ModelConfig(
        name="toy",
        text=TextConfig(source="toy", max_pieces=32),
        image=ImageConfig(),
        audio=TOY_MEL,
        fusion=FusionConfig(name=fusion, width=16, layers=2, heads=2),
        **options,
    )


def toy_model(fusion: str = "cross_attention", seed: int = 0, labels: tuple[str, ...] | None = None) -> TriadModel:
    """A model of the house's shape, small and random, always the same for one seed."""
    torch.manual_seed(seed)
    config = toy_config(fusion, labels)
    encoders = {
        "text": toy_text_encoder(),
        "image": ImageEncoder.build(ImageConfig(), pretrained=False),
        "audio": MelEncoder(TOY_MEL),
    }
    return TriadModel(config, encoders).eval()


def toy_picture(seed: int = 0, size: tuple[int, int] = (60, 50)) -> Picture:
    return Picture(np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8))


def toy_clip(seed: int = 0, seconds: float = 1.0) -> Clip:
    """A wavering tone with noise, as loud as speech."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * 16_000)) / 16_000
    tone = np.sin(2 * np.pi * (150 + 40 * np.sin(3 * time + seed)) * time)
    wave = 0.1 * tone + 0.02 * random.standard_normal(len(time))
    return Clip(wave.astype(np.float32), 0.0, seconds)


def toy_sample(seed: int = 0, modalities: tuple[str, ...] = ("text", "image", "audio")) -> Sample:
    return Sample(
        text="i am so happy today" if "text" in modalities else None,
        image=toy_picture(seed) if "image" in modalities else None,
        audio=toy_clip(seed) if "audio" in modalities else None,
    )
