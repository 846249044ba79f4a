"""The pages of a blog as two themes make them: only the structure that tells what is what."""

from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from tests.fakes.blog.posts import Paper, Post

BUTTERFLY, MATERY = "butterfly", "matery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a blog looks now."""

    theme: str
    site: str  # its address, without a path
    base: str  # the path of its first page
    layout: str  # the path of a post below that, by its parts
    recent: tuple[Post, ...]  # in the sidebar, new with every deployment

    def path(self, post: Post) -> str:
        """Where a post lies below the base, not percent-encoded."""
        year, month, day = post.date.split("-")
        parts = {"date": post.date, "name": post.name, "year": year, "month": month, "day": day}
        return self.layout.format(**parts)

    def link(self, path: str) -> str:
        return self.base + quote(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page of a list of posts."""

    title: str
    posts: tuple[Post, ...]
    path: str  # of the list's first page, below the base
    number: int
    last: int

    def at(self, number: int) -> str:
        return self.path if number == 1 else f"{self.path}page/{number}/"


def body(post: Post) -> str:
    """What a post says, as it stands in its page and in a feed."""
    heading = f"{post.heading or post.date} 更新"
    head = (
        "<blockquote><p>⚠️ 以下内容由模型生成，仅供参考</p></blockquote>\n"
        f'<h1 id="{heading}"><a href="#{heading}" class="headerlink" title="{heading}"></a>{heading}</h1>'
    )
    return head + "".join(map(_paper, post.papers))


def _paper(paper: Paper) -> str:
    title = escape(paper.title)
    items = "\n".join(f"<li>{escape(text)}</li>" for text in paper.takeaways)
    return f"""<h2 id="{title}"><a href="#{title}" class="headerlink" title="{title}"></a>{title}</h2>
<p><strong>Authors:{escape(paper.authors)}</strong></p>
<p>{escape(paper.abstract)} </p>
<p><a target="_blank" rel="noopener" href="{paper.link}">PDF</a> {escape(paper.comment)}</p>
<p><strong>Summary</strong><br>{escape(paper.summary)}</p>
<p><strong>Key Takeaways</strong></p>
<ol>
{items}
</ol>
<p><strong><a href="https://papers.cool/arxiv/{paper.arxiv_id}">Cool Papers</a></strong> </p>
<details>
  <summary>点此查看论文截图</summary>
<img src="{paper.figure}" align="middle">
</details>
<h1 id=""><a href="#" class="headerlink" title=""></a></h1>"""


def post_page(look: Look, post: Post) -> str:
    """The page of one post."""
    return _BOTH[look.theme][0](look, post)


def archive_page(look: Look, sheet: Sheet) -> str:
    """A page of an archive."""
    return _BOTH[look.theme][1](look, sheet)


def plain_page(look: Look, title: str) -> str:
    """A page that is neither."""
    return _frame(look, title, "", f"<main><h1>{escape(title)}</h1></main>")


def _frame(look: Look, title: str, metas: str, main: str) -> str:
    recent = "".join(
        f'<div class="aside-list-item"><a href="{look.link(look.path(post))}">{post.tag}</a></div>'
        for post in look.recent
    )
    return f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="UTF-8">
<title>{escape(title)} | A Blog</title>
{metas}<link rel="alternate" href="{look.base}atom.xml" title="A Blog" type="application/atom+xml"></head>
<body><nav><a href="{look.base}">首页</a><a href="{look.base}archives/">时间轴</a>
<a href="{look.base}tags/">标签</a>
<a href="{look.base}categories/">分类</a><a href="https://example.org/2024-12-01/elsewhere/">friend</a></nav>
{main}
<div class="aside-content" id="aside-content"><div class="card-archives">
<a href="{look.base}archives/2024/12/">十二月</a>
</div><div class="card-recent-post">{recent}</div></div><footer><a href="{look.base}page/2/">older</a>
</footer></body></html>
"""


def _butterfly_post(look: Look, post: Post) -> str:
    tag, stamp = escape(post.tag), post.moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    address = look.site + look.link(look.path(post))
    metas = f"""<meta property="og:title" content="{tag}">
<meta property="og:url" content="{address}index.html">
<meta property="article:published_time" content="{stamp}"><meta name="author" content="Someone">
<meta property="article:tag" content="{tag}"><link rel="canonical" href="{address}index.html">
"""
    main = f"""<div id="post-info"><h1 class="post-title">{tag}</h1>
<time class="post-meta-date-created" datetime="{stamp}" title="发表于 {post.written}">{post.date}</time>
<a class="post-meta-categories" href="{look.base}categories/{post.category}/">{post.category}</a></div>
<main class="layout" id="content-inner"><div id="post"><article class="post-content" id="article-container">
{body(post)}</article><div class="post-copyright"><a href="{address}">{address}</a></div>
<div class="tag_share"><a class="post-meta__tags" href="{look.base}tags/{quote(post.name)}/">{tag}</a>
</div></div></main>"""
    return _frame(look, post.tag, metas, main)


def _butterfly_archive(look: Look, sheet: Sheet) -> str:
    items = "".join(
        f"""<div class="article-sort-item">
<a class="article-sort-item-img" href="{look.link(look.path(post))}"><img></a>
<div class="article-sort-item-info"><div class="article-sort-item-time"><time class="post-meta-date-created"
 datetime="{post.moment:%Y-%m-%dT%H:%M:%S.000Z}" title="发表于 {post.written}">{post.date}</time></div>
<a class="article-sort-item-title" href="{look.link(look.path(post))}">{escape(post.tag)}</a></div></div>"""
        for post in sheet.posts
    )
    numbers = "".join(
        f'<a class="page-number" href="{look.link(sheet.at(number))}">{number}</a>'
        for number in range(1, sheet.last + 1)
        if number != sheet.number
    )
    if sheet.number < sheet.last:
        numbers += f'<a class="extend next" rel="next" href="{look.link(sheet.at(sheet.number + 1))}">›</a>'
    main = f"""<main class="layout" id="content-inner"><div id="archive">
<div class="article-sort-title">文章总览</div>
<div class="article-sort"><div class="article-sort-item year">2024</div>{items}</div>
<nav id="pagination"><div class="pagination">{numbers}</div></nav></div></main>"""
    return _frame(look, sheet.title, "", main)


def _matery_post(look: Look, post: Post) -> str:
    tag, address = escape(post.tag), look.site + look.link(look.path(post))
    metas = f'''<meta name="keywords" content="{tag}">
<meta name="description" content="{escape(post.description)}">
'''
    main = f"""<h1 class="description center-align post-title">{tag}</h1>
<main class="post-container content"><div id="artDetail">
<div class="article-tag"><a href="{look.base}tags/{quote(post.name)}/">
<span class="chip bg-color">{tag}</span></a></div>
<div class="post-cate"><a href="{look.base}categories/{quote(post.name)}/" class="post-category">{tag}</a>
</div>
<div class="post-info"><div class="post-date info-break-policy">发布日期:&nbsp;&nbsp; {post.date}</div></div>
<div class="card-content article-card-content"><div id="articleContent">
{body(post)}
</div><hr/><div class="reprint" id="reprint-statement"><div class="reprint__author">
<a href="{look.base}about">Someone</a></div>
<div class="reprint__type"><a href="{address}">{address}</a></div></div></div></div></main>"""
    return _frame(look, post.tag, metas, main)


def _matery_archive(look: Look, sheet: Sheet) -> str:
    blocks = "".join(
        f"""<div class="cd-timeline-block"><div class="cd-timeline-img year">
<a href="{look.base}archives/{post.date[:4]}">{post.date[:4]}</a></div>
<div class="cd-timeline-img day"><span>{post.date[8:]}</span></div>
<article class="cd-timeline-content"><div class="article col s12 m6"><div class="card">
<a href="{look.link(look.path(post))}"><div class="card-image">
<span class="card-title">{escape(post.tag)}</span></div></a>
<div class="card-content article-content"><div class="summary">{escape(post.description)}</div>
<div class="publish-info">
<span class="publish-date"><i class="far fa-clock"></i>{post.date}</span>
<a href="{look.base}categories/{post.category}/"
 class="post-category">{post.category}</a></div></div><div class="card-action article-tags">
<a href="{look.base}tags/{quote(post.name)}/"><span class="chip">{escape(post.tag)}</span></a></div></div>
</div></article></div>"""
        for post in sheet.posts
    )
    back = f'href="{look.link(sheet.at(sheet.number - 1))}"' if sheet.number > 1 else 'disabled=""'
    on = f'href="{look.link(sheet.at(sheet.number + 1))}"' if sheet.number < sheet.last else 'disabled=""'
    paging = f"""<div class="container paging"><a {back} class="left btn-floating"><i></i></a>
<div class="page-info">{sheet.number} / {sheet.last}</div><a {on} class="right btn-floating"><i></i></a>
</div>"""
    main = f'<main class="content"><div id="cd-timeline" class="container">{blocks}</div></main>'
    return _frame(look, sheet.title, "", main + (paging if sheet.last > 1 else ""))


_BOTH = {BUTTERFLY: (_butterfly_post, _butterfly_archive), MATERY: (_matery_post, _matery_archive)}
