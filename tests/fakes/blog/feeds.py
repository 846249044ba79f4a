"""The feeds of a blog: Atom, RSS 2.0 and RSS 1.0, with whole posts or with a summary of each."""

from email.utils import format_datetime
from html import escape

from tests.fakes.blog.pages import Look, body
from tests.fakes.blog.posts import Post

LENGTH = 20  # posts


def atom(look: Look, posts: list[Post], full: bool) -> str:
    """An Atom feed."""
    entries = "".join(_atom(look, post, full) for post in posts[:LENGTH])
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>A Blog</title>
<link href="{look.site}{look.base}atom.xml" rel="self"/>
<link href="{look.site}{look.base}"/><id>{look.site}{look.base}</id><author><name>Someone</name></author>
{entries}</feed>
"""


def _atom(look: Look, post: Post, full: bool) -> str:
    address, home = look.site + look.link(look.path(post)), look.site + look.base
    content = f'<content type="html"><![CDATA[{body(post)}]]></content>' if full else ""
    return f"""<entry><title>{escape(post.tag)}</title><link href="{address}"/><id>{address}</id>
<published>{post.moment:%Y-%m-%dT%H:%M:%S.000Z}</published>
<updated>{post.moment:%Y-%m-%dT%H:%M:%S.000Z}</updated>
{content}<summary type="html">{escape(post.description)}</summary>
<category term="{post.category}" scheme="{home}categories/{post.category}/"/>
<category term="{escape(post.tag)}" scheme="{home}tags/{post.name}/"/></entry>
"""


def rss(look: Look, posts: list[Post], full: bool) -> str:
    """An RSS 2.0 feed."""
    items = "".join(_rss(look, post, full) for post in posts[:LENGTH])
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>A Blog</title>
<link>{look.site}{look.base}</link><description/>{items}</channel></rss>
"""


def _rss(look: Look, post: Post, full: bool) -> str:
    address, home = look.site + look.link(look.path(post)), look.site + look.base
    content = f"<content:encoded><![CDATA[{body(post)}]]></content:encoded>" if full else ""
    return f"""<item><title>{escape(post.tag)}</title><link>{address}</link><guid>{address}</guid>
<pubDate>{format_datetime(post.moment)}</pubDate>
<description>{escape(post.description)}</description>{content}
<category domain="{home}categories/{post.category}/">{post.category}</category>
<category domain="{home}tags/{post.name}/">{escape(post.tag)}</category></item>
"""


def rdf(look: Look, posts: list[Post], full: bool) -> str:
    """An RSS 1.0 feed."""
    items = "".join(_rdf(look, post, full) for post in posts[:LENGTH])
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="{look.site}{look.base}"><title>A Blog</title><link>{look.site}{look.base}</link>
</channel>{items}</rdf:RDF>
"""


def _rdf(look: Look, post: Post, full: bool) -> str:
    address = look.site + look.link(look.path(post))
    content = f"<content:encoded><![CDATA[{body(post)}]]></content:encoded>" if full else ""
    return f"""<item rdf:about="{address}"><title>{escape(post.tag)}</title><link>{address}</link>
<dc:date>{post.moment:%Y-%m-%dT%H:%M:%SZ}</dc:date>
<description>{escape(post.description)}</description>{content}</item>
"""


FEEDS = {"atom.xml": (atom, "atom"), "rss2.xml": (rss, "rss"), "rss1.xml": (rdf, "rdf")}
