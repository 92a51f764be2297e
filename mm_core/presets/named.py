"""The presets by name."""

from __future__ import annotations

from mm_core.encoders.image import ImageConfig
from mm_core.encoders.mobilenet import GREY_MEAN
from mm_core.encoders.text import TextConfig
from mm_core.encoders.waveform import WaveformConfig
from mm_core.encoders.whisper import WhisperConfig
from mm_core.presets.configs import FusionConfig, ModelConfig
from mm_core.samples import InvalidInput

# Mean and standard deviation of open_clip's own preprocessing (open_clip.constants).
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)

PRESETS: dict[str, ModelConfig] = {
    "embedded": ModelConfig(
        name="embedded",
        text=TextConfig(
            source="intfloat/multilingual-e5-small", vocabulary=30_000, hurried=0.3, languages=("en", "zh")
        ),
        image=ImageConfig(tower="timm:triad_mobilenet", image_size=96, mean=(GREY_MEAN / 255.0,), std=(1.0 / 255.0,)),
        audio=WhisperConfig(),
        fusion=FusionConfig(name="cross_attention_centred"),
    ),
    "clip-base": ModelConfig(
        name="clip-base",
        text=TextConfig(source="sentence-transformers/all-mpnet-base-v2"),
        image=ImageConfig(
            tower="ViT-B-32",
            pretrained="laion2b_s34b_b79k",
            image_size=224,
            grayscale=False,
            mean=_CLIP_MEAN,
            std=_CLIP_STD,
        ),
        audio=WaveformConfig(source="facebook/wav2vec2-base"),
        fusion=FusionConfig(width=256),
    ),
}


def preset(name: str) -> ModelConfig:
    """The configuration with that name; InvalidInput names the known ones."""
    if name not in PRESETS:
        raise InvalidInput(f"There is no preset called {name!r}; choose one of {', '.join(sorted(PRESETS))}.")
    return PRESETS[name]
