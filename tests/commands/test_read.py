"""Reading: digests by tag and day, cards and what hangs on them, search."""

from collections import deque

import pytest
from sqlalchemy import delete, insert, select

from bot.commands.base import Place, Where
from bot.commands.paper import show_paper
from bot.model import Language
from bot.slugs import key
from bot.storage.tables import chat, delivery, phrase
from tests.commands.asking import NOW, Asker, buttons, text
from tests.commands.shelves import (
    FIGURE,
    LONG_NOTE,
    NERF,
    back,
    check,
    day,
    digest,
    entry,
    entry_ids,
    follow,
    ids,
    numbered,
    paper,
    put,
)

SPLATS = key("3dgs")
ODD = "元宇宙/虚拟人"


@pytest.fixture
async def asker(database):
    """Somebody whose chat the bot does not know yet, and three digests of NeRF, one of 3DGS."""
    await put(
        database,
        digest(day(10), *ids(10, 2)),
        digest(day(17), *ids(9, 3)),
        digest(day(18), *ids(11, 20)),
        digest(day(17), "2611.00001", "2003.08934", tags=("3DGS",)),
    )
    return Asker(database)


# Digests


async def test_digest_lists_eight_papers_with_a_line_and_a_button_each(asker):
    reply = await asker("/tag NeRF")
    said = text(reply).split("\n")
    assert said[:4] == [
        "NeRF · 2026-11-18",
        "20 papers · page 1 of 3",
        "On 2611.00001",
        "2611.00001 的一句话。",
    ]
    assert numbered(reply) == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert "On 2611.00009" not in said
    assert not reply.edit
    check(reply)


async def test_digest_is_credited(asker):
    reply = await asker("/latest NeRF")
    assert "By Paperboy · Digest · CC BY 4.0 · reformatted" in text(reply)
    assert "Summaries are machine-written" in text(reply)
    links = {span.link for block in reply.cards[0].blocks for item in block.items for span in item}
    assert "https://blog.example.org/2026-11-18/" in links


async def test_pages_turn_in_place_and_number_on(asker):
    first = await asker("/tag NeRF")
    second = await asker.press(buttons(first)["▶ 2/3"])
    assert second.edit
    assert numbered(second) == [str(number) for number in range(9, 17)]
    third = await asker.press(buttons(second)["▶ 3/3"])
    assert numbered(third) == ["17", "18", "19", "20"]
    assert "▶" not in "".join(buttons(third))
    assert text(await asker.press(buttons(second)["◀ 1/3"])) == text(first)


async def test_older_and_newer_digests_are_a_press_away(asker):
    latest = await asker("/tag NeRF")
    assert "»" not in "".join(buttons(latest))
    older = await asker.press(buttons(latest)["« 11-17"])
    assert text(older).startswith("NeRF · 2026-11-17\n3 papers")
    oldest = await asker.press(buttons(older)["« 11-10"])
    assert "«" not in "".join(buttons(oldest))
    assert oldest.edit
    assert text(await asker.press(buttons(oldest)["11-17 »"])) == text(older)


async def test_digest_of_another_year_is_named_in_full(database, asker):
    await put(database, digest(day(30, 12, 2025), "2512.00001"))
    reply = await asker("/tag NeRF 2026-11-10")
    assert "« 2025-12-30" in buttons(reply)


async def test_digest_of_a_day_however_it_is_written(asker):
    for line in (
        "/tag NeRF 2026-11-17",
        "/tag nerf 17.11.",
        "/tag NeRF yesterday",
        "/tag NeRF 昨天",
        "/tag NeRF Nov 17",
        "/latest NeRF 2026-11-17",
        "/tag 2026-11-17 nerf",
        "/tag NeRF 11月17日",
    ):
        reply = await asker(line)
        assert text(reply).startswith("NeRF · 2026-11-17\n3 papers"), line
        assert "nearest" not in text(reply)


async def test_day_without_a_digest_shows_the_nearest_and_says_so(asker):
    for asked, nearest in (
        ("2026-11-15", "2026-11-17"),
        ("2026-11-12", "2026-11-10"),
        ("2030-01-01", "2026-11-18"),
        ("1999-01-01", "2026-11-10"),
    ):
        reply = await asker(f"/tag NeRF {asked}")
        assert text(reply).startswith(f"NeRF · {nearest}")
        assert f"No digest on {asked}" in text(reply)


async def test_yesterday_is_of_the_chats_own_zone(database, asker):
    await put(database, digest(day(16), "2608.00001"))
    await follow(database, zone="Pacific/Honolulu")
    early = NOW - 8 * 3600  # the morning of the 18th at UTC, and still the 17th in Honolulu
    here, there = Asker(database, at=early), Asker(database, person="8", at=early)
    assert text(await here("/tag NeRF yesterday")).startswith("NeRF · 2026-11-16")
    assert text(await there("/tag NeRF yesterday")).startswith("NeRF · 2026-11-17")


async def test_zone_that_this_machine_does_not_know_is_taken_for_utc(database, asker):
    await follow(database, zone="Mars/Olympus")
    assert text(await asker("/tag NeRF yesterday")).startswith("NeRF · 2026-11-17")


async def test_tag_needs_a_name_and_says_how(asker):
    for line in ("/tag", "/tag 2026-11-17"):
        reply = await asker(line)
        assert "/tag NeRF 2026-11-20" in text(reply)
        check(reply)


async def test_misspelled_tag_is_asked_about_and_opened_by_a_press(asker):
    reply = await asker("/tag Nref 17.11.")
    assert "Did you mean" in text(reply)
    opened = await asker.press(buttons(reply)["NeRF"])
    assert opened.edit
    assert text(opened).startswith("NeRF · 2026-11-17")


async def test_tag_nothing_is_like_is_answered_with_a_line(asker):
    reply = await asker("/latest quarterly earnings")
    assert "/tags" in text(reply)
    check(reply)


async def test_names_of_any_kind_work(database):
    await put(
        database,
        digest(day(18), "2611.00001", tags=(ODD,)),
        digest(day(18), "2611.00002", tags=("Talking Head Generation",)),
        digest(day(18), "2611.00003", tags=("R1_Reasoning",)),
    )
    asker = Asker(database)
    for name in (ODD, "元宇宙-虚拟人", "Talking Head Generation", "talking_head", "R1 Reasoning"):
        assert "1 paper\nOn 2611.0000" in text(await asker(f"/tag {name}"))
        reply = await asker(f"/latest {name} 3")
        assert "On 2611.0000" in text(reply)
        check(reply)


async def test_number_that_belongs_to_a_tag_is_no_count(database):
    await put(
        database,
        digest(day(17), "2611.00001", tags=("GPT 4",)),
        digest(day(18), "2611.00002", tags=("GPT 4",)),
    )
    assert text(await Asker(database)("/latest gpt 4")).startswith("GPT 4 · 2026-11-18\n1 paper")
    assert text(await Asker(database)("/latest gpt 4 2")).startswith("Latest digests\nGPT 4 · 2026-11-18")


async def test_posts_of_several_sources_are_one_digest_with_each_paper_once(database):
    bare = entry("2611.00002", takeaways=(), summary="只有一句。")
    told = entry("2611.00002", summary="说得更多。")
    await put(database, digest(day(18), "2611.00001", bare))
    await put(database, digest(day(18), told, "2611.00003", author="Another"), source="mirror")
    reply = await Asker(database)("/tag NeRF")
    assert "3 papers" in text(reply)
    assert text(reply).count("On 2611.00002") == 1
    assert "说得更多。" in text(reply)
    assert "By Another" in text(reply)
    assert "By Paperboy" in text(reply)


async def test_revised_summary_without_takeaways_does_not_hide_one_that_has_them(database):
    await put(database, digest(day(18), entry("2611.00002", summary="说得更多。")))
    bare = entry("2611.00002", takeaways=(), summary="只有一句。")
    await put(database, digest(day(18), bare), source="mirror")
    assert "说得更多。" in text(await Asker(database)("/tag NeRF"))


async def test_heading_of_another_day_is_what_is_shown(database):
    await put(
        database,
        digest(day(17), "2611.00001", heading_date=day(18)),
        digest(day(20), "2611.00002"),
    )
    reply = await Asker(database)("/tag NeRF 2026-11-18")
    assert text(reply).startswith("NeRF · 2026-11-18\n1 paper\nOn 2611.00001")
    assert "nearest" not in text(reply)


async def test_post_without_papers_is_no_digest(database):
    await put(database, digest(day(18)), digest(day(17), "2611.00001"))
    assert text(await Asker(database)("/tag NeRF")).startswith("NeRF · 2026-11-17")
    await put(database, digest(day(18), tags=("Empty",)))
    assert "no digest of Empty" in text(await Asker(database)("/latest Empty"))


async def test_stale_digest_button_shows_the_nearest_digest(asker):
    reply = await asker.press(f"digest:{NERF}:2026-11-01:9")
    assert text(reply).startswith("NeRF · 2026-11-10")
    assert "No digest on 2026-11-01" in text(reply)


async def test_button_of_something_gone_is_answered_with_a_few_words(asker):
    for data in (
        "digest:ffffffff:2026-11-18:1",
        "digest:",
        "dates:ffffffff:1",
        "rest:ffffffff:2026-11-18",
        f"rest:{NERF}:someday",
        "rest:",
        "paper:2001.00001",
        "paper:",
        "note:2001.00001",
        "abstract:2001.00001:2",
        "figures:2001.00001",
        "like:2001.00001",
        "search:1:",
        "search:",
        "search:1:#0123456789abcdef",
        "save:nonsense",
    ):
        reply = await asker.press(data)
        assert reply.toast, data
        assert reply.cards == (), data
        check(reply)


async def test_button_that_says_nonsense_opens_what_it_can(asker):
    for data in (f"digest:{NERF}:2026-99-99:x", f"digest:{NERF}", f"digest:{NERF}::-5"):
        assert text(await asker.press(data)).startswith("NeRF · 2026-11-18\n20 papers · page 1 of 3")


# The latest


async def test_chat_that_follows_one_tag_gets_its_latest_digest(database, asker):
    await follow(database, "nerf")
    assert text(await asker("/latest")).startswith("NeRF · 2026-11-18\n20 papers")


async def test_latest_of_several_followed_tags_is_a_list_of_digests(database, asker):
    await put(database, digest(day(18), "2611.00009", tags=("Robots",)))
    await follow(database, "nerf", "3dgs")
    reply = await asker("/latest")
    assert text(reply).split("\n") == [
        "Latest digests",
        "NeRF · 2026-11-18 · 20 papers",
        "On 2611.00001; On 2611.00002",
        "3DGS · 2026-11-17 · 2 papers",
        "On 2611.00001; On 2003.08934",
        "NeRF · 2026-11-17 · 3 papers",
        "On 2609.00001; On 2609.00002",
        "NeRF · 2026-11-10 · 2 papers",
        "On 2610.00001; On 2610.00002",
    ]
    opened = await asker.press(buttons(reply)["2"])
    assert opened.edit
    assert text(opened).startswith("3DGS · 2026-11-17")
    check(reply)


async def test_latest_of_who_follows_nothing_is_of_all_tags_and_says_so(database, asker):
    reply = await asker("/latest")
    assert "You follow no tag yet" in text(reply)
    assert text(reply).count("3DGS · ") == 1
    assert await database_chats(database) == 0


async def test_latest_of_who_follows_everything_is_of_all_tags(database, asker):
    await follow(database, every=True)
    reply = await asker("/latest")
    assert "3DGS · " in text(reply)
    assert "You follow no tag" not in text(reply)


async def database_chats(database) -> int:
    async with database.reading() as connection:
        return len((await connection.execute(select(chat.c.id))).all())


async def test_number_says_how_many_digests(database, asker):
    await follow(database, "nerf")
    assert numbered(await asker("/latest 2")) == ["1", "2"]
    assert numbered(await asker("/latest NeRF 3")) == ["1", "2", "3"]
    assert text(await asker("/latest 1")).startswith("NeRF · 2026-11-18\n20 papers")
    assert text(await asker("/latest NeRF 1")).startswith("NeRF · 2026-11-18\n20 papers")


async def test_at_most_ten_digests_are_listed_at_once(database):
    await put(database, *(digest(day(number), f"2611.{number:05}") for number in range(1, 16)))
    asker = Asker(database)
    assert len(numbered(await asker("/latest NeRF 99"))) == 10
    assert len(numbered(await asker("/latest NeRF 0"))) == 1
    reply = await asker("/latest 10")
    assert len(numbered(reply)) == 10
    check(reply)


async def test_list_of_the_latest_is_turned_in_place(database):
    await put(database, *(digest(day(number), f"2611.{number:05}") for number in range(1, 21)))
    await put(database, *(digest(day(number), f"2610.{number:05}", tags=("LLM",)) for number in range(1, 5)))
    asker = Asker(database)
    seen = []
    reply = await asker("/latest")
    while True:
        seen += [line for line in text(reply).split("\n") if " paper" in line and "·" in line]
        if "▶" not in buttons(reply):
            break
        reply = await asker.press(buttons(reply)["▶"])
        assert reply.edit
        check(reply)
    assert len(seen) == len(set(seen)) == 24
    assert "◀" in buttons(reply)
    assert text(await asker.press("dates::99")) == text(await asker("/latest"))


async def test_tags_that_are_named_together_are_listed_together(asker):
    reply = await asker("/latest NeRF, 3DGS")
    assert {line.split(" · ")[0] for line in text(reply).split("\n") if " · " in line} == {"NeRF", "3DGS"}
    assert "NeRF · " in text(await asker("/tag 3DGS, NeRF"))


async def test_nothing_read_yet_is_said_plainly(database):
    reply = await Asker(database)("/latest")
    assert text(reply) == "There is no digest yet. As soon as one comes, /latest shows it."
    check(reply)


async def test_dates_of_a_tag_are_buttons_eight_a_page(database):
    await put(database, *(digest(day(number), f"2611.{number:05}") for number in range(1, 21)))
    asker = Asker(database)
    dates = await asker.press(buttons(await asker("/tag NeRF"))["All dates"])
    assert dates.edit
    assert text(dates) == "NeRF: digests\n20 digests · page 1 of 3"
    assert next(iter(buttons(dates))) == "2026-11-20 · 1"
    assert len([label for label in buttons(dates) if "·" in label]) == 8
    last = await asker.press(buttons(await asker.press(buttons(dates)["▶ 2/3"]))["▶ 3/3"])
    assert text(await asker.press(buttons(last)["2026-11-01 · 1"])).startswith("NeRF · 2026-11-01")
    check(last)


# What the cap holds back


async def test_rest_of_a_capped_digest_is_what_the_chat_was_not_sent(database, asker):
    chat_id = await follow(database, "nerf")
    async with database.writing() as connection:
        known = await entry_ids(connection)
        for at, arxiv_id in enumerate(ids(11, 20)):
            row = {"chat_id": chat_id, "arxiv_id": arxiv_id, "entry_id": known[arxiv_id], "planned_at": 1}
            state = (
                {"state": "sent"}
                if at < 15
                else {"state": "filtered", "reason": "cap" if at < 18 else "exclude"}
            )
            await connection.execute(insert(delivery).values(row | state))
    reply = await asker.press(f"rest:{NERF}:2026-11-18")
    assert not reply.edit
    assert text(reply).startswith("NeRF · 2026-11-18 · not sent yet\n3 papers\nOn 2611.00016\n")
    assert "On 2611.00018" in text(reply)
    assert "On 2611.00019" not in text(reply)
    opened = await asker.press(buttons(reply)["2"])
    assert opened.edit
    assert text(await asker.press(back(opened))) == text(reply)
    check(reply)


async def test_rest_for_a_chat_that_is_not_known_is_what_is_beyond_the_cap(asker):
    reply = await asker.press(f"rest:{NERF}:2026-11-18")
    assert "10 papers · page 1 of 2\nOn 2611.00011\n" in text(reply)
    following = await asker.press(buttons(reply)["▶ 2/2"])
    assert following.edit
    assert numbered(following) == ["9", "10"]


async def test_rest_of_no_day_is_not_said_to_be_of_a_lost_tag(asker):
    for data in (f"rest:{NERF}:someday", f"rest:{NERF}:2026-13-45", f"rest:{NERF}"):
        reply = await asker.press(data)
        assert "older version" in reply.toast
        check(reply)
    assert "not known any more" in (await asker.press("rest:ffffffff:2026-11-18")).toast


async def test_nothing_held_back_is_said_beside_the_button(asker):
    assert "nothing more" in (await asker.press(f"rest:{NERF}:2026-11-17")).toast


# Papers


async def test_card_of_a_paper_by_id(asker):
    reply = await asker("/paper 2003.08934")
    said = text(reply)
    assert said.startswith(
        "On 2003.08934\nAda Lovelace, Alan Turing\nSummary\n2003.08934 的一句话。\nKey Takeaways"
    )
    assert "By Paperboy · Digest · CC BY 4.0" in said
    assert list(buttons(reply)) == ["PDF", "Abstract", "Save", "More 3DGS"]
    assert not reply.edit
    check(reply)


async def test_card_of_a_paper_by_link(asker):
    for line in (
        "https://arxiv.org/abs/2003.08934v2",
        "arXiv:2003.08934",
        "https://papers.cool/arxiv/2003.08934",
    ):
        assert text(await asker(f"/paper {line}")).startswith("On 2003.08934\n")


async def test_card_of_an_old_paper(database):
    await put(database, digest(day(18), "cs/0112017"))
    for line in ("cs/0112017", "cs.LG/0112017v3", "https://arxiv.org/abs/cs/0112017"):
        assert text(await Asker(database)(f"/paper {line}")).startswith("On cs/0112017\n")


async def test_unknown_paper_is_said_to_be_and_linked(asker):
    reply = await asker("/paper 2401.00001")
    assert "arXiv:2401.00001" in text(reply)
    assert buttons(reply)["arXiv"].url == "https://arxiv.org/abs/2401.00001"
    check(reply)


async def test_paper_without_an_id_says_how_with_an_example(asker):
    for line in ("/paper", "/paper neural fields", "/paper @everyone /stop 12.34"):
        reply = await asker(line)
        assert "/paper 2003.08934" in text(reply)
        assert not any("/stop" in span.text for span in reply.cards[0].blocks[0].items[0] if span.tap)
        check(reply)


async def test_card_is_of_the_newest_digest_that_has_takeaways_and_names_all_tags(database):
    old = entry("2611.00001", summary="旧的。", takeaways=("旧要点。",), note=LONG_NOTE, figures=(FIGURE,))
    new = entry("2611.00001", summary="新的。", takeaways=("新要点。",), translation="译文。")
    bare = entry("2611.00001", summary="光秃。", takeaways=())
    await put(
        database,
        digest(day(10), old, tags=("Zebra",), author="First"),
        digest(day(17), new, tags=("NeRF", "3DGS"), author="Second"),
        digest(day(18), bare, tags=("LLM",), author="Third"),
    )
    asker = Asker(database)
    reply = await asker("/paper 2611.00001")
    assert "新的。" in text(reply)
    assert "新要点。" in text(reply)
    assert "By Second" in text(reply)
    assert reply.cards[0].tags == ("3DGS", "LLM", "NeRF", "Zebra")
    assert list(buttons(reply)) == ["PDF", "Abstract", "Note", "Figures", "Save", "More like this"]
    # What the newest does not have is still there, with whose it is.
    note = await asker.press(buttons(reply)["Note"])
    assert "Each step is told at length." in text(note)
    assert "By First" in text(note)
    abstract = await asker.press(buttons(reply)["Abstract"])
    assert "译文。" in text(abstract)
    assert "By Second" in text(abstract)
    assert (await asker.press(buttons(reply)["Figures"])).figures == (FIGURE,)


async def test_summary_alone_is_better_than_nothing(database):
    await put(
        database,
        digest(day(17), entry("2611.00001", summary="一句话。", takeaways=())),
        digest(day(18), entry("2611.00001", summary=None, takeaways=()), tags=("LLM",)),
    )
    assert "一句话。" in text(await Asker(database)("/paper 2611.00001"))


async def test_card_opened_from_a_digest_takes_its_place_and_leads_back(asker):
    page = await asker.press(buttons(await asker("/tag NeRF"))["▶ 2/3"])
    card = await asker.press(buttons(page)["10"])
    assert card.edit
    assert text(card).startswith("On 2611.00010\n")
    again = await asker.press(back(card))
    assert again.edit
    assert text(again) == text(page)
    check(card)


async def test_card_asked_for_by_a_bare_button_is_a_message_of_its_own(asker):
    reply = await asker.press("paper:2003.08934")
    assert not reply.edit
    assert "‹ Back" not in buttons(reply)


async def test_card_leads_back_to_lists_only(asker):
    for data in ("paper:2003.08934:stop:now", "paper:2003.08934:save:1", "paper:2003.08934:x"):
        reply = await asker.press(data)
        assert text(reply).startswith("On 2003.08934")
        assert "‹ Back" not in buttons(reply)


async def test_note_is_a_message_of_its_own_whose_pages_turn_in_place(database):
    await put(database, digest(day(18), entry("2611.00001", note=LONG_NOTE)))
    asker = Asker(database)
    first = await asker.press(buttons(await asker("/paper 2611.00001"))["Note"])
    assert (first.edit, first.page, first.pages) == (False, 1, "note:2611.00001")
    assert "Method" in text(first)
    second = await asker.press("note:2611.00001:2")
    assert (second.edit, second.page, second.pages) == (True, 2, "note:2611.00001")
    assert second.cards == first.cards
    check(first)


async def test_pages_of_an_old_papers_note_keep_its_id(database):
    await put(database, digest(day(18), entry("cs/0112017", note=LONG_NOTE)))
    reply = await Asker(database).press("note:cs/0112017:3")
    assert (reply.edit, reply.page, reply.pages) == (True, 3, "note:cs/0112017")


async def test_abstract_comes_with_its_translation(database):
    told = entry("2611.00001", translation="第一段。\n\n第二段。")
    await put(database, digest(day(18), told))
    reply = await Asker(database).press("abstract:2611.00001")
    assert text(reply).split("\n")[1:6] == [
        "Abstract",
        "We show that it can be done.",
        "Translated abstract",
        "第一段。",
        "第二段。",
    ]
    assert (reply.edit, reply.page, reply.pages) == (False, 1, "abstract:2611.00001")
    check(reply)


async def test_what_a_paper_does_not_have_is_said_beside_the_button(database):
    bare = entry("2611.00001", paper=paper("2611.00001", abstract=""))
    await put(database, digest(day(18), bare))
    asker = Asker(database)
    for data, words in (("note", "no note"), ("abstract", "no abstract"), ("figures", "no figures")):
        reply = await asker.press(f"{data}:2611.00001")
        assert words in reply.toast
        assert reply.cards == ()


async def test_figures_are_at_most_ten_each_once_and_none_dead(database):
    many = tuple(f"https://x.example.org/{number}.png" for number in range(12))
    drawn = ("./crop.jpg", FIGURE, FIGURE.replace("picx", "pica"), *many)
    await put(database, digest(day(18), entry("2611.00001", figures=drawn)))
    reply = await Asker(database).press("figures:2611.00001")
    assert reply.figures == (FIGURE, *many[:9])


async def test_more_like_it_is_the_latest_digest_of_its_tag(asker):
    reply = await asker.press("like:2003.08934")
    assert not reply.edit
    assert text(reply).startswith("3DGS · 2026-11-17")


async def test_more_like_a_paper_of_several_tags_asks_which(asker):
    reply = await asker.press("like:2611.00001")
    assert list(buttons(reply)) == ["3DGS", "NeRF"]
    opened = await asker.press(buttons(reply)["NeRF"])
    assert opened.edit
    assert text(opened).startswith("NeRF · 2026-11-18")
    check(reply)


async def test_start_shows_a_paper_by_the_same_way(database, asker):
    from bot.commands.base import Visit
    from bot.locales import words

    async with database.reading() as connection:
        visit = Visit(
            desk=asker.desk, request=asker._request(word="start"), chat=None, place=asker.place, text="",
            say=words(Language.EN), language=Language.EN, connection=connection,
        )  # fmt: skip
        assert text(await show_paper(visit, "2003.08934")).startswith("On 2003.08934")
        assert "2401.00001" in text(await show_paper(visit, "2401.00001"))


# Search


async def test_search_finds_titles_and_words_of_the_digest_in_any_language(database, asker):
    told = entry(
        "2611.00099", paper=paper("2611.00099", title="Gaussian Splatting at Night"), summary="夜间的泼溅。"
    )
    await put(database, digest(day(18), told, tags=("3DGS",)))
    for words in ("splatting", "NIGHT gauss", "泼溅", "夜"):
        reply = await asker(f"/search {words}")
        assert "1 paper\nGaussian Splatting at Night\n3DGS · 2026-11-18" in text(reply), words
        check(reply)


async def test_results_page_in_place_and_cards_lead_back(asker):
    first = await asker("/search show that it")
    assert "page 1 of 4" in text(first)
    second = await asker.press(buttons(first)["▶ 2/4"])
    assert second.edit
    assert numbered(second)[0] == "9"
    card = await asker.press(buttons(second)["9"])
    assert card.edit
    assert text(await asker.press(back(card))) == text(second)


async def test_page_beyond_the_last_is_the_last(asker):
    assert "page 4 of 4" in text(await asker.press("search:99:show"))


LONG_WORDS = "it can be done " * 9


async def test_words_that_no_button_can_carry_are_kept(database, asker):
    abstract = f"show # can:be done @7 {LONG_WORDS}"
    told = [entry(name, paper=paper(name, abstract=abstract)) for name in ids(12, 12)]
    await put(database, digest(day(18), *told, tags=("3DGS",)))
    for words in (LONG_WORDS, "show @", "#", "done @7", "can:be"):
        first = await asker(f"/search {words}")
        (onward,) = (button for label, button in buttons(first).items() if "▶" in label)
        second = await asker.press(onward)
        assert "page 2 of" in text(second)
        assert text(second).startswith(text(first).split("\n")[0])
        card = await asker.press(buttons(second)["9"])
        assert text(await asker.press(back(card))) == text(second)
        check(first)


async def test_search_whose_words_were_lost_says_so(database, asker):
    first = await asker("/search " + "show that it can be done. " * 3)
    assert "▶ 2/4" in buttons(first)
    async with database.writing() as connection:
        await connection.execute(delete(phrase))
    assert "too old" in (await asker.press(buttons(first)["▶ 2/4"])).toast


async def test_short_words_leave_nothing_behind(database, asker):
    await asker("/search show")
    async with database.reading() as connection:
        assert (await connection.execute(select(phrase.c.key))).all() == []


async def test_id_that_is_looked_for_is_found(asker):
    assert text(await asker("/search 2003.08934")).startswith("On 2003.08934\nAda")
    assert text(await asker("/search https://arxiv.org/abs/2003.08934v1")).startswith("On 2003.08934\nAda")


async def test_search_for_nothing_says_how(asker):
    for line in ("/search", "/search   ", "/search \ud800\0"):
        assert "/search gaussian splatting" in text(await asker(line))


async def test_nothing_found_is_said_with_advice(asker):
    for line in ("/search xylophones", "/search " + "z" * 4000, "/search \ud800 zz \0", "/search ''\"%_zz"):
        reply = await asker(line)
        assert "fewer or other words" in text(reply)
        check(reply)


# All of it


def crawlable(reply):
    return [b for card in reply.cards for row in (card.buttons, *card.keys) for b in row if b.action]


@pytest.mark.parametrize("language", Language)
async def test_every_button_that_a_reply_shows_is_answered(database, language):
    wild = "A $10\\times$ <b>title</b> with @durov, /stop and 中文 " * 3
    await put(
        database,
        digest(
            day(17), entry("2611.00077", paper=paper("2611.00077", title=wild), note=LONG_NOTE), tags=(ODD,)
        ),
        digest(day(18), *ids(11, 11), entry("2611.00077", figures=(FIGURE,)), tags=("NeRF", ODD)),
        digest(day(18), "cs/0112017", tags=("C++",)),
    )
    asker = Asker(database, hint=language, person="12345678901234567890")
    lines = f"""/latest; /latest 3; /tag NeRF; /tag {ODD} 1.1.; /paper 2611.00077; /search on; /search 中文;
        /saved; /save cs/0112017; /save 2611.00077; /saved; /export"""
    waiting = deque([await asker(line.strip()) for line in lines.split(";")])
    pressed: set[str] = set()
    while waiting:
        reply = waiting.popleft()
        assert reply is not None
        check(reply, language)
        for button in crawlable(reply):
            if button.data not in pressed and len(pressed) < 250:
                pressed.add(button.data)
                following = await asker.press(button)
                assert following.cards or following.toast or following.figures or following.file, button
                trouble = "This cannot be answered", "暂时无法回答"
                assert not any(said in text(following) for said in trouble), button
                waiting.append(following)
    actions = "paper digest dates note abstract figures save like search saved unsave export"
    assert {data.partition(":")[0] for data in pressed} >= set(actions.split())


async def test_answers_come_in_the_language_of_who_asks(asker):
    reader = Asker(asker.desk.database, hint=Language.ZH)
    reply = await reader("/tag NeRF 2026-11-15")
    assert "20 篇" not in text(reply)
    assert "2026-11-15 没有日报，以下是最接近的一期。" in text(reply)
    assert "全部日期" in buttons(reply)
    assert "没有找到" in text(await reader("/search xylophones"))
    check(reply, Language.ZH)


async def test_reading_in_a_group_makes_no_chat_and_asks_for_no_rights(database, asker):
    group = Asker(database, place=Place(address="-100", where=Where.GROUP, title="A group"))
    for line in ("/latest", "/tag NeRF", "/paper 2003.08934", "/search show", "/saved"):
        assert (await group(line)).cards
    assert group.town.calls == 0
    assert await database_chats(database) == 0
