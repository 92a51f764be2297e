"""Texts as people type them in a hurry: training reads some, evaluation measures what they do to an answer.

Kinds of errors after Belinkov and Bisk, "Synthetic and natural noise both break neural machine translation" (ICLR
2018).
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

_NEIGHBOURS: Final = {
    key: row[max(i - 1, 0) : i] + row[i + 1 : i + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for i, key in enumerate(row)
}

_SHORT: Final = {
    "you": "u", "your": "ur", "you're": "ur", "are": "r", "why": "y", "to": "2", "too": "2", "for": "4", "see": "c",
    "be": "b", "before": "b4", "great": "gr8", "late": "l8", "later": "l8r", "because": "cuz", "please": "plz",
    "thanks": "thx", "thank": "thx", "people": "ppl", "really": "rly", "with": "w/", "without": "w/o", "and": "n",
    "the": "da", "this": "dis", "that": "dat", "them": "em", "going": "goin", "though": "tho", "through": "thru",
    "love": "luv", "what": "wut", "something": "smth", "someone": "sb", "tonight": "2nite", "tomorrow": "tmrw",
    "okay": "ok", "never": "nvr", "right": "rite", "night": "nite", "about": "abt", "know": "kno", "don't": "dont",
    "i'm": "im", "can't": "cant", "won't": "wont", "it's": "its", "message": "msg", "friend": "frnd", "anyone": "ne1",
}  # fmt: skip
"""How people shorten English words when they type on a phone."""

_WORD: Final = re.compile(r"[A-Za-z']+")

_VOWELS: Final = frozenset("aeiouAEIOU")

_WORST_PERCENT: Final = 40.0
"""Of letters, in training: the heaviest step that evaluation tries."""


def typos(text: str, percent: float, random: np.random.Generator) -> str:
    """Each letter with that chance is swapped with the next, dropped, doubled or replaced by a key beside it."""
    letters = list(text)
    made: list[str] = []
    i = 0
    while i < len(letters):
        letter = letters[i]
        if letter.isalpha() and random.random() < percent / 100:
            kind = random.integers(4)
            if kind == 0 and i + 1 < len(letters):
                made += [letters[i + 1], letter]
                i += 1
            elif kind == 1:
                made += [letter, letter]
            elif kind == 2:
                made.append(str(random.choice(list(_NEIGHBOURS.get(letter.lower(), letter)))))
        else:
            made.append(letter)
        i += 1
    return "".join(made)


def without_vowels(text: str, percent: float, random: np.random.Generator) -> str:
    """Each vowel left out with that chance, as in "thnk y"."""
    return "".join(c for c in text if c not in _VOWELS or random.random() >= percent / 100)


def shortened(text: str) -> str:
    """A text in lower case with its words as people shorten them on a phone, as in "thx, c u l8r"."""
    return _WORD.sub(lambda word: _SHORT.get(word[0], word[0]), text.lower())


def hurried(text: str, random: np.random.Generator) -> str:
    """A text in lower case, with shortened words, with typing errors, or with vowels left out, each as likely; never
    empty."""
    kind = random.integers(4)
    if kind < 2:
        return (str.lower, shortened)[kind](text)
    worse = (typos, without_vowels)[kind - 2](text, random.uniform(0.0, _WORST_PERCENT), random)
    return worse if worse.strip() else text
