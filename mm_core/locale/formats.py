"""Numbers and lists as a language writes them (Babel, CLDR), and the functions that messages call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from mm_core.labels import EMOTIONS, SENTIMENTS

KNOWN_LABELS: Final = frozenset({*EMOTIONS, *SENTIMENTS})
"""Classes that catalogues have words for; those of other models keep their names."""


def whole_percent(share: float, locale: str, sign: bool = True) -> str:
    """A finite share (0..1) as a whole percent, without its sign where a heading has it.

    Only what is certain is called 100%: 0.997 is ``99%``.
    """
    from babel.numbers import format_decimal, format_percent

    shown = min(share, 0.99) if share < 1 else share
    return format_percent(shown, locale=locale) if sign else format_decimal(100 * shown, "0", locale)


def enumeration(words: Sequence[str], locale: str) -> str:
    """Words as people list them: ``a``, ``a and b``, ``a, b and c``."""
    from babel.lists import format_list

    return format_list(words, locale=locale)


def functions(locale: str, message: Callable[[str, dict[str, Any]], str]) -> dict[str, Callable[..., Any]]:
    """What messages may call: ``PERCENT($share)``, ``DECIMAL($value, digits: 3)``, ``MODALITY($modality)`` and
    ``LABEL($label)``. ``message`` formats a message of the same catalogue."""

    def label_word(label: str) -> str:
        return message("label", {"label": label}) if label in KNOWN_LABELS else label

    def decimal(value: float, digits: int = 2) -> str:
        from babel.numbers import format_decimal

        return format_decimal(float(value), f"#,##0.{'0' * int(digits)}", locale)

    return {
        "PERCENT": lambda share: whole_percent(float(share), locale),
        "DECIMAL": decimal,
        "MODALITY": lambda modality: message("modality", {"modality": modality}),
        "LABEL": label_word,
    }
