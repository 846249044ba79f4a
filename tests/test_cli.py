"""The program as people start it: real processes, real files."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import command
from tests.conftest import SAMPLES

PAPERS = 13
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name not in ("DATABASE_URL", "TELEGRAM_BOT_TOKEN", "DISCORD_BOT_TOKEN")
}


def paperboy(*words, cwd=None, **environment):
    """What came of a command, given as people give it."""
    return command.run(tuple(map(str, words)), ENVIRONMENT | environment, cwd)


def records(result):
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def house(tmp_path):
    """A folder with a configuration and one sample post, old enough to be read at once."""
    place = tmp_path / "posts" / "2026-11-20" / "NeRF.md"
    place.parent.mkdir(parents=True)
    shutil.copy(SAMPLES / "2026-11-20" / "NeRF.md", place)
    rest(place)
    config = tmp_path / "config.yaml"
    config.write_text("database: paperboy.db\nsources: [{kind: folder, path: posts, every: 1s}]\n")
    return tmp_path


def rest(place: Path) -> None:
    """Make a file as old as one that nobody writes to."""
    os.utime(place, (time.time() - 60,) * 2)


def once(house, **environment):
    result = paperboy("run", "--once", "--config", house / "config.yaml", **environment)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_demo_shows_every_sample_paper_and_ends():
    result = paperboy("demo")
    assert result.returncode == 0
    assert result.stdout.count("https://arxiv.org/pdf/") == PAPERS
    assert "paperboy preview" in result.stderr


def test_demo_speaks_english_too():
    assert "Key Takeaways" in paperboy("demo", "--language", "en", "--style", "full").stdout


def test_inspect_gives_a_record_for_the_post_and_one_a_paper():
    found = records(paperboy("inspect", SAMPLES / "2026-11-20" / "NeRF.md", "--json"))
    assert [item["kind"] for item in found] == ["post", "paper", "paper", "paper", "paper"]
    head, first = found[:2]
    assert head["post"] == first["post"] == str(SAMPLES / "2026-11-20" / "NeRF.md")
    assert (head["day"], head["tags"], head["papers"], head["problems"]) == ("2026-11-20", ["NeRF"], 4, [])
    assert first["arxiv_id"] == "2003.08934"
    assert first["links"]["code"] == ["https://github.com/bmild/nerf"]
    assert first["translation"].startswith("场景被表示成一个函数")
    assert first["note"] is None


def test_inspect_names_posts_relative_to_the_folder_given():
    names = {item["post"] for item in records(paperboy("inspect", SAMPLES, "--json"))}
    assert names == {"2026-11-18/3DGS.md", "2026-11-19/Diffusion Models.md", "2026-11-20/NeRF.md"}


def test_inspect_says_why_a_page_is_no_digest(tmp_path):
    (tmp_path / "hello.md").write_text("# Hello\n")
    (found,) = records(paperboy("inspect", tmp_path, "--json"))
    assert found["kind"] == "no digest"
    assert found["reason"] == "It has neither front matter nor a level-1 heading with a date."
    assert f"hello.md: no digest. {found['reason']}" in paperboy("inspect", tmp_path).stdout


def test_inspect_for_people_lists_the_papers():
    shown = paperboy("inspect", SAMPLES / "2026-11-18").stdout
    assert "3DGS.md: 3DGS | 2026-11-18 | 3DGS | 5 papers" in shown
    assert "2308.04079  3D Gaussian Splatting for Real-Time Radiance Field Rendering" in shown


def test_sample_with_a_wrong_number_is_marked():
    found = records(paperboy("inspect", SAMPLES / "2026-11-20", "--json"))
    assert [(item["arxiv_id"], item["doubts"]) for item in found if item.get("doubts")] == [
        ("2304.06706", [{"takeaway": None, "number": "42 倍"}])
    ]


@pytest.mark.parametrize(
    ("platform", "key"), [("telegram", "method"), ("discord", "route"), ("console", "text")]
)
def test_preview_gives_a_line_a_request(platform, key):
    found = records(paperboy("preview", SAMPLES, "--platform", platform, "--json"))
    assert {item["platform"] for item in found} == {platform}
    assert all(item[key] for item in found)
    shown = [paper for item in found for paper in item["papers"]]
    assert len(set(shown)) == PAPERS


def test_preview_for_people_shows_the_request(tmp_path):
    shown = paperboy(
        "preview", SAMPLES / "2026-11-20", "--platform", "telegram", "--style", "overview"
    ).stdout
    assert shown.startswith("--- telegram sendMessage (2003.08934, 2201.05989, 2103.13415, 2304.06706)")


def test_preview_says_which_platforms_there_are():
    result = paperboy("preview", SAMPLES, "--platform", "pigeon")
    assert result.returncode == 2
    assert result.stderr == "paperboy: no such platform: pigeon; there are telegram, discord, console\n"


@pytest.mark.parametrize("command", ["inspect", "preview"])
def test_missing_path_is_told_in_a_line(command):
    result = paperboy(command, "nowhere.md")
    assert (result.returncode, result.stderr) == (2, "paperboy: nowhere.md: no such file or folder\n")


def test_folder_without_posts_is_told(tmp_path):
    result = paperboy("inspect", tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"paperboy: {tmp_path}: no .md or .html file below this folder\n"


def test_console_preview_loads_no_platform_library():
    probe = (
        "import sys; sys.argv = ['paperboy', 'preview', sys.argv[1]]\n"
        "from bot.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "loaded = {'telegram', 'discord', 'sqlalchemy', 'httpx', 'aiohttp'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)"
    )
    env = ENVIRONMENT | {"PYTHONPATH": str(SAMPLES.parent.parent)}
    command = [sys.executable, "-c", probe, str(SAMPLES / "2026-11-20")]
    result = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert "NeRF" in result.stdout


def test_reader_of_a_pipe_may_leave_early():
    line = f"{sys.executable} -m bot inspect '{SAMPLES}' --json | head -n 1"
    env = ENVIRONMENT | {"PYTHONPATH": str(SAMPLES.parent.parent)}
    result = subprocess.run(
        line, shell=True, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.stderr == ""
    assert result.stdout.count("\n") == 1


def test_run_once_shows_new_papers_and_never_again(house):
    assert once(house).count("https://arxiv.org/pdf/") == 4
    assert once(house) == ""


def test_growth_shows_only_the_additions(house):
    place = house / "posts" / "2026-11-20" / "NeRF.md"
    whole = place.read_text(encoding="utf-8")
    place.write_text(whole[: whole.index("## Zip-NeRF")], encoding="utf-8")
    rest(place)
    assert once(house).count("https://arxiv.org/pdf/") == 3
    place.write_text(whole, encoding="utf-8")
    os.utime(place, (time.time() - 30,) * 2)
    shown = once(house)
    assert shown.count("https://arxiv.org/pdf/") == 1
    assert "2304.06706" in shown


def test_renamed_post_shows_nothing_again(house):
    once(house)
    (house / "posts" / "2026-11-20").rename(house / "posts" / "2026-11-21")
    assert once(house) == ""


def test_status_tells_what_there_is(house):
    once(house)
    result = paperboy("status", "--config", house / "config.yaml", "--json")
    (found,) = records(result)
    assert (found["well"], found["paper"], found["delivery.sent"]) == (True, 4, 4)
    shutil.rmtree(house / "posts")
    assert paperboy("run", "--once", "--config", house / "config.yaml").returncode == 1
    result = paperboy("status", "--config", house / "config.yaml")
    assert result.returncode == 1
    assert "posts: cannot be read: No such file or directory" in result.stdout


def test_status_before_the_first_run_says_so(house):
    result = paperboy("status", "--config", house / "config.yaml")
    assert result.returncode == 1
    assert "does not exist yet; `paperboy run` makes it" in result.stderr


def test_run_without_sources_says_what_to_add(tmp_path):
    (tmp_path / "config.yaml").write_text("database: a.db\n")
    result = paperboy("run", "--config", tmp_path / "config.yaml")
    assert result.returncode == 1
    told = "nothing to read; add `- kind: folder` with its `path:`, or a site with its `url:`"
    assert result.stderr == f"paperboy: sources: {told}\n"


def test_run_without_a_config_says_how_to_name_one(tmp_path):
    result = paperboy("run", cwd=tmp_path)
    assert result.returncode == 1
    assert "config/config.yaml: no such file; name yours with --config FILE" in result.stderr


def test_bad_source_stops_no_other_and_is_told(house):
    config = house / "config.yaml"
    both = "[{kind: folder, path: nowhere}, {kind: folder, path: posts}]"
    config.write_text(f"database: paperboy.db\nsources: {both}\n")
    result = paperboy("run", "--once", "--config", config)
    assert result.returncode == 1
    assert result.stdout.count("https://arxiv.org/pdf/") == 4
    assert "nowhere: cannot be read: No such file or directory" in result.stderr
    told = paperboy("status", "--config", config)
    assert told.returncode == 1
    assert "nowhere: looked at" in told.stdout


def test_search_finds_what_was_read_in_both_languages(house):
    once(house)
    config = house / "config.yaml"
    assert "2201.05989" in paperboy("search", "instant", "HASH", "--config", config).stdout
    found = records(paperboy("search", "圆锥", "--config", config, "--json"))
    assert {item["arxiv_id"] for item in found} == {"2103.13415", "2304.06706"}
    assert paperboy("search", "nothing", "like", "it", "--config", config).stdout == "0 found\n"


def test_backup_brings_chats_and_what_they_got_to_another_database(house, tmp_path):
    once(house)
    config = house / "config.yaml"
    backup = house / "backup.json"
    assert paperboy("export", backup, "--config", config).returncode == 0
    (house / "paperboy.db").unlink()
    result = paperboy("import", backup, "--config", config)
    assert result.returncode == 0, result.stderr
    assert "1 chats" in result.stderr
    assert once(house) == ""


def test_backup_that_is_none_is_refused_and_changes_nothing(house):
    (house / "backup.json").write_text('{"version": 999, "chats": []}')
    result = paperboy("import", house / "backup.json", "--config", house / "config.yaml")
    assert result.returncode == 2
    assert "backup.json: " in result.stderr
    assert "Traceback" not in result.stderr


def test_second_bot_on_the_same_file_is_refused_and_the_first_goes_on(house):
    with start(house) as bot:
        read_until(bot.stderr, "Ctrl-C ends")
        second = paperboy("run", "--once", "--config", house / "config.yaml")
        assert second.returncode == 1
        assert f"another paperboy (process {bot.pid}) runs on it" in second.stderr
        assert bot.poll() is None
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(timeout=5) == 0


def test_role_that_there_is_none_of_is_told(house):
    result = paperboy("run", "--role", "juggle", "--config", house / "config.yaml")
    assert (result.returncode, result.stderr) == (
        2,
        "paperboy: no such role: juggle; there are collect, send, listen, web\n",
    )


def start(house, *words, **environment):
    command = [sys.executable, "-u", "-m", "bot", "run", "--config", str(house / "config.yaml"), *words]
    env = ENVIRONMENT | {"PYTHONPATH": str(SAMPLES.parent.parent)} | environment
    return subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def read_until(stream, words):
    lines = []
    for line in stream:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"{words!r} never came; {''.join(lines)!r} did")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_says_how_to_go_live_and_ends_at_once_when_told(house, number):
    with start(house) as bot:
        told = read_until(bot.stderr, "Ctrl-C ends")
        assert "The token that takes it live is TELEGRAM_BOT_TOKEN" in told
        before = time.monotonic()
        bot.send_signal(number)
        assert bot.wait(timeout=5) == 0
        assert time.monotonic() - before < 3


def test_run_shows_what_appears_while_it_watches(house):
    with start(house) as bot:
        read_until(bot.stderr, "Ctrl-C ends")
        place = house / "posts" / "2026-11-19" / "Diffusion Models.md"
        place.parent.mkdir()
        shutil.copy(SAMPLES / "2026-11-19" / "Diffusion Models.md", place)
        rest(place)
        shown = read_until(bot.stdout, "https://arxiv.org/pdf/2212.09748")
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(timeout=5) == 0
    assert "Denoising Diffusion Probabilistic Models" in shown


def test_token_takes_it_live_and_never_shows_though_nothing_answers(house):
    with (house / "config.yaml").open("a") as config:
        config.write("telegram: {api_url: 'http://127.0.0.1:9'}\n")
    with start(house, TELEGRAM_BOT_TOKEN="123456:secret") as bot:
        told = read_until(bot.stderr, "Ctrl-C ends")
        told += read_until(bot.stderr, "platform.unreachable")
        bot.send_signal(signal.SIGTERM)
        rest_of_it = bot.communicate(timeout=9)
    assert "Going live on telegram." in told
    assert "secret" not in told + "".join(rest_of_it)


def test_killed_run_loses_nothing_and_repeats_at_most_one_paper(house):
    shutil.copytree(SAMPLES, house / "posts", dirs_exist_ok=True)
    for place in (house / "posts").rglob("*.md"):
        rest(place)
    shown = ""
    for _ in range(3):
        with start(house) as bot:
            shown += read_until(bot.stdout, "https://arxiv.org/pdf/")
            bot.kill()
            shown += bot.stdout.read()
    shown += once(house)
    counts = [shown.count(f"https://arxiv.org/pdf/{paper['arxiv_id']}") for paper in all_papers()]
    assert min(counts) == 1
    assert sum(counts) <= PAPERS + 3


def all_papers():
    return [item for item in records(paperboy("inspect", SAMPLES, "--json")) if item["kind"] == "paper"]


@pytest.mark.parametrize("words", [("merge", "a", "b"), ("search", "a"), ("export", "-")])
def test_command_that_needs_a_database_makes_none(house, words):
    (house / "config.yaml").write_text(
        "database: there/paperboy.db\nsources: [{kind: folder, path: posts}]\n"
    )
    result = paperboy(*words, "--config", house / "config.yaml")
    assert (result.returncode, result.stdout) == (1, "")
    assert "does not exist yet; `paperboy run` makes it" in result.stderr
    assert not (house / "there").exists()


@pytest.mark.parametrize("role", ["web", "listen"])
def test_process_that_has_nothing_to_do_says_so(house, role):
    result = paperboy("run", "--role", role, "--config", house / "config.yaml")
    assert result.returncode == 1
    assert result.stderr == (
        f"paperboy: --role {role}: nothing to do; web needs `web.listen`, send and listen a platform\n"
    )


def test_process_that_only_answers_does_not_claim_to_watch(house):
    with (house / "config.yaml").open("a") as config:
        config.write("web: {listen: '127.0.0.1:0'}\n")
    with start(house, "--role", "web") as bot:
        told = read_until(bot.stderr, "Ctrl-C ends")
        bot.send_signal(signal.SIGTERM)
        assert bot.wait(timeout=5) == 0
    assert "At work: web." in told
    assert "Watching" not in told


def test_every_line_of_a_run_is_an_object_where_the_log_is_json(house):
    with (house / "config.yaml").open("a") as config:
        config.write("console: {enabled: false}\nlog: {format: json, level: info}\n")
    with start(house) as bot:
        told = read_until(bot.stderr, "Ctrl-C ends")
        bot.send_signal(signal.SIGTERM)
        events = [json.loads(line) for line in (told + bot.communicate(timeout=9)[1]).splitlines()]
    assert [event["line"] for event in events if event["event"] == "program.told"][-1] == "Stopped."


def test_why_a_run_cannot_be_is_an_object_too(house):
    (house / "config.yaml").write_text("database: posts\nsources: []\nlog: {format: json}\n")
    result = paperboy("run", "--config", house / "config.yaml")
    event = json.loads(result.stderr)
    assert (result.returncode, event["event"], event["level"]) == (1, "program.refused", "error")


def test_backup_that_finds_no_room_is_no_misunderstood_command(house):
    once(house)
    result = paperboy("export", house / "nowhere" / "b.json", "--config", house / "config.yaml")
    assert (result.returncode, "cannot be written: No such file" in result.stderr) == (1, True)
