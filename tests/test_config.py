from pathlib import Path

import pytest

from bot.config import load
from bot.errors import ConfigError
from bot.model import Language, Style
from bot.sections import parse_duration

SHIPPED = Path(__file__).parent.parent / "config" / "config.yaml"


@pytest.fixture
def write(tmp_path):
    def put(text: str) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return put


def complaint(path: Path, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environment or {})
    return str(caught.value)


def test_shipped_config_is_accepted_and_points_at_the_samples():
    config = load(SHIPPED, {})
    assert (
        Path(config.sources[0].path or "").resolve() == (SHIPPED.parent.parent / "bot" / "samples").resolve()
    )
    assert config.sources[0].every == 10
    assert config.delivery.style is Style.CARDS
    assert config.delivery.language is Language.ZH


def test_empty_config_takes_every_default(write):
    config = load(write(""), {})
    assert config.sources == ()
    assert config.console.enabled is None


def test_paths_are_relative_to_the_folder_of_the_file(write, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    config = load(write("database: sqlite:///data/a.db\nsources: [{kind: folder, path: posts}]\n"), {})
    assert config.database.get_secret_value() == str(tmp_path / "data" / "a.db")
    assert config.sources[0].path == str(tmp_path / "posts")


def test_database_from_the_environment_goes_first_and_is_relative_to_where_one_stands(
    write, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    config = load(write("database: other.db\n"), {"DATABASE_URL": "sqlite:///mine.db"})
    assert config.database.get_secret_value() == str(tmp_path / "mine.db")


def test_postgresql_url_stays_as_it_is(write):
    url = "postgresql://me:secret@localhost/papers"
    assert load(write(f"database: {url}\n"), {}).database.get_secret_value() == url


def test_secret_comes_from_the_file_that_the_environment_names(write, tmp_path):
    (tmp_path / "token").write_text("123:abc\n")
    config = load(write(""), {"TELEGRAM_BOT_TOKEN_FILE": str(tmp_path / "token")})
    assert config.telegram.token.get_secret_value() == "123:abc"


def test_missing_secret_file_is_named(write):
    assert complaint(write(""), {"DISCORD_BOT_TOKEN_FILE": "/nowhere/token"}) == (
        "environment: DISCORD_BOT_TOKEN_FILE: /nowhere/token: cannot be read: No such file or directory"
    )


def test_secret_is_in_no_representation_of_the_config(write):
    config = load(write("database: postgresql://me:hush@localhost/p\n"), {"TELEGRAM_BOT_TOKEN": "123:abc"})
    assert "123:abc" not in repr(config)
    assert "hush" not in repr(config)


def test_missing_file_says_how_to_name_one(tmp_path):
    assert "no such file; name yours with --config FILE" in complaint(tmp_path / "none.yaml")


def test_malformed_yaml_names_file_and_line(write):
    path = write("database: x\nsources: [\n  - kind\n")
    assert complaint(path).startswith(f"{path}:3: not valid YAML: ")


def test_unknown_key_asks_did_you_mean(write):
    path = write("database: x\nsources:\n  - kind: folder\n    paht: posts\n")
    assert f"{path}:4: sources[0].paht: unknown key; did you mean `path`?" in complaint(path).splitlines()


def test_unknown_key_at_the_top_asks_did_you_mean(write):
    path = write("\ndatabse: x\n")
    assert complaint(path) == f"{path}:2: databse: unknown key; did you mean `database`?"


def test_unknown_key_like_no_other_lists_the_known_ones(write):
    assert complaint(write("delivery:\n  zzz: 1\n")).endswith(
        "delivery.zzz: unknown key; known here: style, language, max_age, cap, unknown"
    )


def test_every_mistake_gets_a_line(write):
    path = write("sources:\n  - kind: carrier-pigeon\n    every: 5 parsecs\n")
    told = complaint(path).splitlines()
    kinds = "folder, site, feed, git, github"
    wrong = f"this version reads no such source: 'carrier-pigeon'; it reads: {kinds}"
    assert f"{path}:2: sources[0].kind: {wrong}" in told
    assert f"{path}:3: sources[0].every: not a duration; write 30s, 5m, 1h or 1d" in told


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{kind: folder}", "sources[0]: a folder needs its `path:`"),
        ("{kind: site}", "sources[0]: a site needs its `url:`"),
        ("{kind: folder, path: p, url: 'https://example.org/'}", "a folder has a `path:` and no `url:`"),
        ("{kind: site, url: example.org}", "begins with http:// or https://, not 'example.org'"),
        ("{kind: feed, url: 'ftp://example.org/feed'}", "begins with http:// or https://"),
        ("{kind: feed, url: 'https://[broken/'}", "begins with http:// or https://"),
        ("{kind: site, url: 'https://example.org', branch: main}", "`branch:` is for git and github"),
        ("{kind: site, url: 'https://example.org', path: posts}", "a site has a `url:` and no `path:`"),
        ("{kind: git, url: 'https://example.org/a.git', branch: --upload-pack=x}", "sources[0].branch"),
    ],
)
def test_source_that_lacks_or_contradicts_is_told(write, source, told):
    path = write(f"sources:\n  - {source}\n")
    assert f"{path}:2: " in complaint(path)
    assert told in complaint(path)


def test_two_sources_of_one_name_are_told_apart(write):
    same = "{kind: feed, url: 'https://example.org/feed'}"
    assert "give each a `name:`" in complaint(write(f"sources: [{same}, {same}]\n"))
    load(write(f"sources: [{same}, {same[:-1]}, name: other}}]\n"), {})


def test_source_is_known_by_its_name_or_its_address_without_the_password(write):
    text = (
        "sources: [{kind: git, url: 'https://me:secret@example.org/a.git'}, {kind: folder, path: p, name: n}]"
    )
    first, second = load(write(text), {}).sources
    assert (first.label, second.label) == ("https://example.org/a.git", "n")


def test_same_folder_in_two_spellings_is_told(write):
    text = "sources: [{kind: folder, path: posts}, {kind: folder, path: ./posts/}]"
    assert "give each a `name:`" in complaint(write(text))


def test_folder_is_known_by_its_path_and_not_by_what_that_leads_to(write, tmp_path):
    (tmp_path / "release-1").mkdir()
    (tmp_path / "posts").symlink_to("release-1")
    (source,) = load(write("sources: [{kind: folder, path: x/../posts}]"), {}).sources
    assert source.label == str(tmp_path / "posts")


def test_key_in_an_address_is_a_secret(write):
    text = "sources: [{kind: feed, url: 'https://me:pa%20ss@example.org/feed?token=Sesame%21&format=atom'}]"
    config = load(write(text), {})
    assert {"pa%20ss", "pa ss", "Sesame%21", "Sesame!"} == set(config.secrets)
    assert config.sources[0].label == "https://example.org/feed?token=***&format=atom"


@pytest.mark.parametrize("text", ["sources: [{kind: folder, path: %s}]", "cache: %s", "database: %s"])
@pytest.mark.parametrize("path", ["~nobody-of-that-name/x", r'"a\0b"'])
def test_path_that_leads_nowhere_is_told(write, text, path):
    assert "path" in complaint(write(text % path))


@pytest.mark.parametrize(
    "text",
    [
        "sources: [{kind: folder, path: p, every: 999999999d}]",
        "sources: [{kind: folder, path: p, every: true}]",
        "sources: [{kind: site, url: 'https://example.org', since: 20001d}]",
        "sources: [{kind: site, url: 'https://example.org', pause: 0.5}]",
        'sources: [{kind: folder, path: p, name: "a\\nb"}]',
        "sources: [{kind: folder, path: p, name: '  '}]",
        'fetch: {agent: "a\\nb"}',
        "fetch: {agent: 论文}",
        "fetch: {timeout: 999999999d}",
        "delivery: {cap: 99999999999999999999}",
        "delivery: {max_age: 999999999d}",
    ],
)
def test_value_that_nothing_can_work_with_is_told_with_its_line(write, text):
    path = write(text)
    assert complaint(path).startswith(f"{path}:1: ")


def test_what_is_on_the_web_is_looked_at_hourly_and_a_folder_often(write):
    text = "sources: [{kind: site, url: 'https://example.org'}, {kind: folder, path: p}]"
    assert [source.interval for source in load(write(text), {}).sources] == [3600, 30]


def test_repository_on_this_machine_is_relative_to_the_file_and_others_are_left(write, tmp_path):
    urls = ("../blog.git", "https://example.org/a.git", "git@example.org:a/b.git", "file:///srv/a.git")
    text = "sources:\n" + "".join(f"  - {{kind: git, url: '{url}'}}\n" for url in urls)
    found = [source.url for source in load(write(text), {}).sources]
    assert found == [str(tmp_path.parent / "blog.git"), *urls[1:]]


def test_copies_of_repositories_lie_beside_the_database_where_that_is_a_file(write, tmp_path):
    assert load(write("database: data/a.db\n"), {}).cache == tmp_path / "data/cache"
    assert load(write("database: sqlite:///data/a.db\n"), {}).cache == tmp_path / "data/cache"
    assert load(write(""), {"DATABASE_URL": "sqlite:////srv/a.db"}).cache == Path("/srv/cache")
    assert load(write(""), {"DATABASE_URL": "postgresql://h/n"}).cache == Path.home() / ".cache/paperboy"
    assert load(write("cache: ~/copies\n"), {}).cache == Path.home() / "copies"


def test_secrets_of_sources_and_pushes_come_from_the_environment(write):
    config = load(write(""), {"GITHUB_TOKEN": "ghp_1234567", "PUSH_SECRET": "very secret"})
    assert {"ghp_1234567", "very secret"} <= set(config.secrets)
    assert "very secret" not in repr(config)


@pytest.mark.parametrize(
    ("listen", "place"),
    [("8460", "127.0.0.1:8460"), ("'[::1]:8460'", "[::1]:8460"), ("0.0.0.0:80", "0.0.0.0:80")],
)
def test_port_alone_is_one_of_this_machine(write, listen, place):
    assert load(write(f"web:\n  listen: {listen}\n"), {}).web.place == place


def test_number_without_a_unit_is_no_duration(write):
    path = write("sources: [{kind: folder, path: p, every: 30}]\n")
    assert "a duration needs its unit; write 30s" in complaint(path)


def test_zero_is_no_interval(write):
    assert "every" in complaint(write("sources: [{kind: folder, path: p, every: 0s}]\n"))


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "42\n"])
def test_config_that_is_no_mapping_is_told(write, text):
    assert "must be `key: value` lines" in complaint(write(text))


def test_config_that_is_not_text_is_told(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    assert complaint(path) == f"{path}: not UTF-8 text; save it as UTF-8"


def test_folder_instead_of_file_is_told(tmp_path):
    assert "cannot be read: Is a directory" in complaint(tmp_path)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), (" 1d ", 86400)])
def test_durations_are_seconds(text, seconds):
    assert parse_duration(text) == seconds


def test_tags_have_aliases(write):
    one = "  - name: 3DGS\n    aliases: [Gaussian Splatting, 高斯泼溅]\n"
    tags = load(write(f"tags:\n{one}  - {{name: NeRF, aliases: radiance}}\n"), {}).tags
    assert [(tag.name, tag.aliases) for tag in tags] == [
        ("3DGS", ("Gaussian Splatting", "高斯泼溅")),
        ("NeRF", ("radiance",)),
    ]


def test_alias_of_two_tags_is_told(write):
    path = write("tags:\n  - {name: NeRF, aliases: [3D]}\n  - {name: 3DGS, aliases: [3d]}\n")
    assert complaint(path) == f"{path}:1: tags: '3d' means 'NeRF' and '3DGS'; leave one"


def test_same_alias_twice_for_a_tag_is_no_trouble(write):
    assert load(write("tags: [{name: NeRF, aliases: [N, n]}, {name: nerf, aliases: [N]}]\n"), {}).tags


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tags: [{aliases: [x]}]", "tags[0].name: is missing"),
        ("tags: [{name: ''}]", "tags[0].name"),
        ("tags: [{name: NeRF, alias: [x]}]", "did you mean `aliases`?"),
        ("tags: [NeRF]", "tags[0]"),
        ("tags: [{name: NeRF, aliases: [3]}]", "tags[0].aliases[0]"),
    ],
)
def test_wrong_tags_are_told(write, line, told):
    assert told in complaint(write(line + "\n"))


def test_every_style_can_be_what_chats_get_first(write):
    for style in Style:
        assert load(write(f"delivery: {{style: {style}}}"), {}).delivery.style is style


def test_proxy_of_discord_is_a_secret_that_shows_nowhere(write):
    config = load(write("discord: {proxy: 'http://me:hush-hush@127.0.0.1:3128'}\n"), {})
    assert config.discord.proxy.get_secret_value() == "http://me:hush-hush@127.0.0.1:3128"
    assert "hush-hush" not in repr(config)
    assert config.discord.proxy.get_secret_value() in config.secrets


@pytest.mark.parametrize("proxy", ["socks5://me:hush-hush@127.0.0.1:1080", "127.0.0.1:3128", "http://", "x"])
def test_proxy_that_discord_cannot_use_is_told_without_its_password(write, proxy):
    told = complaint(write(f"discord:\n  proxy: {proxy}\n"))
    assert ":2: discord.proxy: write http://HOST:PORT" in told
    assert "hush" not in told


def test_both_tokens_are_hidden_and_taken(write, tmp_path):
    (tmp_path / "token").write_text("MTIz.abc.def\n")
    given = {"TELEGRAM_BOT_TOKEN": "123:abc", "DISCORD_BOT_TOKEN_FILE": str(tmp_path / "token")}
    config = load(write(""), given)
    assert config.discord.token.get_secret_value() == "MTIz.abc.def"
    assert {"123:abc", "MTIz.abc.def"} <= set(config.secrets)
    assert "MTIz" not in repr(config)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sources: posts\n", ":1: sources: must be a list, a line that begins with `- ` for each"),
        ("sources: [posts]\n", ":1: sources[0]: must hold `key: value` lines; see the commented"),
        ("web: 8460\n", ":1: web: must hold `key: value` lines; see the commented"),
        ("web: {listen: here}\n", ":1: web.listen: write an address and a port, such as 127.0.0.1:8460"),
        ("operators: [anna]\n", ":1: operators[0]: write telegram:12345 or discord:12345"),
        ("operators: [5]\n", ":1: operators[0]: must be text; in quotes, where it looks like a number"),
    ],
)
def test_wrong_shape_is_told_with_the_right_one(write, text, told):
    assert told in complaint(write(text))


@pytest.mark.parametrize("content", ["", " \n"])
def test_secret_file_that_holds_nothing_is_named(write, tmp_path, content):
    (tmp_path / "url").write_text(content)
    assert complaint(write(""), {"DATABASE_URL_FILE": str(tmp_path / "url")}) == (
        f"environment: DATABASE_URL_FILE: {tmp_path}/url: holds nothing; write it there, or name no file"
    )
