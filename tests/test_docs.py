"""What the documents show works: commands, options, settings, examples."""

import re
import tomllib
from pathlib import Path

import pytest
import typer
import yaml

from bot.cli import app
from bot.commands import COMMANDS
from bot.config import Config, load
from bot.sections import SourceConfig

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = ROOT / "docs" / "examples"
COMMAND = typer.main.get_command(app)
CALL = re.compile(r"(?:^|[\s`|/])paperboy ([a-z]+)((?: [^`|\n#()&]*)?)")
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_is_shown_exists(page):
    shown = CALL.findall(page.read_text(encoding="utf-8"))
    for name, rest in shown:
        if name not in COMMAND.commands:
            assert name in ("works", "paperboy"), f"paperboy {name}"
            continue
        known = {option for each in COMMAND.commands[name].params for option in each.opts}
        for option in re.findall(r"(?<=\s)--[a-z-]+", rest):
            assert option in known, f"paperboy {name} {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}, (
                target
            )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_settings_example_is_taken(page, tmp_path):
    for number, text in enumerate(
        re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text, encoding="utf-8")
        load(file, {})


def test_shipped_settings_are_taken_with_every_comment_taken_away(tmp_path):
    text = (ROOT / "config" / "config.yaml").read_text(encoding="utf-8")
    bare = re.sub(r"^( {0,2})# (?= *(- )?[a-z_]+:(\s|$))", r"\1", text, flags=re.MULTILINE)
    file = tmp_path / "config.yaml"
    file.write_text(bare, encoding="utf-8")
    config = load(file, {})
    assert {source.kind for source in config.sources} == {"folder", "site", "feed", "git", "github"}
    named = {key for key in Config.model_fields if re.search(rf"^{key}:", bare, re.MULTILINE)}
    assert named == set(Config.model_fields) - {"github"}  # whose token belongs in the environment
    for key in SourceConfig.model_fields.keys() - {"token"}:
        assert re.search(rf"^  *(?:- )?{key}:", bare, re.MULTILINE), f"sources[].{key} is not explained"


def test_examples_are_well_formed():
    compose = yaml.safe_load((EXAMPLES / "compose.yaml").read_text(encoding="utf-8"))
    secrets = compose["services"]["paperboy"]["secrets"]
    assert set(secrets) <= set(compose["secrets"])
    workflow = yaml.safe_load((EXAMPLES / "workflow.yml").read_text(encoding="utf-8"))
    runs = [step["run"] for step in workflow["jobs"]["pass"]["steps"] if "run" in step]
    assert any("paperboy run --once" in run for run in runs)
    service = (EXAMPLES / "paperboy.service").read_text(encoding="utf-8")
    assert {"[Unit]", "[Service]", "[Install]"} <= set(service.splitlines())


def test_dependencies_say_why_they_are_there():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for line in re.search(r"^dependencies = \[\n(.*?)^\]", text, re.DOTALL | re.MULTILINE)[1].splitlines():
        assert re.fullmatch(r'    "[^"]+", +# .{10,}', line), line
    assert tomllib.loads(text)["project"]["dependencies"]


def test_operating_names_the_operators_commands():
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    for command in COMMANDS.values():
        if command.operators:
            assert f"/{command.name}" in text


def test_every_message_of_the_troubleshooting_is_one_that_the_program_writes():
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8").partition("## Troubleshooting")[2]
    shown = [
        words for cell in re.findall(r"^\| (.+?) \|", page, re.M) for words in re.findall(r"`(.+?)`", cell)
    ]
    parts = {part for words in shown for part in words.split("...")}
    assert len(parts) > 8
    written = "".join(
        re.sub(r'"\s*f?"', "", file.read_text(encoding="utf-8")) for file in (ROOT / "bot").rglob("*.py")
    )
    told = re.sub(r"\{[^{}]*\}", "", written)
    assert [part for part in sorted(parts) if part not in told] == []
