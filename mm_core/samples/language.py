"""What a text is written in: the share of known English words, of Chinese characters, a language identifier, and a
rule for program code.

Neither measure is enough alone: an identifier errs on short texts ("Ugh!"), a word list on names and on languages
that share words with English. benchmarks/scope.py measures both together.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

WORD_LIST: Final = Path(__file__).with_name("english_words.txt")
"""One word a line; lines that begin with # say where they come from."""

SIGN_SHARE_OF_CODE: Final = 0.08
"""Programming signs among the characters that are not white space, from which on one code pattern is enough."""

NO_LANGUAGE: Final = "zxx"
"""The identifier's code (ISO 639) for text that is in no language, such as keys pressed at random."""

_LAST_LATIN_LETTER = "\u024f"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_MASK = re.compile(r"\[[A-Z]+\]")
_SIGN = re.compile(r"[{}()\[\];=<>_|&#\\]")

_CODE_PATTERNS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^\s*(?:async\s+)?(?:def|class|function|func|fn)\s+\w+\s*[(:{<]",
        r"^\s*(?:import\s+[\w.]+(?:\s+as\s+\w+)?;?|from\s+[\w.]+\s+import\s.+|#include\s*[<\"].+|using\s+[\w.]+;)$",
        r"^\s*(?:if|for|while|switch|elif|except|try|else)\b[^.?!]*[:{]\s*$|\b(?:if|for|while)\s*\(.*\)\s*\{",
        r"^\s*(?:const|let|var|int|float|double|char|bool|string|auto|public|private|static)\s[\w\s<>\[\],]*\w+\s*[=(;]",
        r"^\s*[\w.\[\]]+\s*[-+*/]?=\s*(?:[\d\"'\[({]|\w+(?:\.\w|\s*[-+*/(\[]))",
        r"\b[a-zA-Z_]\w*(?:[.:]{1,2}\w+)*!?\([^()]*\)\s*(?:;|\{|:\s*$|\)|\.\w+\(|$)",
        r"=>|&&|\|\||[=!]==|\+\+|->|::|:=|</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>",
        r"[;{}]\s*$",
        r"\bSELECT\b.+\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.+\bSET\b|\bCREATE TABLE\b",
        r"[{\[,]\s*\"[\w-]+\"\s*:|^\s*[\w-]+\s*:\s*[\w#-]+(?:\s[\w#-]+)*;",
    )
)
_COMMAND = re.compile(r"^\s*\$?\s*(?:sudo|git|pip|npm|docker|apt-get|curl)\s+[\w./:-]+.*\s--?[a-z]", re.MULTILINE)


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without web addresses, digits, signs and emoji."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(_ADDRESS.sub(" ", text))]


def english_candidate(words: list[str]) -> list[str]:
    """Return the words in Latin script if at least half of the letters are, otherwise all words.

    So a name or a greeting in another script does not make an English sentence foreign.
    """
    latin = [word for word in words if word[0] <= _LAST_LATIN_LETTER]
    return latin if 2 * sum(map(len, latin)) >= sum(map(len, words)) else words


def language_of(text: str) -> str:
    """Return ``zh`` for a text that is mostly in Chinese characters, otherwise ``en``: what is neither is told by
    ``scope.check_text``. A character counts as two letters, since it says as much; kana or hangul beside it make it
    Japanese or Korean."""
    letters = sum(character.isalpha() for character in _ADDRESS.sub(" ", text))
    han, other_script = len(_HAN.findall(text)), len(_KANA_OR_HANGUL.findall(text))
    chinese = han > 0 and 2 * han >= letters - han and not 10 * other_script > han
    return "zh" if chinese else "en"


def known_share(words: list[str]) -> float:
    """Return the share of ``words`` that stand in the English word list; 0 for no words.

    Drawn-out letters are taken back first ("soooo", "nooo") and a possessive 's is taken off.
    """
    return sum(map(_is_known, words)) / len(words) if words else 0.0


def language_probabilities(text: str) -> dict[str, float]:
    """Return the identifier's probability of each language (langid; Lui and Baldwin, ACL 2012), by ISO 639 code."""
    return dict(_identifier().rank(text))


def is_code(text: str) -> bool:
    """Whether ``text`` looks like program code, markup or a command: patterns of code and many of its signs."""
    plain = _MASK.sub("", _ADDRESS.sub("", text))
    visible = len(plain) - sum(map(str.isspace, plain))
    if visible == 0:
        return False
    patterns = sum(pattern.search(plain) is not None for pattern in _CODE_PATTERNS)
    dense = len(_SIGN.findall(plain)) / visible >= SIGN_SHARE_OF_CODE
    return patterns >= 2 or (patterns == 1 and dense) or _COMMAND.search(plain) is not None


def _is_known(word: str) -> bool:
    known = _known_words()
    forms = {word, _DRAWN_OUT.sub(r"\1", word), _DRAWN_OUT.sub(r"\1\1", word), word.removesuffix("'s")}
    return not known.isdisjoint(forms)


@cache
def _known_words() -> frozenset[str]:
    lines = WORD_LIST.read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
