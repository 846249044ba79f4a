"""The venue in a comment, and no venue where none is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.venue import venue


@pytest.mark.parametrize(
    ("comment", "name"),
    [
        ("Accepted to CVPR 2024 (Highlight). Project page: https://x.github.io", "CVPR 2024 (Highlight)"),
        ("ECCV'24", "ECCV 2024"),
        (
            "ECCV'24 Workshop on Small Things. Code: https://github.com/a/b",
            "ECCV 2024 Workshop on Small Things",
        ),
        ("published in IEEE Transactions on Image Processing", "IEEE Transactions on Image Processing"),
        ("To appear in SIGGRAPH Asia 2024", "SIGGRAPH Asia 2024"),
        ("12 pages, 3 figures, accepted by ACM MM 2024, oral", "ACM MM 2024 (Oral)"),
        ("Published as a conference paper at ICLR 2024", "ICLR 2024"),
        ("Accepted as an oral at ICCV 2023", "ICCV 2023 (Oral)"),
        ("Accepted as poster to Asian Conference on Computer Vision (ACCV 2024)", "ACCV 2024 (Poster)"),
        ("MICCAI2024", "MICCAI 2024"),
        ("WACV 2025 accepted", "WACV 2025"),
        ("Camera ready for CVPR 2023", "CVPR 2023"),
        ("Accepted by IJCAI-2024", "IJCAI 2024"),
        ("Accepted by AAAI-24", "AAAI 2024"),
        ("CVPR 24", "CVPR 2024"),
        ("SIGGRAPH '24, Denver", "SIGGRAPH 2024"),
        ("IEEE Conference on Computer Vision and Pattern Recognition (CVPR), 2024", "CVPR 2024"),
        ("Medical Image Computing and Computer Assisted Intervention, MICCAI 2024", "MICCAI 2024"),
        ("Accepted at FOOCONF 2031", "FOOCONF 2031"),
        ("17 pages, 2 figures, JMLR MLOSS", "JMLR MLOSS"),
        ("CVPR 2024, code: https://github.com/a/b", "CVPR 2024"),
        ("CVPR 2024. Highlight", "CVPR 2024 (Highlight)"),
        (
            "IEEE Robotics and Automation Letters (RA-L), 2024",
            "IEEE Robotics and Automation Letters (RA-L) 2024",
        ),
        ("Accepted to ECCV 2024, extended version under review", "ECCV 2024"),
        ("Computer Graphics Forum (Jan 2024): https://doi.org/10.1/2", "Computer Graphics Forum (Jan 2024)"),
    ],
)
def test_venue_is_named_as_readers_say_it(comment, name):
    assert venue(comment) == name


@pytest.mark.parametrize(
    "comment",
    [
        None,
        "",
        "10 pages, 5 figures",
        "Submitted to CVPR 2024",
        "8 pages, submitted to IROS2024",
        "under review at ICLR",
        "This work has been submitted to the IEEE for possible publication",
        "Extended version of our ICCV 2021 paper",
        "Code will be released once accepted by CVPR 2025",
        "Data will be made available after the paper is accepted",
        "Prepared for IEEE FOO 2024 conference",
        "Technical report of the CVPR'23 workshop challenge",
        "Winner of the CVPR 2024 challenge",
        "arXiv admin note: text overlap with arXiv:2403.10805",
        "Accepted",
        "accepted by a journal",
        "Updated May 2024",
        "v2: fixed typos in Section 3, December 2024",
        "GPT-4 2024 version",
        "Project page: https://cvpr2024.github.io/",
        "First two authors contributed equally",
    ],
)
def test_comment_without_a_venue_gives_none(comment):
    assert venue(comment) is None


@given(st.text("acceptdCVPR'2024 (),.;:-–ATto in", max_size=120))
def test_anything_gives_a_short_name_or_none(comment):
    name = venue(comment)
    assert name is None or (0 < len(name) <= 150 and "\n" not in name)


@pytest.mark.parametrize(
    "piece", ["accepted as an oral ", "a ", "CVPR 2024 ", "in A A (", "A-", "submitted ", "("]
)
def test_hostile_comment_takes_linear_time(piece):
    start = time.thread_time()
    venue(piece * 100_000)
    assert time.thread_time() - start < 1
