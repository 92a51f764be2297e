"""Every limit on what a person may give. Each constant carries its unit."""

from __future__ import annotations

from typing import Final

MAX_TEXT_CHARACTERS: Final = 5_000
"""Longer texts are cut here; about ten times what the text encoder reads."""

MAX_FILE_BYTES: Final = 20 * 1024 * 1024
"""Picture and sound files larger than this are rejected before anything is decoded."""

MAX_PICTURE_PIXELS: Final = 50_000_000
"""Width x height declared in a picture's header: 50 megapixels, what the largest phone cameras give."""

MAX_PICTURE_EDGE: Final = 20_000
"""Pixels of a declared side: rows cost memory of their own, so a thin picture is dearer than its pixels."""

MAX_WEBP_PIXELS: Final = 25_000_000
"""Of one WebP canvas, whose decoder holds it several times over: 25 megapixels take about 400 MB."""

MAX_JPEG_SCANS: Final = 100
"""Scans of one JPEG: a progressive one has about ten; each is a pass over the whole picture."""

MAX_JPEG_SEGMENTS: Final = 1_000
"""Segments of one JPEG; 20 MB of colour profile and thumbnails are about 300."""

MAX_PICTURE_SIDE: Final = 1024
"""Pixels of the longest side of the picture that is kept; larger ones are reduced."""

SAMPLE_RATE: Final = 16_000
"""Hz of every waveform after reading."""

MIN_AUDIO_SECONDS: Final = 0.05
"""Shorter sounds are rejected: not even one vowel fits."""

MAX_AUDIO_SECONDS: Final = 30.0
"""Seconds kept after the silence at the ends has been trimmed; the rest is cut and said so."""

MAX_DECODED_SECONDS: Final = 60.0
"""Seconds decoded at most, however long the file says it is."""

MAX_DECODING_SECONDS: Final = 5.0
"""Seconds of processor time that decoding one file may take (a busy machine is nobody's fault)."""

MAX_DECODING_BYTES: Final = 768 * 1024**2
"""Memory that decoding one file may take in a decoder process; the dearest pictures that are read take 500 MB."""

MIN_AUDIO_RATE: Final = 4_000
MAX_AUDIO_RATE: Final = 384_000
"""Hz: the sampling rates that are accepted."""

MAX_AUDIO_CHANNELS: Final = 32
"""Channels of a sound file at most; all are mixed down to one."""

MAX_FILM_BYTES: Final = 200 * 1024**2
"""Films larger than this are rejected before anything is decoded."""

MAX_FILM_SECONDS: Final = 600.0
"""Ten minutes: of a film that says it is longer nothing is read; of one that lies the rest is left out."""

MAX_FILM_PIXELS: Final = 1920 * 1080
"""Width x height of a film's picture, either way up: 1080p."""

MAX_FILM_RATE: Final = 125.0
"""Pictures a second that a film may declare: slow motion of phones is 120."""

MAX_FILM_TRACKS: Final = 32
"""Tracks of one film; a feature film with all its languages has about twenty."""

FILM_PICTURE_SIDE: Final = 640
"""Pixels of the longest side of a film's pictures that are kept; a face of a tenth of it is still judged well."""

FILM_PICTURES_A_SECOND: Final = 4
"""Pictures of a film that are looked at for faces: eight a window of 2 s."""

FILM_PROCESSOR_SECONDS: Final = 600.0
"""Seconds of processor time that decoding one film may take: 1080p takes a fifth of that on one slow core."""

MAX_SUBTITLE_BYTES: Final = 2 * 1024**2
"""Of one file of subtitles; those of a feature film are under 200 KB."""
