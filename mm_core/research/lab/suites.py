"""The suites: which data, in which variants, with which recipes.

Recipes are small and the same for all strategies of a suite; where there are several, validation folds choose one for
each strategy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from mm_core.fusion import STRATEGIES
from mm_core.model import TriadModel
from mm_core.research.lab.cases import Dataset
from mm_core.research.lab.learner import LabRecipe

Make = Callable[["RunContext", str], Dataset]


@dataclass(frozen=True)
class RunContext:
    """What material is made from. data: the data folder; folder: where tokens are kept; model: whose towers; quiet:
    no progress bars; tower_epochs: how long the text tower is fine-tuned on transcripts, 0 leaves it as it is."""

    data: Path | None
    folder: Path
    model: Callable[[], TriadModel]
    quiet: bool
    tower_epochs: int = 0

    def data_folder(self) -> Path:
        if self.data is None:
            raise FileNotFoundError("this suite needs --data, the folder of the tables and of aligned/mosi.parquet")
        return self.data


_ATTENDING: Final = tuple(name for name in STRATEGIES if name.startswith("cross_attention"))
"""Ways of attending, which a suite of their own compares."""

_USUAL: Final = tuple(name for name in STRATEGIES if name not in _ATTENDING[1:])


@dataclass(frozen=True)
class Suite:
    """variants: of the data; make: the material of one variant; recipes: to choose from; measured: figures of simpler
    models to stand beside."""

    variants: tuple[str, ...]
    make: Make
    recipes: tuple[LabRecipe, ...]
    seeds: int = 5
    strategies: tuple[str, ...] = _USUAL
    needs_model: bool = False
    measured: Callable[[RunContext], list[dict[str, Any]]] = lambda ground: []


def _features(ground: RunContext, variant: str) -> Dataset:
    from mm_core.research.lab.mosi import feature_tokens, mosi_material, read_mosi

    given = read_mosi(ground.data_folder())
    return mosi_material("mosi-features", variant, given, feature_tokens(given))


def _linear(ground: RunContext) -> list[dict[str, Any]]:
    from mm_core.research.lab.mosi import linear_references, read_mosi

    return linear_references(read_mosi(ground.data_folder()))


def _transcripts(ground: RunContext, variant: str) -> Dataset:
    from mm_core.encoders.text import TextEncoder
    from mm_core.research.lab.mosi import feature_tokens, mosi_material, read_mosi
    from mm_core.research.lab.transcripts import Tuning, transcript_tokens

    given, model, tuning = read_mosi(ground.data_folder()), ground.model(), Tuning(epochs=ground.tower_epochs)
    kept = ground.folder / f"transcripts-{tuning.epochs}-{model.hash[:12]}.safetensors"
    encoder = model.encoders["text"]
    assert isinstance(encoder, TextEncoder)  # transcripts are read by word pieces
    text = transcript_tokens(encoder, given, tuning, kept, quiet=ground.quiet)
    made = mosi_material("mosi-transcripts", variant, given, feature_tokens(given) | {"text": text})
    return replace(made, notes=made.notes | {"tower_epochs": ground.tower_epochs})


def _composed(ground: RunContext, variant: str) -> Dataset:
    from mm_core.research.lab.composed import composed_material

    return composed_material(ground.model(), ground.data_folder(), ground.folder, quiet=ground.quiet)


def _attention(ground: RunContext, variant: str) -> Dataset:
    from mm_core.research.lab.composed import FEWER, composed_material

    given = ground.model(), ground.data_folder(), ground.folder
    return composed_material(*given, name="attention", cases=FEWER, quiet=ground.quiet)


def _smoke(ground: RunContext, variant: str) -> Dataset:
    from mm_core.research.lab.smoke import smoke_material

    return smoke_material()


_FEATURES: Final = LabRecipe(epochs=12, width=24, dropout=0.5, input_dropout=(0.8, 0.8, 0.8), weight_decay=0.3)
_TRANSCRIPTS: Final = replace(_FEATURES, input_dropout=(0.3, 0.8, 0.8))

SUITES: Final[dict[str, Suite]] = {
    "mosi-features": Suite(("utterance", "neighbours"), _features, (_FEATURES,), measured=_linear),
    "mosi-transcripts": Suite(("utterance", "neighbours"), _transcripts, (_TRANSCRIPTS,), needs_model=True),
    "composed": Suite(
        ("utterance",), _composed, (LabRecipe(epochs=8, width=64, batch_size=128, layers=2),), needs_model=True
    ),
    "attention": Suite(
        ("utterance",),
        _attention,
        (LabRecipe(epochs=8, width=64, batch_size=128, layers=2),),
        seeds=3,
        strategies=_ATTENDING,
        needs_model=True,
    ),
    "smoke": Suite(
        ("utterance",),
        _smoke,
        (LabRecipe(epochs=6, width=16, batch_size=32, learning_rate=5e-3, average=0.9),),
        seeds=1,
    ),
}
