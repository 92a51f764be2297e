"""Hostile and odd files, each made in memory in a few lines."""

from __future__ import annotations

import io
import struct
import wave
import zlib

import numpy as np
import soundfile
from PIL import Image

from tests.serving import uploads

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
HTML = b"<!doctype html><script>alert(1)</script>"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"
PLAYLIST = b"#EXTM3U\nhttp://169.254.169.254/latest/meta-data\nfile:///etc/passwd\n"


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG with its checksum."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_that_declares(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header declares that size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return (
        signature
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(b"\0" * 99))
        + png_chunk(b"IEND", b"")
    )


def png_text_bomb() -> bytes:
    """A small PNG with compressed text chunks that unpack to a gigabyte."""
    packed = zlib.compress(b"a" * 16 * 1024**2)
    chunks = b"".join(png_chunk(b"zTXt", b"t%d\0\0" % number + packed) for number in range(64))
    plain = saved(Image.new("RGB", (8, 8)), "PNG")
    end_of_header = 8 + 25
    return plain[:end_of_header] + chunks + plain[end_of_header:]


def tiff() -> bytes:
    """A good TIFF, which is not on the list of allowed formats."""
    return saved(Image.new("RGB", (9, 9)), "TIFF")


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """An image as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def odd_pictures() -> dict[str, bytes]:
    """Pictures that are unusual and good."""
    noise = Image.open(io.BytesIO(uploads.png()))
    turned = Image.Exif()
    turned[0x0112] = 6
    turned.get_ifd(0x8825)[1] = "N"  # GPS
    deep = np.random.default_rng(0).integers(0, 65536, (40, 30)).astype(np.uint16)
    return {
        "1x1": saved(Image.new("RGB", (1, 1)), "PNG"),
        "1x10000": saved(Image.new("RGB", (1, 10_000)), "PNG"),
        "cmyk": saved(noise.convert("CMYK"), "JPEG"),
        "16-bit": saved(Image.fromarray(deep), "PNG"),
        "alpha": saved(noise.convert("RGBA"), "PNG"),
        "animated": saved(noise, "WEBP", save_all=True, append_images=[noise.rotate(90)]),
        "turned": saved(noise, "JPEG", exif=turned),
    }


def wav(samples: np.ndarray, rate: int = 16_000) -> bytes:
    """A WAV of float32 samples (T,) or (T, C)."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


def wav_header_of(seconds: int) -> bytes:
    """A WAV of a hundred bytes whose header declares that many seconds."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(b"\0" * 64)
    size = seconds * 32_000
    content = bytearray(file.getvalue())
    content[4:8] = struct.pack("<I", min(size + 36, 2**32 - 1))
    content[40:44] = struct.pack("<I", min(size, 2**32 - 40))
    return bytes(content)


def odd_sounds() -> dict[str, bytes]:
    """Sounds that must be refused, or answered with finite probabilities."""
    tone = np.sin(np.arange(16_000) / 20).astype(np.float32)
    return {
        "zero samples": wav(np.zeros(0, np.float32)),
        "header only": uploads.wav()[:44],
        "nan": wav(np.full(16_000, np.nan, np.float32)),
        "silence": wav(np.zeros(16_000, np.float32)),
        "8 channels": wav(np.stack([tone] * 8, 1)),
        "192 kHz": wav(np.tile(tone, 12), 192_000),
        "huge values": wav(np.full(16_000, 1e38, np.float32)),
    }


def ten_hours() -> bytes:
    """Ten hours of silence as a FLAC of half a megabyte."""
    file = io.BytesIO()
    rate, hours = 4_000, 10
    with soundfile.SoundFile(file, "w", rate, 1, "PCM_16", format="FLAC", compression_level=0.0) as sound:
        block = np.zeros(rate * 3600, np.int16)
        for _ in range(hours):
            sound.write(block)
    return file.getvalue()


def jpeg_of_many_scans(scans: int, side: int = 4096) -> bytes:
    """A progressive JPEG whose last scan is repeated: each is a pass of the decoder over the whole picture."""
    content = saved(Image.new("L", (side, side), 128), "JPEG", progressive=True, quality=5)
    last = content[content.rindex(b"\xff\xda") : -2]
    return content[:-2] + last * scans + content[-2:]


def jpeg_of_many_segments(segments: int, size: int = 8) -> bytes:
    """A small JPEG with that many EXIF segments of that many bytes each; Pillow joins them one by one."""
    content = saved(Image.new("RGB", (64, 64), (9, 9, 9)), "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", size) + b"Exif\0\0" + bytes(size - 8)
    return content[:2] + segment * segments + content[2:]


def webp_of_huge_frames(side: int, frames: int) -> bytes:
    """A WebP of a few hundred bytes whose canvas is that large, with that many frames."""
    first = saved(Image.new("RGB", (16, 16), (1, 2, 3)), "WEBP", lossless=True)[12:]
    size = struct.pack("<I", side - 1)[:3]
    frame = bytes(6) + struct.pack("<I", 15)[:3] * 2 + struct.pack("<I", 100)[:3] + b"\0" + first
    chunks = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + size + size + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    chunks += (b"ANMF" + struct.pack("<I", len(frame)) + frame) * frames
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks
