"""Keep the word pieces that the texts use, so that the embedded text tower is small enough to ship."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoTokenizer, PreTrainedModel


def prune_vocabulary(tokenizer: Any, backbone: PreTrainedModel, texts: Sequence[str], size: int) -> Any:
    """Cut a vocabulary to about ``size`` pieces: the backbone's embeddings in place; returns the tokenizer.

    Kept: special pieces, all single ASCII characters (any English word can still be spelled), pieces that ``texts``
    use, most frequent first, then the most frequent of the rest: a WordPiece vocabulary is sorted by frequency, a
    Unigram one (SentencePiece) says each piece's log probability. ValueError for other kinds.
    """
    specification = json.loads(tokenizer.backend_tokenizer.to_str())
    model = specification["model"]
    counts = Counter(piece for ids in tokenizer(list(texts))["input_ids"] for piece in ids)
    if model["type"] == "WordPiece":
        kept = _kept_word_pieces(model["vocab"], set(tokenizer.all_special_tokens), counts, size)
        names = sorted(model["vocab"], key=model["vocab"].__getitem__)
        model["vocab"] = {names[old]: new for new, old in enumerate(kept)}
    elif model["type"] == "Unigram":
        kept = _kept_unigrams(model["vocab"], set(tokenizer.all_special_tokens), counts, size)
        names = [piece for piece, _ in model["vocab"]]
        model["vocab"] = [model["vocab"][old] for old in kept]
        model["unk_id"] = kept.index(model["unk_id"])
    else:
        raise ValueError(
            "only WordPiece and Unigram vocabularies can be pruned; set vocabulary=0 for this text model"
        )
    renumbered = {names[old]: new for new, old in enumerate(kept)}
    for token in specification.get("added_tokens", []):
        token["id"] = renumbered[token["content"]]
    for name, token in (specification.get("post_processor") or {}).get("special_tokens", {}).items():
        token["ids"] = [renumbered[name]]
    pruned = _reopened(tokenizer, specification)
    _select_embeddings(backbone, torch.tensor(kept), pruned.pad_token_id)
    return pruned


def _kept_word_pieces(vocabulary: dict[str, int], special: set[str], counts: Counter[int], size: int) -> list[int]:
    """Ids to keep, ascending."""

    def rank(piece: str) -> tuple[int, int]:
        letters = piece.removeprefix("##")
        if piece in special or (len(letters) == 1 and letters.isascii()):
            return (0, vocabulary[piece])
        used = counts[vocabulary[piece]]
        if used:
            return (1, -used)
        return (2 if letters.isascii() and not piece.startswith("[unused") else 3, vocabulary[piece])

    return sorted(vocabulary[piece] for piece in sorted(vocabulary, key=rank)[:size])


def _kept_unigrams(
    vocabulary: Sequence[tuple[str, float]], special: set[str], counts: Counter[int], size: int
) -> list[int]:
    """Ids to keep, ascending."""

    def rank(index: int) -> tuple[int, float]:
        piece, log_probability = vocabulary[index]
        letters = piece.removeprefix("\u2581")  # the mark of a word's beginning
        if piece in special or (len(letters) <= 1 and letters.isascii()):
            return (0, index)
        return (1, -counts[index]) if counts[index] else (2, -log_probability)

    return sorted(sorted(range(len(vocabulary)), key=rank)[:size])


def _reopened(tokenizer: Any, specification: dict[str, Any]) -> Any:
    """The tokenizer with another specification, everything else as it was."""
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_pretrained(folder)
        (Path(folder) / "tokenizer.json").write_text(json.dumps(specification, ensure_ascii=False))
        for stale in ("vocab.txt", "added_tokens.json"):
            (Path(folder) / stale).unlink(missing_ok=True)
        return AutoTokenizer.from_pretrained(folder)


def _select_embeddings(backbone: PreTrainedModel, kept: torch.Tensor, pad: int) -> None:
    """Keep these rows of the backbone's embeddings, (N,) int64."""
    embeddings = backbone.get_input_embeddings()
    assert isinstance(embeddings, nn.Embedding)
    rows = embeddings.weight.detach()[kept].clone()
    backbone.set_input_embeddings(nn.Embedding.from_pretrained(rows, freeze=False, padding_idx=pad))
    backbone.config.vocab_size = len(kept)
    backbone.config.pad_token_id = pad
