"""What a blog of digests holds: posts of papers, and the Markdown files that they are written in."""

import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.digest import builders


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper as a post shows it."""

    arxiv_id: str
    title: str
    authors: str = "Ada Lovelace, Alan Turing"
    abstract: str = "We show that small samples are enough."
    version: int = 1
    comment: str = "9 pages"
    summary: str = "小样本就够用。"
    takeaways: tuple[str, ...] = ("第一点。", "第二点。")
    figure: str = "https://pic1.example.org/v2-0a0a.jpg"

    @property
    def link(self) -> str:
        return f"http://arxiv.org/abs/{self.arxiv_id}v{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A digest: the papers on a topic in the folder of a day."""

    date: str  # of its folder
    tag: str
    papers: tuple[Paper, ...] = ()
    time: str = "13:48:00"
    heading: str = ""  # the date in its heading; empty: that of the folder
    category: str = "Paper"

    @property
    def key(self) -> tuple[str, str]:
        return self.date, self.tag

    @property
    def name(self) -> str:
        """The tag as its file is called."""
        return self.tag.replace("/", "_")

    @property
    def written(self) -> str:
        """When it was written, by the blog's own clock, which is 8 hours ahead."""
        return f"{self.date} {self.time}"

    @property
    def moment(self) -> dt.datetime:
        local = dt.datetime.fromisoformat(self.written)
        return local.replace(tzinfo=dt.timezone(dt.timedelta(hours=8))).astimezone(dt.UTC)

    @property
    def description(self) -> str:
        return f"{self.tag}: news of {self.date}"


def paper(number: int, *, month: str = "2410", **facts: str) -> Paper:
    """A paper of that number in a month of arXiv."""
    return Paper(
        arxiv_id=f"{month}.{number:05}", **{"title": f"Sample Paper {number}: A Study of Blanks", **facts}
    )  # type: ignore[arg-type]


def post(date: str, tag: str, *numbers: int, **facts: str) -> Post:
    """A digest of the papers of those numbers."""
    return Post(date=date, tag=tag, papers=tuple(map(paper, numbers)), **facts)  # type: ignore[arg-type]


def markdown(post: Post) -> bytes:
    """The file of a post."""
    front = (
        f"---\ntitle: {post.tag}\ndate: {post.written}\nauthor: Someone\ncategories: {post.category}\n"
        f"tags:\n    - {post.tag}\ndescription: {post.description}\n---\n\n>⚠️ 以下内容由模型生成\n\n"
        f"# {post.heading or post.date} 更新\n\n\n"
    )
    return builders.markdown(*map(_stretch, post.papers), front=front)


def _stretch(paper: Paper) -> str:
    return builders.paper(
        title=f"## {paper.title}",
        authors=f"**Authors:{paper.authors}**\n",
        abstract=f"{paper.abstract} ",
        link=f"[PDF]({paper.link}) {paper.comment}\n",
        summary=f"**Summary**\n{paper.summary}\n",
        takeaways="\n".join(
            ["**Key Takeaways**", *(f"{n}. {text}" for n, text in enumerate(paper.takeaways, 1)), ""]
        ),
        figures=f'<details>\n<summary>点此查看论文截图</summary>\n<img src="{paper.figure}">\n</details>\n\n',
    )


def write(folder: Path, posts: Iterable[Post], at: float) -> None:
    """Make the folder hold the files of those posts and no others; what changes is marked with that time."""
    wanted = {folder / "Paper" / post.date / f"{post.name}.md": markdown(post) for post in posts}
    for file in set(folder.rglob("*.md")) - set(wanted):
        file.unlink()
    for file, data in wanted.items():
        if not file.is_file() or file.read_bytes() != data:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            os.utime(file, (at, at))
