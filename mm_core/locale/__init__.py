"""Every sentence that people see, from one catalogue a language.

``say("answer", label="joy", ...)`` gives the message of that name in the language in use. Catalogues are Project
Fluent files (projectfluent.org): a message is a whole sentence with named placeholders, and its variants (CLDR plural
forms, modality, verdict) stand in the catalogue, so no code joins pieces of sentences. Numbers, percents, lists and
dates are formatted by Babel.

A new language is a file beside ``en.ftl`` and a line of ``LANGUAGES``. Labels, codes and column names of data stay as
they are in every language.
"""

from mm_core.locale.catalogues import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    Language,
    catalogue,
    current_language,
    say,
    use_language,
)
from mm_core.locale.words import (
    decimal,
    label_word,
    listed,
    modality_word,
    percent,
    points,
    task_kind,
    the_modalities,
    the_modality,
)

__all__ = [
    "LANGUAGES",
    "SOURCE_LANGUAGE",
    "Language",
    "catalogue",
    "current_language",
    "decimal",
    "label_word",
    "listed",
    "modality_word",
    "percent",
    "points",
    "say",
    "task_kind",
    "the_modalities",
    "the_modality",
    "use_language",
]
