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
    """Cut a WordPiece vocabulary to about ``size`` pieces: the backbone's embeddings in place; returns the tokenizer.

    Kept: special pieces, all single characters (any word can still be spelled), pieces that ``texts`` use, most
    frequent first, then the vocabulary's own order, which BERT sorts by frequency.
    """
    specification = json.loads(tokenizer.backend_tokenizer.to_str())
    if specification["model"]["type"] != "WordPiece":
        raise ValueError("only WordPiece vocabularies can be pruned; set vocabulary=0 for this text model")
    vocabulary: dict[str, int] = specification["model"]["vocab"]
    counts = Counter(piece for ids in tokenizer(list(texts))["input_ids"] for piece in ids)
    special = set(tokenizer.all_special_tokens)

    def rank(piece: str) -> tuple[int, int]:
        letters = piece.removeprefix("##")
        if piece in special or (len(letters) == 1 and letters.isascii()):
            return (0, vocabulary[piece])
        used = counts[vocabulary[piece]]
        if used:
            return (1, -used)
        return (2 if letters.isascii() and not piece.startswith("[unused") else 3, vocabulary[piece])

    kept = sorted(sorted(vocabulary, key=rank)[:size], key=vocabulary.__getitem__)
    renumbered = {piece: index for index, piece in enumerate(kept)}
    old_ids = torch.tensor([vocabulary[piece] for piece in kept])
    specification["model"]["vocab"] = renumbered
    for token in specification.get("added_tokens", []):
        token["id"] = renumbered[token["content"]]
    for name, token in (specification.get("post_processor") or {}).get("special_tokens", {}).items():
        token["ids"] = [renumbered[name]]
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_pretrained(folder)
        (Path(folder) / "tokenizer.json").write_text(json.dumps(specification, ensure_ascii=False))
        for stale in ("vocab.txt", "added_tokens.json"):
            (Path(folder) / stale).unlink(missing_ok=True)
        pruned = AutoTokenizer.from_pretrained(folder)
    embeddings = backbone.get_input_embeddings()
    assert isinstance(embeddings, nn.Embedding)
    old = embeddings.weight.detach()
    pad = pruned.pad_token_id
    backbone.set_input_embeddings(nn.Embedding.from_pretrained(old[old_ids].clone(), freeze=False, padding_idx=pad))
    backbone.config.vocab_size = len(kept)
    backbone.config.pad_token_id = pad
    return pruned
