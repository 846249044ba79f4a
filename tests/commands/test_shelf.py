"""Reading lists: saved, shown, taken off, exported, each of one person."""

import pytest
from sqlalchemy import insert

from bot.commands.base import Place, Where
from bot.model import Language
from bot.storage.tables import saved
from tests.commands.asking import NOW, Asker, buttons, text
from tests.commands.shelves import check, day, digest, ids, put

GROUP = Place(address="-100", where=Where.GROUP, title="A group")


@pytest.fixture
async def asker(database):
    """Somebody, and a digest of twelve papers and an old one."""
    await put(database, digest(day(18), *ids(11, 12), "cs/0112017"))
    return Asker(database)


async def save(asker, number):
    """So many papers on the list, the first one last."""
    for arxiv_id in reversed(ids(11, number)):
        asker.at += 1
        await asker(f"/save {arxiv_id}")


async def test_saving_by_a_button_twice_saves_and_then_says_that_it_is_there(asker):
    card = await asker("/paper 2611.00001")
    assert (await asker.press(buttons(card)["Save"])).toast == "Saved. /saved shows your list."
    asker.at += 90 * 86400
    again = await asker.press(buttons(card)["Save"])
    assert again.toast == "It is on your list already: /saved"
    assert again.cards == ()
    assert "On 2611.00001" in text(await asker("/saved"))


async def test_card_of_the_list_takes_its_paper_off_and_leads_back(asker):
    await save(asker, 7)
    page = await asker.press(buttons(await asker("/saved"))["▶ 2/2"])
    card = await asker.press(buttons(page)["6"])
    assert "Save" not in buttons(card)
    check(card)
    reply = await asker.press(buttons(card)["✕ Take off my list"])
    assert reply.edit
    assert reply.toast == "Taken off your list."
    assert "6 papers · page 2 of 2" in text(reply)
    assert "On 2611.00006" not in text(reply)
    repeated = await asker.press(buttons(card)["✕ Take off my list"])
    assert repeated.toast == "It is not on your list."
    assert "6 papers" in text(repeated)


async def test_card_of_someone_elses_list_takes_nothing_off(database, asker):
    await save(asker, 1)
    card = await asker.press(buttons(await asker("/saved"))["1"])
    stranger = Asker(database, person="8", place=GROUP)
    reply = await stranger.press(buttons(card)["✕ Take off my list"])
    assert "someone else's list" in reply.toast
    assert "1 paper" in text(await asker("/saved"))


async def test_saving_by_a_command_takes_ids_and_links_and_keeps_what_is_there(asker):
    assert text(await asker("/save arxiv.org/abs/2611.00002v3")).startswith("Saved.")
    assert "already" in text(await asker("/save 2611.00002"))
    assert text(await asker("/save cs.LG/0112017")).startswith("Saved.")
    assert text(await asker("/saved")).startswith("Your reading list\n2 papers\n")


async def test_what_cannot_be_saved_is_said_with_an_example(asker):
    for line, said in (
        ("/save", "/save 2003.08934"),
        ("/save something", "“something” is no arXiv id"),
        ("/save 2401.00001", "No digest has brought arXiv:2401.00001"),
    ):
        reply = await asker(line)
        assert said in text(reply)
        check(reply)
    assert "is empty" in text(await asker("/saved"))


async def test_list_shows_the_last_saved_first_five_a_page(asker):
    await save(asker, 12)
    first = await asker("/saved")
    assert text(first).split("\n")[:4] == [
        "Your reading list",
        "12 papers · page 1 of 3",
        "On 2611.00001",
        "NeRF · 2026-11-18",
    ]
    assert list(buttons(first))[:5] == ["1", "2", "3", "4", "5"]
    last = await asker.press(buttons(await asker.press(buttons(first)["▶ 2/3"]))["▶ 3/3"])
    assert last.edit
    assert "On 2611.00012" in text(last)
    check(last)


async def test_card_opens_in_place_and_leads_back_to_its_page(asker):
    await save(asker, 7)
    page = await asker.press(buttons(await asker("/saved"))["▶ 2/2"])
    card = await asker.press(buttons(page)["6"])
    assert card.edit
    assert text(card).startswith("On 2611.00006\n")
    assert text(await asker.press(buttons(card)["‹ Back"])) == text(page)


async def test_tap_takes_a_paper_off_in_place(asker):
    await save(asker, 6)
    page = await asker.press(buttons(await asker("/saved"))["▶ 2/2"])
    gone = buttons(page)["✕ 6"]
    reply = await asker.press(gone)
    assert reply.edit
    assert reply.toast == "Taken off your list."
    assert text(reply).startswith("Taken off your list.\nYour reading list\n5 papers\nOn 2611.00001")
    repeated = await asker.press(gone)
    assert repeated.toast == "It is not on your list."
    assert "5 papers" in text(repeated)
    check(repeated)


async def test_last_one_taken_off_leaves_an_empty_list(asker):
    await save(asker, 1)
    reply = await asker.press(buttons(await asker("/saved"))["✕ 1"])
    assert reply.edit
    assert "Your reading list is empty" in text(reply)


async def test_lists_are_per_person_wherever_they_ask(database, asker):
    await asker("/save 2611.00001")
    for person in ("7", "8"):
        group = Asker(database, person=person, place=GROUP)
        await group("/save 2611.00002")
    assert text(await asker("/saved")).startswith("Your reading list\n2 papers")
    assert text(await Asker(database, person="8")("/saved")).startswith("Your reading list\n1 paper")


async def test_buttons_of_someone_elses_list_do_nothing(database, asker):
    await save(asker, 6)
    shown = await asker("/saved")
    stranger = Asker(database, person="8", place=GROUP)
    for label in ("▶ 2/2", "✕ 1", "BibTeX", "RIS"):
        reply = await stranger.press(buttons(shown)[label])
        assert "someone else's list" in reply.toast
        assert reply.cards == ()
        assert reply.file is None
    assert "6 papers" in text(await asker("/saved"))


async def test_who_does_not_say_who_they_are_has_no_list(database, asker):
    nobody = Asker(database, person="", place=GROUP)
    for line in ("/save 2611.00001", "/saved", "/export", "/export ris"):
        assert "private chat" in text(await nobody(line))
    assert "private chat" in (await nobody.press("save:2611.00001")).toast


async def test_export_asks_in_which_form(asker):
    await save(asker, 2)
    reply = await asker("/export")
    assert text(reply) == "Your 2 papers as a file for:"
    assert list(buttons(reply)) == ["BibTeX", "RIS"]
    bib = (await asker.press(buttons(reply)["BibTeX"])).file
    assert bib.name == "reading-list.bib"
    assert bib.data.decode().count("@misc{") == 2
    ris = (await asker.press(buttons(reply)["RIS"])).file
    assert ris.name == "reading-list.ris"
    assert ris.data.count(b"TY  - UNPB\r\n") == 2
    check(reply)


async def test_export_takes_the_form_by_name(asker):
    await save(asker, 3)
    for word in ("bibtex", "BibTeX", "bib", ".bib"):
        assert (await asker(f"/export {word}")).file.name == "reading-list.bib"
    assert (await asker("/export RIS")).file.name == "reading-list.ris"
    assert list(buttons(await asker("/export word"))) == ["BibTeX", "RIS"]


async def test_export_is_in_the_order_of_the_list(asker):
    await save(asker, 3)
    written = (await asker("/export bibtex")).file.data.decode()
    assert [line for line in written.split("\n") if "eprint" in line] == [
        "  eprint = {2611.00001},",
        "  eprint = {2611.00002},",
        "  eprint = {2611.00003},",
    ]


async def test_empty_list_is_no_file(asker):
    for line in ("/export", "/export bibtex", "/saved"):
        reply = await asker(line)
        assert "Your reading list is empty" in text(reply)
        assert reply.file is None
        check(reply)
    assert "is empty" in (await asker.press("export:ris:7")).toast
    assert (await asker.press("export:word:7")).toast


async def test_paper_that_a_backup_brought_back_before_its_digest_is_kept(database, asker):
    row = {"platform": "telegram", "person": "7", "arxiv_id": "2401.00001", "saved_at": int(NOW)}
    async with database.writing() as connection:
        await connection.execute(insert(saved).values(row))
    reply = await asker("/saved")
    assert "arXiv:2401.00001" in text(reply)
    assert "not known any more" in (await asker.press(buttons(reply)["1"])).toast
    assert b"eprint = {2401.00001}" in (await asker("/export bibtex")).file.data
    assert b"UR  - https://arxiv.org/abs/2401.00001\r\n" in (await asker("/export ris")).file.data
    assert "is empty" in text(await asker.press(buttons(reply)["✕ 1"]))
    check(reply)


async def test_list_speaks_the_readers_language(database, asker):
    reader = Asker(database, hint=Language.ZH)
    card = await reader("/paper 2611.00001")
    assert (await reader.press(buttons(card)["收藏"])).toast.startswith("已收藏")
    assert text(await reader("/saved")).startswith("您的阅读清单\n1 篇论文")
    check(await reader("/export"), _language := Language.ZH)


async def test_words_save_the_only_paper_that_holds_them_and_else_ask_which(asker):
    assert text(await asker("/save On 2611.00003")).startswith("Saved.")
    assert "On 2611.00003" in text(await asker("/saved"))
    assert text(await asker("/save 112017")).startswith("Saved.")
    several = await asker("/save on")
    assert "Saved" not in text(several)
    assert {"1", "2"} <= buttons(several).keys()
    check(several)
    assert "2 papers" in text(await asker("/saved"))


async def test_words_show_the_only_paper_that_holds_them_and_else_all_of_them(asker):
    assert text(await asker("/paper 112017")) == text(await asker("/paper cs/0112017"))
    several = await asker("/paper on")
    assert text(several) == text(await asker("/search on"))
    check(several)
    assert text(await asker("/paper nowhere")).startswith(
        "“nowhere” is no arXiv id or link, and no paper holds"
    )
