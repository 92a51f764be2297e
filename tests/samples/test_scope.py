"""What is out of scope is said: no face, silence, no voice, not English, no known word, code."""

import numpy as np
import pytest

from mm_core.samples import Box, Clip, Notice, Picture
from mm_core.samples.scope import check_clip, check_picture, check_text

from .sounds import chord, clicks, hum, noise, tone
from .test_language import CODE


def code_of(notice: Notice | None) -> str | None:
    return None if notice is None else notice.code


@pytest.mark.parametrize(
    "text",
    [
        "I am so happy!",
        "What?",
        "Noooo!!",
        "lol ok",
        "ugh, whatever",
        "I can't believe you did this to me.",
        "WTF is wrong with you",
        "Dejected.",
        "My friend Wojciech moved to Szczecin and I miss him",
        "He always says 'c'est la vie' when things go wrong.",
        "I love you 😍😍😍",
        "omg thats hilarious 😂",
        "[NAME] you are a legend",
        "I am happy שלום",
        "I really love Москва",
    ],
)
def test_english_is_in_scope(text: str):
    assert check_text(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "会えてとても嬉しいです",
        "만나서 정말 반가워요",
        "Я очень рад тебя видеть",
        "أنا سعيد جدا برؤيتك",
        "אני כל כך שמח לראות אותך",
        "मैं तुमसे मिलकर बहुत खुश हूँ",
        "ดีใจมากที่ได้เจอคุณ",
        "Estoy muy feliz de verte hoy",
        "Je suis très contente de te voir",
        "C'est la vie, mon ami",
        "Ich bin so glücklich, dich zu sehen",
        "Das kann ich nicht glauben",
        "Jeg er så glad for at se dig",
        "Ik kan het niet geloven",
        "Saya sangat senang melihatmu",
        "今日はとても嬉しい",
        "오늘 정말 행복해요",
    ],
)
def test_other_languages_are_not(text: str):
    assert code_of(check_text(text)) == "other-language"


CHINESE = ["我今天非常开心", "谢谢", "我今天非常开心 ok", "今天好 happy 啊", "開心死了！😂", "看 https://a.example"]


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_is_read(text: str):
    assert check_text(text) is None


@pytest.mark.parametrize(
    "text", ["asdf qwrt", "hjkl", "xkcd zxcv bnmq", "!!!", "?", "12345", "😂😂😂", "👍 ❤️", "https://a.example"]
)
def test_no_known_word(text: str):
    notice = check_text(text)
    assert code_of(notice) == "no-known-word"
    assert notice.modality == "text"


def test_emoji_get_words_of_their_own():
    assert "emoji" in check_text("🎉🎉").message


@pytest.mark.parametrize("text", CODE)
def test_code(text: str):
    assert code_of(check_text(text)) == "code"


@pytest.mark.parametrize(
    ("sound", "code"),
    [
        (np.zeros(16_000), "silence"),
        (np.zeros(1), "silence"),
        (np.full(16_000, 0.3), "silence"),
        (noise(2, level=3e-4), "silence"),
        (tone(3), "no-voice"),
        (tone(3, 100), "no-voice"),
        (chord(3), "no-voice"),
        (hum(3), "no-voice"),
        (clicks(3), "no-voice"),
        (noise(3), "no-voice"),
        (noise(3, slope=1), "no-voice"),
        (noise(3, slope=2), "no-voice"),
    ],
)
def test_sounds_without_a_voice(sound: np.ndarray, code: str):
    notice = check_clip(Clip(sound.astype(np.float32)))
    assert code_of(notice) == code
    assert notice.modality == "audio"


def test_voices_are_in_scope_also_in_noise_and_when_quiet(voice_files: list[bytes]):
    from mm_core.samples.audio import read_clip

    for content in voice_files:
        voice = read_clip(content)[0].waveform
        assert check_clip(Clip(voice)) is None
        level = np.sqrt(np.square(voice).mean())
        assert (
            check_clip(Clip((voice + noise(len(voice) / 16_000, level=level)[: len(voice)]).astype(np.float32)))
            is None
        )


def test_a_picture_needs_a_face():
    pixels = np.zeros((4, 4, 3), np.uint8)
    assert check_picture(Picture(pixels, Box(0, 0, 2, 2))) is None
    assert check_picture(Picture(pixels)) == Notice("image", "no-face", "No face was found in the picture.")
