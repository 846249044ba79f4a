from pathlib import Path

import pytest

from bot.config import load, parse_duration
from bot.errors import ConfigError
from bot.model import Language, Style

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
    assert config.sources[0].path.resolve() == (SHIPPED.parent.parent / "bot" / "samples").resolve()
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
    assert config.sources[0].path == tmp_path / "posts"


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
    assert f"{path}:2: sources[0].path: is missing; add `path:` here" in told
    assert (
        f"{path}:2: sources[0].kind: this version reads no such source: 'carrier-pigeon'; it reads: folder"
        in told
    )
    assert f"{path}:3: sources[0].every: not a duration; write 30s, 5m, 1h or 1d" in told


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
    assert complaint(path) == f"{path}:1: tags: '3d' is an alias of 'NeRF' and '3DGS'; leave one"


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
