"""Reads the state files of a checkpoint without any engine, and checks what Spark relies on but never verifies.

A delta is an LZ4 block stream (lz4-java's framing) around records of big-endian length, key, length, value, both
UnsafeRows. check() decodes every delta of every operator and partition and asserts that
  - block checksums are right and the stream is whole,
  - rows have the width and the zero padding that their schema asks for,
  - each key lies in the partition pmod(murmur3(key, 42), partitions),
  - each partition has a delta for each batch,
and returns the maps as they are at the newest version. Written for tests: clear before fast.
"""
import json
import os
import struct

import pyarrow as pa

U32 = (1 << 32) - 1
U64 = (1 << 64) - 1


def rotate(x, by):
    x &= U32
    return (x << by | x >> (32 - by)) & U32


# ---- the block stream ---------------------------------------------------------------------------

MAGIC = b"LZ4Block"
HEAD = struct.Struct("<8sBIII")
CHECKSUM_SEED = 0x9747B28C


def xxhash32(data, seed):
    prime = (2654435761, 2246822519, 3266489917, 668265263, 374761393)
    lanes = [(seed + prime[0] + prime[1]) & U32, (seed + prime[1]) & U32, seed, (seed - prime[0]) & U32]
    whole = len(data) // 16 * 16
    for at in range(0, whole, 16):
        for k, word in enumerate(struct.unpack_from("<4I", data, at)):
            lanes[k] = rotate(lanes[k] + word * prime[1], 13) * prime[0] & U32
    if whole:
        acc = sum(rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18)))
    else:
        acc = seed + prime[4]
    acc = (acc + len(data)) & U32
    words = len(data) // 4 * 4
    for at in range(whole, words, 4):
        acc = rotate(acc + struct.unpack_from("<I", data, at)[0] * prime[2], 17) * prime[3] & U32
    for byte in data[words:]:
        acc = rotate(acc + byte * prime[4], 11) * prime[0] & U32
    acc = (acc ^ acc >> 15) * prime[1] & U32
    acc = (acc ^ acc >> 13) * prime[2] & U32
    return acc ^ acc >> 16


def unpack_blocks(stream):
    """Content of an LZ4 block stream, which must have its end block and nothing after it."""
    content, at, ended = bytearray(), 0, False
    while at < len(stream):
        assert not ended, "bytes after the end block"
        magic, token, packed_n, n, checksum = HEAD.unpack_from(stream, at)
        at += HEAD.size
        assert magic == MAGIC, magic
        method, limit = token & 0xF0, 1 << 10 + (token & 0x0F)
        assert n <= limit and method in (0x10, 0x20)
        if n == 0:
            assert packed_n == 0 and checksum == 0
            ended = True
            continue
        packed = stream[at:at + packed_n]
        at += packed_n
        assert len(packed) == packed_n, "a block is cut short"
        block = packed if method == 0x10 else pa.decompress(packed, n, codec="lz4_raw", asbytes=True)
        assert len(block) == n and xxhash32(block, CHECKSUM_SEED) & 0x0FFFFFFF == checksum, "wrong checksum"
        content += block
    assert ended, "no end block"
    return bytes(content)


def records(content):
    """Yields (key, value), value None for a removal; the closing -1 must be there."""
    at = 0

    def size():
        nonlocal at
        at += 4
        return struct.unpack_from(">i", content, at - 4)[0]

    while (n := size()) != -1:
        key = content[at:at + n]
        at += n
        n = size()
        yield key, None if n == -1 else content[at:at + n]
        at += max(n, 0)
    assert at == len(content), "bytes after the closing -1"


# ---- UnsafeRow ----------------------------------------------------------------------------------

NARROW = {"boolean": 1, "byte": 1, "short": 2, "integer": 4, "date": 4, "float": 4, "long": 8, "timestamp": 8,
          "timestamp_ntz": 8, "double": 8}


def precision(kind):
    return int(kind[8:].split(",")[0]) if isinstance(kind, str) and kind.startswith("decimal(") else 0


def width(kind):
    """Bytes of a fixed-width type, 0 for the others."""
    if precision(kind):
        return 8 if precision(kind) <= 18 else 0
    return NARROW.get(kind, 0) if isinstance(kind, str) else 0


def fixed(kind, raw):
    if kind in ("float", "double"):
        return struct.unpack("<f" if kind == "float" else "<d", raw)[0]
    value = int.from_bytes(raw, "little", signed=True)
    return bool(value) if kind == "boolean" else value


def variable(kind, body):
    if precision(kind):
        return int.from_bytes(body, "big", signed=True)
    if kind == "string":
        return body.decode()
    if kind == "binary":
        return bytes(body)
    if kind["type"] == "struct":
        return row(body, kind["fields"])
    assert kind["type"] == "array", kind
    return array(body, kind["elementType"])


def slot(data, at, kind):
    """The value whose 8-byte word is at `at`; references count from the start of data."""
    n = width(kind)
    if n:
        assert not any(data[at + n:at + 8]), "rubbish above a narrow value"
        return fixed(kind, data[at:at + n])
    size, offset = struct.unpack_from("<II", data, at)
    end = offset + (16 if precision(kind) else (size + 7) // 8 * 8)
    assert offset % 8 == 0 and end <= len(data), "a value outside its row"
    assert not any(data[offset + size:end]), "padding that is not zero"
    return variable(kind, data[offset:offset + size])


def row(data, fields):
    """Values of a row; fields as in a StructType's JSON."""
    bitset = (len(fields) + 63) // 64 * 8
    assert len(data) % 8 == 0 and len(data) >= bitset + 8 * len(fields)
    out = []
    for k, f in enumerate(fields):
        at = bitset + 8 * k
        if data[k // 8] >> k % 8 & 1:
            assert precision(f["type"]) > 18 or not any(data[at:at + 8]), "a null whose word is not zero"
            out.append(None)
        else:
            out.append(slot(data, at, f["type"]))
    return out


def array(data, kind):
    n = struct.unpack_from("<q", data)[0]
    head = 8 + (n + 63) // 64 * 8
    w = width(kind) or 8
    null = [data[8 + k // 8] >> k % 8 & 1 for k in range(n)]
    if width(kind):
        return [None if null[k] else fixed(kind, data[head + w * k:head + w * k + w]) for k in range(n)]
    out = []
    for k in range(n):
        size, offset = struct.unpack_from("<II", data, head + 8 * k)
        out.append(None if null[k] else variable(kind, data[offset:offset + size]))
    return out


# ---- Spark's Murmur3 ----------------------------------------------------------------------------

def mix(h, k):
    k = rotate(k * 0xCC9E2D51, 15) * 0x1B873593
    return (rotate(h ^ k & U32, 13) * 5 + 0xE6546B64) & U32


def finish(h, n):
    h ^= n
    h = (h ^ h >> 16) * 0x85EBCA6B & U32
    h = (h ^ h >> 13) * 0xC2B2AE35 & U32
    return h ^ h >> 16


def hash_words(words, h):
    for word in words:
        h = mix(h, word)
    return finish(h, 4 * len(words))


def hash_bytes(data, h):
    """Unlike the published Murmur3, each byte of the tail is a word of its own, with its sign."""
    whole = len(data) // 4 * 4
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        h = mix(h, word)
    for byte in struct.unpack(f"{len(data) - whole}b", data[whole:]):
        h = mix(h, byte & U32)
    return finish(h, len(data))


def hash_value(value, kind, h):
    if value is None:
        return h
    if kind == "string":
        return hash_bytes(value.encode(), h)
    if kind == "binary":
        return hash_bytes(value, h)
    if precision(kind) > 18:
        bits = (value if value >= 0 else ~value).bit_length() + 1
        return hash_bytes(value.to_bytes((bits + 7) // 8, "big", signed=True), h)
    if isinstance(kind, dict):
        for v, f in zip(value, kind["fields"]):
            h = hash_value(v, f["type"], h)
        return h
    if kind == "double":
        value = struct.unpack("<q", struct.pack("<d", value))[0] if value else 0
    elif kind == "float":
        value = struct.unpack("<i", struct.pack("<f", value))[0] if value else 0
    if width(kind) == 8:
        return hash_words([value & U32, (value & U64) >> 32], h)
    return hash_words([int(value) & U32], h)


def murmur3(values, fields, seed=42):
    h = seed
    for value, f in zip(values, fields):
        h = hash_value(value, f["type"], h)
    return h - (1 << 32) if h >> 31 else h


# ---- folders ------------------------------------------------------------------------------------

def schema(path):
    """Key and value fields of a state schema file, version 2."""
    with open(path, "rb") as f:
        data = f.read()
    at = 0

    def text():
        nonlocal at
        n = int.from_bytes(data[at:at + 2], "big")
        at += 2 + n
        return data[at - n:at].decode()

    def chunks():
        nonlocal at
        n = int.from_bytes(data[at:at + 4], "big")
        at += 4
        return json.loads("".join(text() for _ in range(n)))["fields"]

    assert text() == "v2"
    key, value = chunks(), chunks()
    assert at == len(data)
    return key, value


def log_entry(folder, number):
    """Lines after the version line of entry `number` of a log."""
    with open(os.path.join(folder, str(number)), encoding="utf-8") as f:
        head, *lines = f.read().split("\n")
    assert head == "v1", head
    return lines


def numbers(folder, suffix=""):
    names = (f.removesuffix(suffix) for f in os.listdir(folder) if f.endswith(suffix))
    return sorted(int(n) for n in names if n.isdigit())


def read_map(folder, version):
    """The map at a version: the newest snapshot up to it, then the deltas after that."""
    base = max((v for v in numbers(folder, ".snapshot") if v <= version), default=0)
    files = ([f"{base}.snapshot"] if base else []) + [f"{v}.delta" for v in range(base + 1, version + 1)]
    live = {}
    for name in files:
        with open(os.path.join(folder, name), "rb") as f:
            for key, value in records(unpack_blocks(f.read())):
                if value is None:
                    assert name.endswith(".delta") and key in live, "a removal of what is not there"
                    del live[key]
                else:
                    live[key] = value
    return live


def changed(checkpoint, version, op=0):
    """Keys of all partitions that the delta of a version names."""
    folder = os.path.join(checkpoint, "state", str(op))
    key_fields, _ = schema(os.path.join(folder, "0", "_metadata", "schema"))
    out = []
    for p in numbers(folder):
        with open(os.path.join(folder, str(p), f"{version}.delta"), "rb") as f:
            out += [tuple(row(k, key_fields)) for k, _ in records(unpack_blocks(f.read()))]
    return out


def check(checkpoint, op=0, name="stateStoreSave"):
    """[(key values, buffer values)] of an operator at the newest committed version, after checking all of it."""
    commits = numbers(os.path.join(checkpoint, "commits"))
    offsets = numbers(os.path.join(checkpoint, "offsets"))
    assert offsets == list(range(offsets[0], offsets[-1] + 1)) and commits == offsets[:len(commits)]
    conf = json.loads(log_entry(os.path.join(checkpoint, "offsets"), offsets[-1])[0])["conf"]
    partitions = int(conf["spark.sql.shuffle.partitions"])
    folder = os.path.join(checkpoint, "state", str(op))
    info = json.loads(log_entry(os.path.join(folder, "_metadata"), "metadata")[0])
    assert info["operatorInfo"] == {"operatorId": op, "operatorName": name}
    assert info["stateStoreInfo"] == [{"storeName": "default", "numColsPrefixKey": 0, "numPartitions": partitions}]
    key_fields, value_fields = schema(os.path.join(folder, "0", "_metadata", "schema"))
    assert all(f["nullable"] for f in key_fields + value_fields)
    one = not key_fields or name == "globalLimit"
    assert numbers(folder) == ([0] if one else list(range(partitions)))
    out = []
    for p in numbers(folder):
        where = os.path.join(folder, str(p))
        versions = numbers(where, ".delta")
        assert versions == list(range(1, commits[-1] + 2)), f"partition {p} has the deltas {versions}"
        for key, value in read_map(where, commits[-1] + 1).items():
            values = row(key, key_fields)
            assert one or murmur3(values, key_fields) % partitions == p, f"{values} in partition {p}"
            out.append((tuple(values), tuple(row(value, value_fields))))
    return out
