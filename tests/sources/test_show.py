import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.show import LONG, plain, show


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a%20b/%E5%8C%BB?page=2#top", "https://example.org/a b/医?page=2"),
        ("https://me:word@example.org:8443/x", "https://example.org:8443/x"),
        ("https://x.org/?token=abc&page=2", "https://x.org/?token=***&page=2"),
        (
            "https://x.org/?X-Amz-Signature=ab&api_key=c&T=1",
            "https://x.org/?X-Amz-Signature=***&api_key=***&T=***",
        ),
        ("https://x.org/?q=" + "a1" * 20, "https://x.org/?q=***"),
        ("https://x.org/a%0D%0Ab%1b[0m", "https://x.org/a  b [0m"),
        ("git@example.org:me/posts.git", "git@example.org:me/posts.git"),
        ("", ""),
    ],
)
def test_address_is_shown_without_what_is_secret(url, shown):
    assert show(url) == shown


@given(st.text())
def test_anything_is_shown_on_one_short_line(text):
    for shown in (show(text), show(f"https://me:sesame-word@example.org/{text}"), plain(text)):
        assert len(shown) <= LONG
        assert shown.isprintable()
        assert "sesame-word" not in shown
