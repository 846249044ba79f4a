"""Which figures are shown."""

import pytest

from bot.formatter.figures import shown

HASH = "0123456789abcdef0123456789abcdef"


def test_same_image_on_another_host_is_shown_once() -> None:
    figures = (
        f"https://picx.zhimg.com/v2-{HASH}.jpg",
        f"https://pic1.zhimg.com/v2-{HASH}.jpg",
        f"http://pica.zhimg.com/80/v2-{HASH}_720w.png?source=1",
        "https://pica.zhimg.com/v2-ffffffffffffffffffffffffffffffff.jpg",
    )
    assert shown(figures) == (figures[0], figures[3])


def test_images_without_a_hash_are_told_apart_by_address() -> None:
    figures = ("https://x.org/a/figure1.png", "https://x.org/b/figure1.png", "https://x.org/a/figure1.png")
    assert shown(figures) == figures[:2]


@pytest.mark.parametrize(
    "figure",
    [
        "./crop_figure/a.jpg",
        "",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "ftp://x.org/a.png",
        "https://",
        "https://localhost/a.png",
        "https://x.org/a b.png",
        'https://x.org/"onload=',
        "https://user:secret@x.org/a.png",
        "https://x.org/" + "a" * 5000,
    ],
)
def test_what_is_not_on_the_web_is_not_shown(figure: str) -> None:
    assert shown((figure,)) == ()
