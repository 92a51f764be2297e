"""Bad input at the Python API: rejected in plain words or read safely, and the next good request succeeds."""

import io
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from PIL import ExifTags, Image

from mm_core.samples import InvalidInput, Sample, limits
from mm_core.samples.audio import read_clip
from mm_core.samples.image import read_picture
from tests.samples.pictures import encoded as encoded_picture
from tests.samples.pictures import png, png_chunk, random_image
from tests.samples.sounds import RATE, encoded, noise, tone


@pytest.fixture(autouse=True)
def next_good_request_succeeds():
    """After each fault, a plain request still works."""
    yield
    assert Sample.read("I am happy").present == ("text",)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch):
    """Opening any socket fails the test."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def refusal(**given: object) -> str:
    """Read what must be rejected; return the message, which names no path and no other library."""
    with pytest.raises(InvalidInput) as caught:
        Sample.read(**given)
    message = str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert not any(word in message for word in ("/", "\\", "Error", "PIL", "soundfile", "0x", "Traceback"))
    assert message.count(".") >= 1
    return message


# 2: text


@pytest.mark.parametrize("text", ["", "   \n\t", "\x00\x00", "\ud800", "\u200a\u3000"])
def test_text_without_content_is_refused_where_it_is_all(text: str):
    assert "Nothing was given" in refusal(text=text)


@pytest.mark.parametrize(
    "text", ["I am\x00 happy", "I am happy \udfff", "\u202eI am happy", "I am happy \u05e9\u05dc\u05d5\u05dd"]
)
def test_odd_characters_do_no_harm(text: str):
    sample = Sample.read(text)
    assert sample.present == ("text",)
    sample.text.encode("utf-8")
    assert sample.digests()["text"]


def test_a_megabyte_of_text_is_bounded_quickly_and_the_cut_is_visible():
    before = time.thread_time()
    sample = Sample.read("I am so happy today. " * 50_000)
    assert time.thread_time() - before < 2.0
    assert len(sample.text) <= limits.MAX_TEXT_CHARACTERS
    assert [notice.code for notice in sample.notices] == ["cut"]


def test_combining_marks_without_end_are_bounded_quickly():
    before = time.thread_time()
    sample = Sample.read("e" + "\u0301\u0323" * 500_000)
    assert time.thread_time() - before < 2.0
    assert len(sample.text) <= limits.MAX_TEXT_CHARACTERS


# 4: declared size


@pytest.mark.filterwarnings("ignore:Image size")
@pytest.mark.parametrize("size", [(20_000, 20_000), (100_000, 1_000), (2**31 - 1, 2**31 - 1)])
def test_a_tiny_file_that_declares_a_huge_picture_is_refused_from_its_header(size: tuple[int, int]):
    before = psutil.Process().memory_info().rss
    refusal(image=png(*size))
    assert psutil.Process().memory_info().rss - before < 100e6


@pytest.mark.parametrize("container", ["JPEG", "WEBP"])
def test_huge_sizes_in_other_headers_are_refused(container: str):
    content = bytearray(encoded_picture(Image.new("RGB", (16, 16)), container, lossless=True))
    if container == "JPEG":
        frame = content.index(b"\xff\xc0")
        content[frame + 5 : frame + 9] = struct.pack(">HH", 20_000, 20_000)
    else:  # VP8L: a signature byte, then 14 bits of width - 1 and 14 bits of height - 1
        start = content.index(b"VP8L") + 9
        content[start : start + 4] = struct.pack("<I", 16_383 | 16_383 << 14)
    before = psutil.Process().memory_info().rss
    refusal(image=bytes(content))
    assert psutil.Process().memory_info().rss - before < 100e6


def test_a_file_over_the_size_limit_is_refused_before_it_is_looked_at(tmp_path: Path):
    file = tmp_path / "large.wav"
    with file.open("wb") as stream:
        stream.truncate(limits.MAX_FILE_BYTES + 1)
    assert "20 MB" in refusal(audio=file)
    assert "20 MB" in refusal(image=file)


# 5: other formats


@pytest.mark.parametrize(
    "content",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        encoded_picture(random_image(), "TIFF"),
        encoded_picture(random_image(), "GIF"),
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"<html><img src=x onerror=alert(1)></html>",
        b"#EXTM3U\nfile.png",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x10\0\0\0WEBP",
        b"\xff\xd8\xff",
        b"P6 20000 20000 255\n",
        bytes(1000),
    ],
)
def test_the_content_of_a_picture_decides_not_its_name(tmp_path: Path, content: bytes):
    named = tmp_path / "face.png"
    named.write_bytes(content)
    for given in (named, str(named), content):
        assert "JPEG, PNG and WebP" in refusal(image=given)


# 6: damaged pictures


@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP"])
def test_truncated_pictures_are_refused(container: str):
    content = encoded_picture(random_image(200, 200), container)
    for share in (0.02, 0.3, 0.6, 0.95):
        refusal(image=content[: int(len(content) * share)])


def test_a_text_chunk_bomb_is_refused_or_read_without_its_text():
    import zlib

    bomb = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000)))
    before = psutil.Process().memory_info().rss
    refusal(image=png(4, 4, bomb))
    refusal(image=png(4, 4, bomb * 20))
    assert psutil.Process().memory_info().rss - before < 100e6


@pytest.mark.filterwarnings("ignore")
def test_random_damage_gives_pictures_or_plain_refusals():
    random = np.random.default_rng(0)
    files = [encoded_picture(random_image(), container) for container in ("JPEG", "PNG", "WEBP")]
    for turn in range(150):
        content = bytearray(files[turn % 3])
        for _ in range(random.integers(1, 6)):
            content[random.integers(len(content))] = random.integers(256)
        with suppress(InvalidInput):
            assert read_picture(bytes(content)).dtype == np.uint8


# 7: unusual pictures


def unusual_pictures() -> dict[str, bytes]:
    """Valid pictures of unusual kinds, each as a file."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    frames = [random_image(60, 40, seed) for seed in range(3)]
    return {
        "1 x 1": encoded_picture(random_image(1, 1)),
        "1 x 10,000": encoded_picture(random_image(1, 10_000)),
        "CMYK": encoded_picture(random_image(60, 40).convert("CMYK"), "JPEG"),
        "16 bit": encoded_picture(Image.fromarray(np.full((40, 60), 30_000, np.uint16))),
        "alpha": encoded_picture(random_image(60, 40).convert("RGBA")),
        "animated": encoded_picture(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True),
        "rotated with GPS": encoded_picture(random_image(60, 40), "JPEG", exif=exif),
    }


@pytest.mark.parametrize("kind", unusual_pictures())
def test_unusual_pictures_are_read_upright_in_rgb(kind: str):
    sample = Sample.read(image=unusual_pictures()[kind], force=("image",))
    pixels = sample.image.pixels
    assert sample.present == ("image",)
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3
    if kind == "rotated with GPS":
        assert pixels.shape[:2] == (60, 40)
    if kind == "animated":
        np.testing.assert_array_equal(pixels, np.asarray(random_image(60, 40, 0)))
    again = Image.open(io.BytesIO(encoded_picture(Image.fromarray(pixels), "JPEG")))
    assert not again.getexif()


# 8: unusual sounds


def test_sounds_without_samples_are_refused():
    for content in (encoded(np.zeros(0)), encoded(tone(1))[:44], encoded(tone(1))[:20], encoded(np.zeros((0, 2)))):
        refusal(audio=content)


def test_values_that_are_no_numbers_are_refused():
    broken = tone(1)
    broken[5] = np.nan
    assert "not numbers" in refusal(audio=encoded(broken, subtype="FLOAT"))


def test_silence_is_read_and_said():
    sample = Sample.read(audio=encoded(np.zeros(RATE)))
    assert [notice.code for notice in sample.notices] == ["silence"]
    assert np.isfinite(sample.audio.waveform).all()


@pytest.mark.parametrize(("rate", "channels"), [(192_000, 1), (16_000, 8), (192_000, 8), (8_000, 2)])
def test_many_channels_and_high_rates_are_read(voice_files: list[bytes], rate: int, channels: int):
    import soxr

    voice, given_rate = soundfile.read(io.BytesIO(voice_files[0]))
    samples = np.repeat(soxr.resample(voice, given_rate, rate)[:, None], channels, axis=1)
    sample = Sample.read(audio=encoded(samples, rate))
    assert sample.present == ("audio",)
    assert np.abs(sample.audio.waveform).max() <= 1.0
    assert sample.audio.given_seconds == pytest.approx(len(voice) / given_rate, abs=0.01)


@pytest.mark.parametrize(
    ("container", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")]
)
def test_random_damage_gives_sounds_or_plain_refusals(container: str, subtype: str):
    random = np.random.default_rng(0)
    good = encoded(noise(0.5), container=container, subtype=subtype)
    for _ in range(40):
        content = bytearray(good)
        for _ in range(random.integers(1, 6)):
            content[random.integers(len(content))] = random.integers(256)
        with suppress(InvalidInput):
            assert np.isfinite(read_clip(bytes(content))[0].waveform).all()


# 9: long sounds


@pytest.mark.parametrize(("container", "subtype", "minutes"), [("FLAC", "PCM_16", 60), ("OGG", "VORBIS", 10)])
def test_hyper_compressed_sound_is_decoded_only_up_to_the_limit(container: str, subtype: str, minutes: int):
    rate = 8_000
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", rate, 1, subtype, format=container) as file:
        file.write(noise(60.0)[: 60 * rate])
        for _ in range(minutes - 1):
            file.write(np.zeros(60 * rate, np.float32))
    before, started = psutil.Process().memory_info().rss, time.thread_time()
    clip, notices = read_clip(buffer.getvalue())
    assert time.thread_time() - started < limits.MAX_DECODING_SECONDS
    assert psutil.Process().memory_info().rss - before < 100e6
    assert clip.given_seconds == pytest.approx(60 * minutes, abs=1)
    assert clip.seconds == limits.MAX_AUDIO_SECONDS
    assert [notice.code for notice in notices] == ["cut"]


def test_ten_hours_that_a_header_declares_are_not_waited_for():
    content = bytearray(encoded(noise(70.0), container="FLAC"))
    # STREAMINFO holds the number of samples in 36 bits, the last of them in bytes 22 to 25 of the file.
    content[22:26] = struct.pack(">I", 36_000 * RATE)
    clip, notices = read_clip(bytes(content))
    assert clip.given_seconds == 36_000
    assert clip.seconds == limits.MAX_AUDIO_SECONDS
    assert [notice.code for notice in notices] == ["cut"]


def test_a_header_that_declares_too_much_gives_what_is_there():
    content = bytearray(encoded(noise(1.0)))
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    sample = Sample.read(audio=bytes(content), force=("audio",))
    assert sample.audio.seconds == pytest.approx(1.0, abs=0.05)


# 10: names that are no sounds


@pytest.mark.usefixtures("no_network")
def test_a_playlist_is_no_sound_and_opens_nothing(tmp_path: Path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(encoded(tone(1)))
    playlist = tmp_path / "song.mp3"
    for content in (f"#EXTM3U\n{secret}\n", "http://127.0.0.1:9/a.mp3\n", f"[playlist]\nFile1={secret}\n"):
        playlist.write_text(content)
        assert "WAV, FLAC, OGG and MP3" in refusal(audio=playlist)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "name",
    [
        "-",
        "-i",
        "--version",
        "http://169.254.169.254/latest/meta-data",
        "https://a.example/a.wav",
        "ftp://a/b",
        "file:///etc/hosts",
        "|id",
    ],
)
def test_names_of_other_things_are_only_missing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.chdir(tmp_path)
    for modality in ("image", "audio"):
        with pytest.raises(InvalidInput, match="no readable") as caught:
            Sample.read(**{modality: name})
        assert name not in str(caught.value).replace("is on this", "") or name == "-"


def test_files_on_this_machine_that_are_no_media_are_refused():
    for name in ("/etc/passwd", "/proc/self/environ", "/dev/zero", "/"):
        refusal(image=name)
        refusal(audio=name)
