"""Tiny models in the hub's own formats, and the presets with them in the place of the ones that they name."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import save_file
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model, WhisperModel
from transformers import WhisperConfig as WhisperModelConfig

from mm_core.encoders.text import TextConfig
from mm_core.encoders.whisper import WhisperConfig, WhisperEncoder
from mm_core.model import TriadModel
from mm_core.presets import ModelConfig, preset
from tests.toys import toy_config, toy_model, toy_text_encoder


def make_hub(folder: Path) -> Any:
    """Write text, image and audio models into ``folder``; returns the open_clip model."""
    torch.manual_seed(0)
    text = toy_text_encoder()
    text.tokenizer.save_pretrained(folder / "text")
    text.backbone.save_pretrained(folder / "text")

    clip = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 24, "head_width": 12, "patch_size": 8},
        "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1},
    }
    (folder / "image").mkdir()
    (folder / "image" / "open_clip_config.json").write_text(json.dumps({"model_cfg": clip, "preprocess_cfg": {}}))
    built = open_clip.create_model(f"local-dir:{folder / 'image'}", load_weights=False)
    save_file(built.state_dict(), folder / "image" / "open_clip_model.safetensors")

    audio = Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8, 8),
        conv_stride=(5, 4),
        conv_kernel=(10, 8),
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
    )
    Wav2Vec2Model(audio).save_pretrained(folder / "audio")
    Wav2Vec2FeatureExtractor().save_pretrained(folder / "audio")
    make_whisper(folder / "whisper")
    return built


def make_whisper(folder: Path, seconds: float = 2.0) -> WhisperModel:
    """Write a Whisper model that reads at most ``seconds`` at once, with four encoder layers."""
    torch.manual_seed(0)
    config = WhisperModelConfig(
        vocab_size=64,
        num_mel_bins=80,
        d_model=16,
        encoder_layers=4,
        encoder_attention_heads=2,
        encoder_ffn_dim=24,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=24,
        max_source_positions=round(50 * seconds),
        max_target_positions=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        suppress_tokens=None,
        begin_suppress_tokens=None,
        init_std=0.2,
    )
    model = WhisperModel(config)
    model.save_pretrained(folder)
    return model


def tiny_whisper(folder: Path) -> WhisperConfig:
    """The whisper tower on the model that ``make_hub`` wrote."""
    return WhisperConfig(source=str(folder / "whisper"), hidden=8)


def toy_model_with_reference(folder: Path) -> TriadModel:
    """The toy model with the whisper tower, which reads references, on a tiny base written into ``folder``."""
    make_whisper(folder / "whisper")
    config, toy = tiny_whisper(folder), toy_model()
    encoders = {**toy.encoders, "audio": WhisperEncoder.from_pretrained(config)}
    torch.manual_seed(2)
    return TriadModel(toy_config().with_tower("audio", config), encoders).eval()


def with_tiny_towers(name: str, folder: Path) -> ModelConfig:
    """The preset called ``name`` with its hub models replaced by those that ``make_hub`` wrote; towers without a hub
    model stay as they are."""
    config = preset(name)
    text = config.text.based_on(str(folder / "text"))
    assert isinstance(text, TextConfig)
    if text.vocabulary:
        text = dataclasses.replace(text, vocabulary=80)
    config = dataclasses.replace(config, text=text, fusion=dataclasses.replace(config.fusion, width=16))
    if isinstance(config.audio, WhisperConfig):
        return dataclasses.replace(config, audio=tiny_whisper(folder))
    image = dataclasses.replace(config.image, tower=f"local-dir:{folder / 'image'}", pretrained="", image_size=32)
    return dataclasses.replace(config, image=image, audio=config.audio.based_on(str(folder / "audio")))
