"""Sample posts of this project's own prose, built part by part so that each trap is one argument."""

from bot.digest import read
from bot.model import Entry, Format, NotDigest, Post, RawPost

FRONT = """
---
title: NeRF
date: 2024-10-27 13:48:00
author: Someone
categories: Paper
tags:
    - NeRF
description: News of a field  with two blanks
keywords: NeRF
toc:
---

>⚠️ 以下内容由模型生成，仅供参考
>🔴 请勿用于正式场合
>💗 欢迎支持 [Project](https://example.org/project)

# 2024-10-27 更新


"""

FIGURES = """<details>
  <summary>点此查看论文截图</summary>
<img src="https://pic1.zhimg.com/v2-0a0a.jpg" align="middle">
<img src="./crop_0_page_1.jpg" align="middle">
</details>




"""

NOTE = """1. Title: 一个示例笔记

2. Authors: 某人

6. Summary:

    - (1) 背景：这里说的是别的论文 [链接](http://arxiv.org/abs/1706.03762)
"""


def paper(
    number: int = 1,
    title: str = "",
    authors: str = "**Authors:Ada Lovelace, Alan Turing**\n",
    abstract: str = "We show that small samples are enough. ",
    link: str = "",
    summary: str = "**Summary**\n小样本就够用。\n",
    takeaways: str = "**Key Takeaways**\n1. 第一点。\n2. 第二点。\n",
    anchor: str = "**[ChatPaperFree](https://example.org/space)**\n",
    note: str = NOTE,
    figures: str = FIGURES,
) -> str:
    """A paper's stretch of a post; each argument replaces one of its parts."""
    title = title or f"## Sample Paper {number}:   A Study of Blanks"
    link = link or f"[PDF](http://arxiv.org/abs/2410.{number:05}v1) 9 pages\n"
    return "\n".join(
        part for part in (title, "", authors, abstract, "", link, summary, takeaways, anchor, note, figures)
    )


def markdown(*papers: str, front: str = FRONT) -> bytes:
    """A post of those papers."""
    return (front + "".join(papers)).encode()


def outcome(
    data: bytes | str, address: str = "Paper/2024-10-27/NeRF.md", form: Format | None = None
) -> Post | NotDigest:
    """What reading those bytes gives."""
    data = data if isinstance(data, bytes) else data.encode()
    return read(RawPost(address=address, data=data, format=form))


def post(data: bytes | str, address: str = "Paper/2024-10-27/NeRF.md", form: Format | None = None) -> Post:
    """The post that reading gives, which must be one."""
    found = outcome(data, address, form)
    assert isinstance(found, Post), found
    return found


def entry(**parts: str) -> Entry:
    """The one entry of a post with one paper of those parts."""
    (found,) = post(markdown(paper(**parts))).entries
    return found


def reasons(found: Post) -> list[str]:
    """What a post says was not understood."""
    return [problem.reason for problem in found.problems]
