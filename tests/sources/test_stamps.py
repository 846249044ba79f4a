from hypothesis import given
from hypothesis import strategies as st

from bot.sources.http import Stamp
from bot.sources.stamps import Fingerprint, digest, parse

TEXT = st.text(max_size=30)


@given(
    st.builds(
        Fingerprint,
        stamp=st.builds(Stamp, etag=TEXT, modified=TEXT),
        digest=TEXT,
        asked=st.integers(min_value=0, max_value=10**11),
        day=TEXT,
        url=TEXT,
        after=TEXT,
        waiting=st.dictionaries(TEXT, TEXT, max_size=3),
    )
)
def test_fingerprint_is_what_it_was_written_as(fingerprint):
    assert parse(fingerprint.write()) == fingerprint


@given(st.text() | st.sampled_from(["[]", "3", "null", '{"t":"x"}', '{"w":[1]}', '{"e":{}}', '{"t":1e400}']))
def test_what_was_written_by_something_else_says_nothing(text):
    assert isinstance(parse(text), Fingerprint)


def test_fingerprint_of_a_post_is_short():
    stamp = Stamp(etag='"6754a1b2-1f2e3"', modified="Sat, 07 Dec 2024 06:28:51 GMT")
    assert len(Fingerprint(stamp=stamp, digest=digest("x"), asked=1_733_745_600).write()) < 120
