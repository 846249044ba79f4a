from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.sources import guard
from bot.sources.guard import check, is_forbidden, is_public, resolve

PUBLIC = """
1.1.1.1 8.8.8.8 93.184.215.14 140.82.121.4 172.32.0.1 192.169.0.1 100.128.0.1 223.255.255.255
2606:4700::1111 2a00:1450:4001:82a::200e ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
""".split()
INNER = """
0.0.0.0 0.1.2.3 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.9
168.63.129.16 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::808:808
2002:7f00:1:: 2002:a9fe:a9fe::1 2001:0:808:808:: 2001:db8::1 3fff::1 100::1 fc00::1 fd00:ec2::254 fe80::1
fe80::1%eth0 fec0::1 ff02::1 ff0e::1 4000::1 5f00::1
""".split()


@pytest.mark.parametrize("address", PUBLIC)
def test_address_of_the_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", INNER)
def test_other_address_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "2002:a9fe:a9fe::1",
        "fe80::1",
        "fd00:ec2::254",
        "168.63.129.16",
    ],
)
async def test_where_clouds_keep_keys_nothing_is_asked_even_if_private_addresses_are(address):
    assert is_forbidden(address)
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(SourceError, match="no blog is there"):
        await check(f"http://{host}/", private=True)
    with pytest.raises(SourceError, match="no blog is there"):
        await resolve(address, 80, private=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "fc00::1", "::1", "8.8.8.8"])
def test_own_networks_may_be_allowed(address):
    assert not is_forbidden(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
@example(IPv4Address("127.0.0.1"))
def test_address_is_judged_alike_in_every_dress(address):
    number = int(address)
    dressed = (
        (0xFFFF << 32) + number,
        int(IPv6Address("64:ff9b::")) + number,
        (0x2002 << 112) + (number << 80) + 1,
    )
    assert {is_public(str(IPv6Address(one))) for one in dressed} == {is_public(str(address))}


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_only_what_is_given_out_of_ipv6_is_public(address):
    if is_public(str(address)):
        nets = ("2000::/3", "64:ff9b::/96", "::ffff:0:0/96")
        assert any(address in ip_network(net) for net in nets)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.1/", "http://127.1:8080/x",
        "http://[::ffff:127.0.0.1]/", "http://[::1]/", "http://localhost/", "https://user:word@127.0.0.1/",
        "HTTP://127.0.0.1/", "ssh://git@127.0.0.1/repo.git", "ssh://127.0.0.1:2222/repo", "git://127.0.0.1/repo",
        "git@127.0.0.1:posts.git", "127.0.0.1:posts.git", "git@[::1]:posts.git", "git@localhost:me/posts",
        "file:///srv/posts", "/srv/posts", "../posts", "C:\\posts", "posts",
    ],
)  # fmt: skip
async def test_what_leads_into_this_machine_is_refused_unless_allowed(url):
    with pytest.raises(SourceError, match="allow_private: true") as caught:
        await check(url, private=False)
    assert "word" not in str(caught.value)
    await check(url, private=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://8.8.8.8/x", "https://[2606:4700::1111]/", "ssh://git@8.8.8.8:22/x", "git@8.8.8.8:posts.git",
    ],
)  # fmt: skip
async def test_what_leads_into_the_internet_is_fine(url):
    await check(url, private=False)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize(
    "url",
    [
        "http://", "http:///x", "http://a b/", "http://a%2eb/", "http://127.0.0.%31/", "http://[::1/", "ftp://example.org/",
        "http://good.test\\@evil.test/", "http://a@b@evil.test/", "http://a\x00b/", "ext::sh -c touch% x",
        "fd::17", "-oProxyCommand=sh", "ssh://-oProxyCommand=sh/x", "-u:x", "http://x:y/", "javascript://x/",
    ],
)  # fmt: skip
async def test_what_leads_nowhere_is_refused_in_any_case(url, private):
    with pytest.raises(SourceError) as caught:
        await check(url, private=private)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://example.org/a:b@c", "example.org", 443),
        ("https://me:my%40word@example.org:8443/", "example.org", 8443),
        ("ssh://git@example.org/x", "example.org", 22),
        ("git@example.org:me/posts.git", "example.org", 22),
        ("http://bücher.example/", "xn--bcher-kva.example", 80),
        ("https://[2606:4700::1111]:1/", "2606:4700::1111", 1),
    ],
)
def test_place_is_read_from_any_spelling(url, host, port):
    aim = guard.read(url)
    assert (aim.host, aim.port) == (host, port)


async def test_name_is_judged_by_all_that_it_means(monkeypatch):
    async def look_up(host, port):
        return ["8.8.8.8", "10.0.0.1"]

    monkeypatch.setattr(guard, "look_up", look_up)
    assert await resolve("blog.test", 443, private=False) == ["8.8.8.8"]
    assert await resolve("blog.test", 443, private=True) == ["8.8.8.8", "10.0.0.1"]
    with pytest.raises(SourceError, match=r"blog\.test \(10\.0\.0\.1\): not an address of the Internet"):
        await check("https://blog.test/", private=False)


async def test_name_that_means_this_machine_is_refused():
    with pytest.raises(SourceError, match=r"localhost.*not an address of the Internet; where that is meant"):
        await resolve("localhost", 80, private=False)
    assert set(await resolve("localhost", 80, private=True)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("name", ["nowhere.invalid", "a" * 70 + ".test"])
async def test_unknown_name_is_told(name):
    with pytest.raises(SourceError, match=r"cannot be found: .*check how it is spelt"):
        await check(f"https://{name}/", private=False)


async def test_name_behind_a_proxy_is_not_looked_up(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    await check("https://nowhere.invalid/posts.git", private=False)
    for host in ("127.1", "localhost", "intranet", "a.internal"):
        with pytest.raises(SourceError, match="not an address of the Internet"):
            await check(f"https://{host}/", private=False)
