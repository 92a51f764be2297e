"""The .triad file: reopens with equal bits, or not at all."""

import hashlib
import io
import json
import math
import struct
import tracemalloc
import zipfile
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from mm_core import Evidence, InvalidInput
from mm_core.evidence.file import MAX_FILE_BYTES, SUFFIX


@pytest.fixture(scope="module")
def content(evidence):
    return evidence.to_bytes()


@pytest.fixture(scope="module")
def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def equal(first, second):
    if is_dataclass(first):
        return type(first) is type(second) and all(
            equal(getattr(first, f.name), getattr(second, f.name)) for f in fields(first)
        )
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()
    if isinstance(first, dict):
        return list(first) == list(second) and all(equal(first[k], second[k]) for k in first)
    if isinstance(first, tuple):
        return type(second) is tuple and len(first) == len(second) and all(map(equal, first, second))
    if isinstance(first, float) and math.isnan(first):
        return math.isnan(second)
    return type(first) is type(second) and first == second


def packed(parts, change=None, compress=zipfile.ZIP_DEFLATED, before_digest=lambda body: body):
    """A file made by a forger who knows the format: any members, and the right digest."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compress) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress)
        archive.comment = b"sha256:" + b"0" * 64
    body = before_digest(buffer.getvalue()[:-64])
    return body + hashlib.sha256(body).hexdigest().encode()


def refused(content):
    with pytest.raises(InvalidInput) as caught:
        Evidence.from_bytes(content)
    assert (
        "Get the .triad file again" in str(caught.value)
        or "at most" in str(caught.value)
        or ("version" in str(caught.value))
    )
    assert caught.value.__cause__ is None


def test_a_file_reopens_with_equal_bits(evidence, tmp_path):
    path = evidence.save(tmp_path / "case")
    assert path.suffix == SUFFIX
    assert equal(Evidence.load(path), evidence)
    bare = evidence.without_inputs()
    assert equal(Evidence.load(bare.save(tmp_path / "bare.triad")), bare)
    assert (tmp_path / "bare.triad").stat().st_size < path.stat().st_size


def test_the_same_record_gives_the_same_bytes(evidence, content):
    assert evidence.to_bytes() == content
    assert Evidence.from_bytes(content).to_bytes() == content


def test_what_is_not_testable_comes_back_as_such(evidence):
    nan = float("nan")
    empty = replace(
        evidence.faithfulness[0], testable=False, steps=np.zeros(0, np.int32), deletion=np.zeros(0),
        insertion=np.zeros(0), random_deletion=np.zeros((0, 0)), random_insertion=np.zeros((0, 0)), deletion_auc=nan,
        insertion_auc=nan, deletion_p=nan, insertion_p=nan, comprehensiveness=nan, sufficiency=nan,
    )  # fmt: skip
    given = replace(evidence, faithfulness=(empty,))
    assert equal(Evidence.from_bytes(given.to_bytes()), given)


def test_it_is_a_zip_that_other_programs_read(parts):
    assert set(parts) == {"evidence.json", "arrays.safetensors"}
    document = json.loads(parts["evidence.json"])
    assert (document["format"], document["version"]) == ("triad-evidence", 2)
    assert len(load_safetensors(parts["arrays.safetensors"])) > 10


def test_text_survives_whatever_it_holds(evidence):
    words = (
        "<img onerror=alert(1)>",
        "\u202eright to left",
        "a\x00b",
        "😀",
        "\ud800".encode("utf-8", "replace").decode(),
    )
    units = replace(evidence.units["text"], labels=words)
    given = replace(evidence, units={**evidence.units, "text": units})
    assert Evidence.from_bytes(given.to_bytes()).units["text"].labels == words


def mutated(content, kind, random):
    """A copy with one change; ``kind`` 0 to 4."""
    copy = bytearray(content)
    place = int(random.integers(len(copy)))
    if kind == 0:  # another byte
        copy[place] ^= int(random.integers(1, 256))
    elif kind == 1:  # truncated
        del copy[place:]
    elif kind == 2:  # a hole
        del copy[place : place + int(random.integers(1, 100))]
    elif kind == 3:  # something put in
        copy[place:place] = random.bytes(int(random.integers(1, 100)))
    else:  # a part from elsewhere in the file
        size = int(random.integers(1, 200))
        source = int(random.integers(len(copy) - size))
        copy[place : place + size] = content[source : source + size][: len(copy) - place]
    return bytes(copy)


def sealed(copy):
    """With the digest made anew, so that it is the parser that must refuse."""
    body = copy[:-64]
    return body + hashlib.sha256(body).hexdigest().encode()


def opens(content):
    """The record, or None where it is refused; anything but InvalidInput escapes and fails the test."""
    try:
        return Evidence.from_bytes(content)
    except InvalidInput:
        return None


def test_mutated_copies_never_open(content):
    """The digest finds every change, whatever the parser would make of it."""
    random = np.random.default_rng(0)
    for trial in range(500):
        copy = mutated(content, trial % 5, random)
        if copy != content:
            refused(copy)


def test_mutated_copies_with_a_new_digest_are_refused_or_the_same(content, evidence):
    """What the digest can't find, since it was made after the change: the zip's own checks must."""
    random = np.random.default_rng(0)
    tracemalloc.start()
    for trial in range(2_500):
        opened = opens(sealed(mutated(content, trial % 5, random)))
        assert opened is None or equal(opened, evidence), "a change may touch what nobody reads, such as a date"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(content) + 5 * 2**20


@pytest.mark.parametrize("name", ["evidence.json", "arrays.safetensors"])
def test_mutated_members_with_new_checksums_are_refused_or_whole(parts, name):
    """A forger makes every checksum anew. Few changes leave a record that holds together, and then it is a whole one:
    it can be written and read again."""
    random = np.random.default_rng(1)
    header = struct.unpack_from("<Q", parts["arrays.safetensors"])[0] + 8
    opened = 0
    for _ in range(2_500):
        member = bytearray(parts[name])
        limit = len(member) if name.endswith("json") else header  # numbers themselves may be any
        for _ in range(int(random.integers(1, 4))):
            member[int(random.integers(limit))] = int(random.integers(256))
        record = opens(packed({**parts, name: bytes(member)}, compress=zipfile.ZIP_STORED))
        if record is not None:
            opened += 1
            assert equal(Evidence.from_bytes(record.to_bytes()), record)
    assert opened < 125, "at most one in twenty"


STRANGE = (
    None, True, -1, 0, 2, 10**400, -(10**400), 1e308, float("1e999"), "", "joy", "\ud800", [], {}, [[]],
    {"array": "a0"}, {"array": "nowhere"}, [None] * 3, {"text": None}, [["text", "image"], None],
)  # fmt: skip


def test_strange_values_anywhere_are_refused_or_whole(parts):
    """Every node of the record's JSON gives way to every strange value, checksums made anew."""
    document = json.loads(parts["evidence.json"])
    places = list(nodes(document["evidence"]))
    random = np.random.default_rng(2)
    opened = 0
    chosen = random.permutation(len(places) * len(STRANGE))[:2_500]
    for number in chosen:
        holder, key = places[int(number) // len(STRANGE)]
        before, holder[key] = holder[key], STRANGE[int(number) % len(STRANGE)]
        text = json.dumps(document).replace("Infinity", "1e999").encode()
        holder[key] = before
        record = opens(packed({**parts, "evidence.json": text}, compress=zipfile.ZIP_STORED))
        if record is not None:
            opened += 1
            assert equal(Evidence.from_bytes(record.to_bytes()), record)
    assert opened < len(chosen) // 5


def nodes(node):
    """Every value inside, as the list or mapping that holds it and its key."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], (dict, list)):
            yield from nodes(node[key])


def test_every_byte_of_a_file_counts(content):
    for place in [*range(64), *range(len(content) - 400, len(content))]:  # headers, directory, end record, digest
        with pytest.raises(InvalidInput):
            Evidence.from_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])


def test_forged_files_are_refused(parts):
    record, arrays = parts["evidence.json"], parts["arrays.safetensors"]
    good = packed(parts)
    assert Evidence.from_bytes(good)  # so that what follows fails for its own reason
    refused(b"")
    refused(b"PK")
    refused(record)
    refused(packed({"evidence.json": record}))
    refused(packed({**parts, "more.json": b"{}"}))
    refused(packed({"arrays.safetensors": arrays, "evidence.json": record}))
    refused(packed({"../evidence.json": record, "arrays.safetensors": arrays}))
    refused(packed({"/etc/passwd": record, "arrays.safetensors": arrays}))
    refused(packed({**parts, "evidence.json": b"\x80\x04\x95."}))  # a pickle
    refused(packed({**parts, "arrays.safetensors": b"\x80\x04\x95."}))
    refused(packed({**parts, "arrays.safetensors": b"PK\x03\x04"}))
    refused(packed(parts, compress=zipfile.ZIP_BZIP2))
    refused(packed(parts, compress=zipfile.ZIP_LZMA))
    refused(good[:-64] + b"0" * 64)
    refused(good[: len(good) // 2])
    refused(b"x" + good)
    refused(good + b"x")


@pytest.mark.parametrize(
    "record",
    [
        b"[]",
        b"null",
        b'{"format": "triad-evidence", "version": 1}',
        b'{"format": "other", "version": 1, "evidence": {}}',
        b'{"format": "triad-evidence", "version": 3, "evidence": {}}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"\xff\xfe",
        b'{"format": "triad-evidence", "version": 1, "evidence": NaN}',
    ],
)
def test_other_json_is_refused(parts, record):
    refused(packed({**parts, "evidence.json": record}))


def test_records_of_wrong_types_are_refused(parts):
    def changed(change):
        document = json.loads(parts["evidence.json"])
        change(document["evidence"])
        return packed({**parts, "evidence.json": json.dumps(document).encode()})

    for change in (
        lambda e: e.update(label=5),
        lambda e: e.update(extra=1),
        lambda e: e.pop("task"),
        lambda e: e.update(digests=[]),
        lambda e: e.update(attention={}),
        lambda e: e["attention"].append(["text"]),
        lambda e: e["attention"][0].__setitem__(1, {"array": "nowhere"}),
        lambda e: e["attention"][0].__setitem__(1, e["units"]["text"]["spans"]),
        lambda e: e["units"]["text"].update(extent=[1, 2, 3]),
        lambda e: e["units"]["text"].update(modality="smell"),
        lambda e: e["units"]["image"].update(grid=[1, 1]),
        lambda e: e["prediction"]["emotion"].update(sure=1),
        lambda e: e["prediction"].update(present=["text"]),
        lambda e: e["timings"].update(encode="fast"),
        lambda e: e["coalitions"]["logits"].pop("emotion"),
        lambda e: e["prediction"]["emotion"]["probabilities"].update(joy=None),
        lambda e: e["prediction"]["emotion"].update(label="hunger"),
        lambda e: e["prediction"]["agreement"].update({"text+smell": 0.5}),
        lambda e: e["prediction"].update(milliseconds=None),
        lambda e: e["timings"].update(encode=-1.0),
        lambda e: e["timings"].update(encode=10**400),
        lambda e: e["units"]["text"].update(extent=[None]),
        lambda e: e["units"]["text"].update(extent=[1e13]),
        lambda e: e["units"]["image"].update(grid=[-1, -len(e["units"]["image"]["labels"])]),
        lambda e: e["coalitions"]["unsure_below"].update(emotion=None),
        lambda e: e["inputs"].update(waveform_start=None),
        lambda e: e["inputs"].update(spectrogram_hop=None),
        lambda e: e["faithfulness"][0].update(deletion_auc=None),
        lambda e: e["faithfulness"][0].update(deletion_p=1.5),
        lambda e: e["faithfulness"][0].update(testable=False),
    ):
        refused(changed(change))


def test_a_file_of_version_1_reopens(parts, evidence):
    """It lacks the fields that came later, all of which have defaults."""
    document = json.loads(parts["evidence.json"])
    document["version"] = 1
    document["evidence"]["prediction"].pop("referenced")
    for name in ("reference", "reference_start", "reference_seconds"):
        document["evidence"]["inputs"].pop(name)
    old = packed({**parts, "evidence.json": json.dumps(document).encode()})
    assert equal(Evidence.from_bytes(old), evidence)


def test_arrays_that_are_not_numbers_are_refused(parts):
    arrays = {name: array.copy() for name, array in load_safetensors(parts["arrays.safetensors"]).items()}
    name = next(n for n, a in arrays.items() if a.dtype == np.float32 and a.size)
    arrays[name].flat[0] = np.nan
    refused(packed({**parts, "arrays.safetensors": save_safetensors(arrays)}))


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (lambda e: e["coalitions"]["temperatures"]["emotion"], 5e-324),
        (lambda e: e["coalitions"]["temperatures"]["emotion"], 0.0),
        (lambda e: e["coalitions"]["logits"]["emotion"], 3e38),
        (lambda e: e["coalitions"]["agreement"], -0.5),
        (lambda e: e["relevance"][0]["values"], -3e38),
        (lambda e: e["attention"][0][1], 2.0),
        (lambda e: e["faithfulness"][0]["deletion"], 1.5),
        (lambda e: e["faithfulness"][0]["random_insertion"], -1.0),
        (lambda e: e["faithfulness"][0]["steps"], -1),
        (lambda e: e["inputs"]["waveform"], 1e20),
    ],
)
def test_numbers_that_a_figure_could_not_draw_are_refused(parts, of, value):
    arrays = {name: array.copy() for name, array in load_safetensors(parts["arrays.safetensors"]).items()}
    arrays[of(json.loads(parts["evidence.json"])["evidence"])["array"]].flat[0] = value
    refused(packed({**parts, "arrays.safetensors": save_safetensors(arrays)}))


def test_a_key_that_stands_twice_is_refused(parts):
    twice = parts["evidence.json"].replace(b'"task":', b'"task": "emotion", "task":', 1)
    refused(packed({**parts, "evidence.json": twice}))


def test_a_zip_bomb_is_refused_in_bounded_memory(parts):
    bomb = packed({**parts, "evidence.json": b" " * (200 * 2**20)})
    assert len(bomb) < 2**20
    lying = bytearray(bomb[:-64])
    place = lying.index(struct.pack("<L", 200 * 2**20))  # a size in the header that hides the bomb
    lying[place : place + 4] = struct.pack("<L", 1000)
    directory = lying.rindex(struct.pack("<L", 200 * 2**20))
    lying[directory : directory + 4] = struct.pack("<L", 1000)
    liar = bytes(lying) + hashlib.sha256(lying).hexdigest().encode()
    tracemalloc.start()
    refused(bomb)
    refused(liar)
    refused(b"\x00" * (MAX_FILE_BYTES + 1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80 * 2**20


def test_a_huge_directory_is_refused_before_it_is_read(parts):
    names = {f"{index}": b"" for index in range(3_000)}
    files = packed(names), packed(names, before_digest=_claiming_two)
    tracemalloc.start()
    for content in files:
        refused(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**18  # three thousand directory entries would take more than a megabyte


def _claiming_two(body):
    """The end record says two members, where there are thousands."""
    end = body.rindex(b"PK\x05\x06")
    return body[: end + 8] + struct.pack("<HH", 2, 2) + body[end + 12 :]


def test_a_missing_file_is_named_without_its_path(tmp_path):
    for path in (tmp_path / "nothing.triad", tmp_path):
        with pytest.raises(InvalidInput) as caught:
            Evidence.load(path)
        assert str(tmp_path) not in str(caught.value)


def test_a_record_too_large_to_reopen_is_not_written(evidence):
    pixels = np.random.default_rng(0).integers(0, 256, (4000, 6000, 3), np.uint8)
    given = replace(evidence, inputs=replace(evidence.inputs, pixels=pixels))
    with pytest.raises(InvalidInput, match="too large"):
        given.to_bytes()
