"""Known words, the language identifier and the rule for code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mm_core.samples.language import (
    english_candidate,
    is_code,
    known_share,
    language_of,
    language_probabilities,
    words_of,
)

CODE = [
    "def f(x):\n    return x + 1",
    "for (int i = 0; i < n; i++) { sum += a[i]; }",
    "import numpy as np\nprint(np.zeros(3))",
    '<div class="box"><p>Hello</p></div>',
    "SELECT name, age FROM users WHERE age > 30;",
    "function add(a, b) { return a + b; }",
    '#include <stdio.h>\nint main() { printf("hi"); return 0; }',
    '{"name": "Anna", "age": 3, "tags": ["a", "b"]}',
    "const x = await fetch(url).then(r => r.json());",
    'git commit -m "fix" && git push origin main',
    "sudo apt-get install -y python3",
    "x = [i**2 for i in range(10)]",
    "while True:\n    try:\n        run()\n    except ValueError as e:\n        print(e)",
    "margin: 0 auto; color: #fff; display: flex;",
]
PROSE = [
    "I love this so much!!!",
    "He said (and I quote): no way; I was furious.",
    "If you ask me: never. For now, I'm fine.",
    "while I was away, she cried... :( <3",
    "[NAME] is great; [NAME] is not ;)",
    "Happy = me. Sad = you.",
    "Import duties class: what a mess, return it",
    "from my heart I thank you & your family",
    "git gud",
    "",
]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t stop, it's GREAT!", ["don't", "stop", "it's", "great"]),
        ("see https://a.example/path?x=1 or www.b.example now", ["see", "or", "now"]),
        ("3 apples_and 4 😀", ["apples", "and"]),
        ("naïve Москва 你好", ["naïve", "москва", "你好"]),
        ("?! 42 -", []),
    ],
)
def test_words(text: str, words: list[str]):
    assert words_of(text) == words


@pytest.mark.parametrize("word", ["happy", "noooooo", "sooo", "dog's", "lol", "despondent", "i", "yesss"])
def test_words_of_chat_and_book_are_known(word: str):
    assert known_share([word]) == 1.0


@pytest.mark.parametrize("word", ["qwrt", "asdfgh", "glücklich", "спасибо", "谢谢", "x", "zzzz"])
def test_other_words_are_not(word: str):
    assert known_share([word]) == 0.0


@pytest.mark.parametrize(
    ("words", "judged"),
    [
        (["i", "love", "москва"], ["i", "love", "москва"]),
        (["i", "really", "love", "москва"], ["i", "really", "love"]),
        (["ok", "谢谢谢谢"], ["ok", "谢谢谢谢"]),
        (["naïve"], ["naïve"]),
        ([], []),
    ],
)
def test_few_letters_of_another_script_are_left_aside(words: list[str], judged: list[str]):
    assert english_candidate(words) == judged


def test_the_share_counts_words():
    assert known_share(["happy", "qwrt", "sad", "asdfgh"]) == 0.5
    assert known_share([]) == 0.0


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I never thought that I would see this day"),
        ("de", "Das kann ich nicht glauben"),
        ("zh", "我今天非常开心"),
    ],
)
def test_languages(language: str, text: str):
    probabilities = language_probabilities(text)
    assert max(probabilities, key=probabilities.__getitem__) == language
    assert sum(probabilities.values()) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("text", CODE)
def test_code_is_code(text: str):
    assert is_code(text)


@pytest.mark.parametrize("text", PROSE)
def test_prose_is_not(text: str):
    assert not is_code(text)


@given(st.text(st.sampled_from("{}()=;<>ab :\n\\/\"'-&|"), max_size=300))
def test_any_signs_get_an_answer(text: str):
    assert is_code(text) in (True, False)


def test_a_long_line_of_signs_is_judged_quickly():
    import time

    before = time.thread_time()
    for text in (
        "a.b(" * 1_250,
        "<a " * 1_666,
        "x " * 2_500,
        "int " * 1_250,
        "if " * 1_666,
        '"a" ' * 1_250,
        "a-" * 2_500,
    ):
        is_code(text)
    assert time.thread_time() - before < 3.0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我很开心", "zh"),
        ("今天好開心 so happy", "zh"),
        ("I said 好 and left the room at once", "en"),
        ("今日はとても嬉しい", "en"),
        ("谢谢 https://example.example/a-long-address", "zh"),
        ("12345", "en"),
    ],
)
def test_chinese_is_told_by_its_characters(text: str, language: str):
    assert language_of(text) == language
