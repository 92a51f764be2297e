"""Texts as people type them in a hurry: training reads some, evaluation measures what they do to an answer.

Kinds of errors after Belinkov and Bisk, "Synthetic and natural noise both break neural machine translation" (ICLR
2018).
"""

from __future__ import annotations

from typing import Final

import numpy as np

_NEIGHBOURS: Final = {
    key: row[max(i - 1, 0) : i] + row[i + 1 : i + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for i, key in enumerate(row)
}

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


def hurried(text: str, random: np.random.Generator) -> str:
    """A text in lower case, with typing errors, or with vowels left out, each as likely; never empty."""
    kind = random.integers(3)
    if kind == 0:
        return text.lower()
    worse = (typos, without_vowels)[kind - 1](text, random.uniform(0.0, _WORST_PERCENT), random)
    return worse if worse.strip() else text
