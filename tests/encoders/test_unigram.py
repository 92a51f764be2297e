"""A text tower on a SentencePiece (Unigram) vocabulary without a mask piece, as multilingual E5 has."""

from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from mm_core.encoders.text import TextConfig, TextEncoder

PIECES = [
    "<s>",
    "<pad>",
    "</s>",
    "<unk>",
    "▁",
    "▁happy",
    "▁sad",
    "▁day",
    "今天",
    "开心",
    "▁rare",
    "天",
    "今",
    "▁never",
]


@pytest.fixture
def encoder():
    scores = [(piece, -float(rank)) for rank, piece in enumerate(PIECES)]
    letters = [(letter, -30.0) for letter in "abcdehinoprsvyz"]
    tokenizer = Tokenizer(models.Unigram(scores + letters, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names, model_max_length=64)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    backbone = BertModel(BertConfig(vocab_size=len(fast), max_position_embeddings=64, **sizes), False)
    return TextEncoder(TextConfig(source="toy"), fast, backbone).eval()


TEXTS = ["happy day", "今天开心", "sad"]


def test_pruning_keeps_what_texts_use_then_the_most_probable(encoder):
    before = encoder(encoder.prepare(TEXTS)).values
    size = len(encoder.tokenizer) - 3
    assert encoder.prune_vocabulary(TEXTS, size) == size == encoder.backbone.config.vocab_size
    torch.testing.assert_close(encoder(encoder.prepare(TEXTS)).values, before)
    kept = set(encoder.tokenizer.get_vocab())
    assert {"今天", "开心", "▁happy", "▁rare", "n"} <= kept
    assert not {"天", "今", "▁never"} & kept  # unused, and the least probable of the rest
    assert encoder.tokenizer.tokenize("never") == ["▁", *"never"]  # spelled


def test_a_pruned_tower_saves_and_opens(encoder, tmp_path):
    encoder.prune_vocabulary(TEXTS, len(encoder.tokenizer) - 3)
    encoder.save_structure(tmp_path)
    again = TextEncoder.from_folder(encoder.config, tmp_path)
    again.load_state_dict(encoder.state_dict())
    expected = encoder(encoder.prepare(TEXTS)).values
    torch.testing.assert_close(again.eval()(again.prepare(TEXTS)).values, expected)


def test_without_a_mask_piece_the_unknown_piece_stands_for_a_word_taken_away(encoder):
    assert encoder.mask_token == "<unk>"
    batch = encoder.prepare(["happy <unk> day"])
    assert encoder.tokenizer.unk_token_id in batch.ids[0].tolist()
    spans = encoder.spans(batch, 0)
    assert spans[batch.ids[0].tolist().index(encoder.tokenizer.unk_token_id)] is None
    features = encoder.features(batch)
    blank = encoder.backbone.get_input_embeddings().weight[encoder.tokenizer.unk_token_id]
    torch.testing.assert_close(encoder.baseline(batch, features)[0, 1], blank.detach())
