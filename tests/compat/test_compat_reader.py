"""The reader that the other tests trust, against values that are known to be Spark's."""
import pytest
import state_reader

KNOWN = [   # seed 42
    ("boolean", True, -559580957), ("integer", 1, -559580957), ("boolean", False, 933211791), ("long", 1, -1712319331),
    ("long", -1, -939490007), ("long", None, 42), ("double", -0.0, -1670924195), ("double", 1.5, 1290763749),
    ("float", 1.5, -221251528), ("string", "", 142593372), ("string", "a", 1485273170), ("string", "ab", -97053317),
    ("string", "abc", 1322437556), ("string", "abcd", -396302900), ("string", "abcde", 814637928),
    ("string", "é", 2119106806), ("binary", b"\x01\x02", 1964783052), ("date", 19723, -456589419),
    ("timestamp", 1704067200000000, 1545358984), ("decimal(5,2)", 125, 1910520950), ("decimal(20,2)", 125, -1153375511),
    ("decimal(20,2)", -125, -342901333), ("decimal(38,0)", 0, -783713497),
]


@pytest.mark.parametrize("kind, value, hashed", KNOWN)
def test_murmur3(kind, value, hashed):
    assert state_reader.murmur3([value], [{"type": kind}]) == hashed


def test_empty_delta():
    stream = bytes.fromhex("4c5a34426c6f636b150400000004000000db804d08ffffffff" "4c5a34426c6f636b15" + "00" * 12)
    assert list(state_reader.records(state_reader.unpack_blocks(stream))) == []


def test_a_flipped_bit_is_noticed():
    stream = bytearray.fromhex("4c5a34426c6f636b150400000004000000db804d08ffffffff" "4c5a34426c6f636b15" + "00" * 12)
    stream[22] ^= 1
    with pytest.raises(AssertionError, match="checksum"):
        state_reader.unpack_blocks(bytes(stream))
