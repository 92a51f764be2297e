"""Tiny fakes of each public data set, laid out as people download them."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import soundfile

from tests.toys import toy_clip

RATE = 22_050


def square(level: int, seed: int = 0) -> np.ndarray:
    """A 48 x 48 grey picture around a level, never blank."""
    return np.random.default_rng(seed).integers(level, level + 40, (48, 48)).astype(np.uint8)


def fer2013(folder: Path) -> Path:
    """Three good rows, then a bad emotion, a bad Usage, too few pixels and a blank picture."""
    good = [" ".join(map(str, square(10 * n, n).ravel())) for n in range(4)]
    lines = ["emotion,pixels,Usage"]
    lines += [f"0,{good[0]},Training", f"3,{good[1]},PublicTest", f"6,{good[2]},PrivateTest"]
    lines += [f"7,{good[3]},Training", f"1,{good[3]},Sometimes", "1,12 13,Training", f"1,{'9 ' * 2304},Training"]
    (folder / "fer2013.csv").write_text("\n".join(lines))
    return folder


def muxspace(folder: Path) -> Path:
    """Two good pictures of one person, a copy, one of contempt, an unknown emotion, a missing file."""
    (folder / "images").mkdir()
    (folder / "data").mkdir()
    for number in (1, 2, 3):
        cv2.imwrite(str(folder / "images" / f"Ann_Lee_000{number}.jpg"), square(30 * min(number, 2), min(number, 2)))
    lines = [
        "user.id,image,emotion",
        "628,Ann_Lee_0001.jpg,HAPPINESS",
        "628,Ann_Lee_0002.jpg,anger",
        "628,Ann_Lee_0003.jpg,anger",
        "628,Ann_Lee_0001.jpg,contempt",
        "628,Ann_Lee_0002.jpg,hunger",
        "628,../secret.jpg,anger",
        "628,gone.jpg,anger",
    ]
    (folder / "data" / "legend.csv").write_text("\n".join(lines))
    return folder


def sound(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, toy_clip(seed, 0.7).waveform, RATE, subtype="PCM_16")


def ravdess(folder: Path) -> Path:
    sound(folder / "Actor_01" / "03-01-03-01-01-01-01.wav", 1)  # happy, kids
    sound(folder / "Actor_24" / "03-01-02-01-02-02-24.wav", 2)  # calm, dogs
    sound(folder / "Actor_24" / "03-02-02-01-02-02-24.wav", 3)  # sung
    sound(folder / "Actor_24" / "notes.wav", 4)
    (folder / "Actor_24" / "03-01-08-01-02-02-24.wav").write_bytes(b"RIFF, but no sound")
    return folder


def emodb(folder: Path) -> Path:
    sound(folder / "wav" / "03a01Fa.wav", 1)  # Freude
    sound(folder / "wav" / "16b10Lb.wav", 2)  # Langeweile
    sound(folder / "wav" / "03a03Fa.wav", 3)  # there is no sentence a03
    return folder


def goemotions(folder: Path) -> Path:
    data = folder / "data"
    data.mkdir()
    names = ["admiration", "anger", "annoyance", "confusion", "neutral"]
    (data / "emotions.txt").write_text("\n".join(names))
    ekman = {"joy": ["admiration"], "anger": ["anger", "annoyance"], "surprise": ["confusion"]}
    signs = {"positive": ["admiration"], "negative": ["anger", "annoyance"], "ambiguous": ["confusion"]}
    (data / "ekman_mapping.json").write_text(json.dumps(ekman))
    (data / "sentiment_mapping.json").write_text(json.dumps(signs))
    train = ['A "quoted start\t0\tid1', "Both\t1,2,0\tid2", "Odd\t3\tid3", "Plain\t4\tid4", "Far\t9\tid5", "Short"]
    (data / "train.tsv").write_text("\n".join(train))
    (data / "dev.tsv").write_text("Angry and puzzled\t1,3\tid6\n")
    return folder


def meld(folder: Path) -> Path:
    header = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID"
    good = '1,"Oh, that\x92s nice",Joey,joy,positive,0,0'
    bad = "2,Hm,Joey,boredom,neutral,0,1\n3,,Joey,joy,positive,0,2\n4,Hm,Joey,joy,great,0,3"
    (folder / "train_sent_emo.csv").write_text(f"{header}\n{good}\n{bad}\n")
    (folder / "dev_sent_emo.csv").write_text(f"{header}\n1,What?,Ross,surprise,negative,0,0\n")
    return folder
