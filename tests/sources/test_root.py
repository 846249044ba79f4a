import pytest

from bot.errors import ConfigError
from bot.sources.root import Link, Root

HERE = "https://blog.example.org/Talk2Paper/archives/2024/12/"
ROOT = Root.of("https://blog.example.org/Talk2Paper/")


@pytest.mark.parametrize(
    "link",
    [
        "/Talk2Paper/Paper/2024-12-07/%E5%8C%BB%E5%AD%A6/",
        "/Talk2Paper/Paper/2024-12-07/医学/",
        "/Talk2Paper/Paper/2024-12-07/%e5%8c%bb%E5%AD%A6/index.html",
        "https://blog.example.org/Talk2Paper/Paper/2024-12-07/医学/?from=archive#more",
        "http://blog.example.org/Talk2Paper/Paper/2024-12-07/医学/",
        "https://BLOG.example.org:443/Talk2Paper/Paper/2024-12-07/医学/",
        "//blog.example.org/Talk2Paper//Paper/2024-12-07//医学/",
        "../../../Paper/2024-12-07/医学/",
        "../../../Paper/2024-12-06/../2024-12-07/./医学/",
        "https://blog.example.org/Talk2Paper/tags/%2e%2e/Paper/2024-12-07/医学/",
        " /Talk2Paper/Paper/2024-12-07/医学/\n",
    ],
)
def test_address_is_the_same_however_the_link_is_written(link):
    found = ROOT.find(link, HERE)
    assert found == Link(address="Paper/2024-12-07/医学/")
    assert (
        ROOT.read(found.address) == "https://blog.example.org/Talk2Paper/Paper/2024-12-07/%E5%8C%BB%E5%AD%A6/"
    )


@pytest.mark.parametrize(
    "link",
    [
        "", "#top", "javascript:void(0)", "mailto:a@example.org", "data:text/html,x",
        "https://other.example.org/Talk2Paper/Paper/2024-12-07/NeRF/",
        "https://blog.example.org:8443/Talk2Paper/Paper/2024-12-07/NeRF/",
        "https://blog.example.org/Paper/2024-12-07/NeRF/", "/Talk2PaperOld/2024-12-07/", "../../../../x/",
        "/Talk2Paper/", "/Talk2Paper", "/Talk2Paper/index.html", "https://[broken/", "/Talk2Paper/a%00b/",
        "/Talk2Paper/" + "x" * 5000,
    ],
)  # fmt: skip
def test_link_to_elsewhere_or_to_the_first_page_leads_nowhere(link):
    assert ROOT.find(link, "https://blog.example.org/Talk2Paper/") is None


@pytest.mark.parametrize(
    ("link", "address", "url"),
    [
        ("/Talk2Paper/2024/12/07/nerf.html", "2024/12/07/nerf.html", ""),
        ("/Talk2Paper/2024/12/07/nerf", "2024/12/07/nerf/", "/Talk2Paper/2024/12/07/nerf"),
        ("/Talk2Paper/R1.5/", "R1.5/", ""),
        ("/Talk2Paper/100%25/", "100%/", ""),
        ("/Talk2Paper/%B9%FE%B9%FE/", "哈哈/", "/Talk2Paper/%B9%FE%B9%FE/"),
    ],
)
def test_url_is_kept_where_the_address_does_not_tell_it(link, address, url):
    assert ROOT.find(link, HERE) == Link(address=address, url=url)
    assert ROOT.ask(address, url) == f"https://blog.example.org{link}"


@pytest.mark.parametrize(
    "url", ["https://u:secret@h.org", "https://u:secret@h.org/index.html", "https://u:secret@H.org/?a#b"]
)
def test_login_is_sent_and_never_shown(url):
    root = Root.of(url)
    assert root.ask("a/") == "https://u:secret@h.org/a/"
    assert root.read("a/") == "https://h.org/a/"


@pytest.mark.parametrize(
    "url", ["", "blog", "ftp://h.org/", "https://", "https://[x/", "https://h:x/", "/srv"]
)
def test_what_is_no_address_of_the_web_is_told(url):
    with pytest.raises(ConfigError, match="write https://HOST/PATH/"):
        Root.of(url)


def test_site_that_leads_on_to_another_host_is_read_from_there():
    led = ROOT.seen_from("archives/2024/12/", "https://new.example.org/archives/2024/12/index.html")
    assert led == Root(scheme="https", login="", host="new.example.org", path="/")
    assert ROOT.seen_from("archives/2024/12/", "https://login.example.org/?back") == ROOT
