import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.trouble import Refused
from bot.sources.unpack import STEP, Gunzip, unpack


def fed(data, sizes=(1 << 16,)):
    """What comes out of data that comes in pieces of these sizes, in turn."""
    gunzip, out, turn = Gunzip(), [], 0
    while data:
        size = sizes[turn % len(sizes)]
        out += gunzip.feed(data[:size])
        data, turn = data[size:], turn + 1
    gunzip.finish()
    return out


@given(
    st.lists(st.binary(max_size=500), min_size=1, max_size=5),
    st.lists(st.integers(1, 300), min_size=1),
    st.integers(0, 600),
)
def test_members_and_filling_come_out_whole_however_they_are_cut(parts, sizes, zeros):
    packed = b"".join(map(gzip.compress, parts)) + bytes(zeros)
    assert b"".join(fed(packed, sizes)) == b"".join(parts)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_what_breaks_off_is_told(content, data):
    packed = gzip.compress(content)
    with pytest.raises(Refused, match="broke off"):
        fed(packed[: data.draw(st.integers(1, len(packed) - 1))])


@given(st.binary(min_size=20, max_size=200))
def test_what_is_not_gzip_is_told_or_breaks_off(data):
    with pytest.raises(Refused):
        fed(b"<html>" + data)


def test_damage_is_told():
    packed = bytearray(gzip.compress(b"a page of some length" * 9))
    packed[-6] ^= 1  # in the checksum
    with pytest.raises(Refused, match="damaged"):
        fed(bytes(packed))


def test_what_follows_must_be_gzip_too():
    with pytest.raises(Refused, match="not, or is damaged"):
        fed(gzip.compress(b"page") + b"and more")


def test_little_can_become_much_only_step_by_step():
    packed = gzip.compress(bytes(20 * STEP))
    assert len(packed) < 1 << 16
    assert max(map(len, fed(packed))) <= STEP


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x" * 500])
def test_other_packing_is_refused(encoding):
    with pytest.raises(Refused, match="only gzip was asked for"):
        unpack(encoding)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP "])
def test_gzip_is_known_by_its_names(encoding):
    assert b"".join(unpack(encoding).feed(gzip.compress(b"page"))) == b"page"


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_what_is_not_packed_passes(encoding):
    data = zlib.compress(b"page")
    assert list(unpack(encoding).feed(data)) == [data]
