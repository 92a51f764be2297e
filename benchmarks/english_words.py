"""Write mm_core/samples/english_words.txt: the words by which a text is known to be English.

    python benchmarks/english_words.py --data ../shared/data

Two sources, so that both chat and rarer words are there: words in at least 3 training rows of text.parquet, and words
that pyspellchecker's English list (from film and television subtitles) counts at least 200 times.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import pandas as pd
from spellchecker import SpellChecker

from mm_core.samples.language import WORD_LIST, words_of

MIN_TRAINING_ROWS = 3
MIN_SUBTITLE_COUNT = 200
SINGLE_LETTERS = "aikoruy"  # words, or written for words ("how r u")
HEADER = (
    "# Words by which a text is known to be English; written by benchmarks/english_words.py.",
    f"# In {MIN_TRAINING_ROWS} or more training rows of GoEmotions (CC BY 4.0) and MELD, or counted"
    f" {MIN_SUBTITLE_COUNT} times or more in",
    "# pyspellchecker's English list (MIT; from OpenSubtitles).",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with text.parquet")
    table = pd.read_parquet(parser.parse_args().data / "text.parquet", columns=["text", "split"])
    rows: Counter[str] = Counter()
    for text in table.text[table.split == "train"]:
        rows.update(set(words_of(text)))
    spoken = SpellChecker("en").word_frequency.dictionary
    known = {word for word, count in rows.items() if count >= MIN_TRAINING_ROWS}
    known |= {word for word, count in spoken.items() if count >= MIN_SUBTITLE_COUNT}
    kept = sorted(word for word in known if word.isascii() and (len(word) > 1 or word in SINGLE_LETTERS))
    WORD_LIST.write_text("\n".join((*HEADER, *kept)) + "\n", encoding="ascii")
    print(f"{len(kept):,} words written to {WORD_LIST.name}")


if __name__ == "__main__":
    main()
