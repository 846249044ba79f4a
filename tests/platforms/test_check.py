"""`paperboy check` beside a bot at work, which does not notice."""

from bot import check
from tests.fakes.telegram import Server
from tests.platforms.test_telegram import TODAY, ask, cards, digest, until


async def test_bot_at_work_is_not_disturbed(bot, telegram: Server):
    ada = telegram.user("Ada", id=1)
    await ask(telegram, ada, ada, "/subscribe NeRF")
    group = telegram.group("Readers", creator=ada)
    await ask(telegram, group, ada, "/subscribe NeRF")
    await telegram.wait_until_polled()
    polls, lines = len(telegram.asked("getUpdates")), []
    assert not await check.check(bot.app.config, lambda finding: lines.append(finding.line()))
    assert "ok    telegram group Readers: the bot may post" in lines
    assert "ok    operator telegram:1: telegram:1 has started the bot" in lines
    assert {line[:4] for line in lines} == {"ok  "}
    assert telegram.updates.polled
    assert len(telegram.asked("getUpdates")) == polls
    bot.publish(TODAY, "NeRF", digest("NeRF", "2601.00001"))
    await bot.look()
    await until(lambda: cards(telegram, ada) == ["On 2601.00001"])
