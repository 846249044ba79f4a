"""Alive, ready, and what the port says to whoever asks for something else."""

import asyncio
import json
import socket
import time

import pytest
from sqlalchemy import insert, update

from bot.storage import leases
from bot.storage.tables import chat
from bot.web.readings import Reading
from bot.web.server import Server
from tests.web.conftest import looked


async def owe(database, *, since, platform="telegram", address="7"):
    """A chat whose turn has been due for so many seconds."""
    settings = {"platform": platform, "style": "cards", "language": "en", "follows_all": True}
    async with database.writing() as connection:
        await connection.execute(
            insert(chat).values(**settings, address=address, owed_at=time.time() - since)
        )


async def ready(client):
    """The status and the checks of /readyz."""
    answer = await client("/readyz")
    said = json.loads(answer.text)
    assert said["ready"] == (answer.status == 200)
    return answer.status, said["checks"]


async def test_alive_while_the_loop_answers_even_without_work(opened):
    async with opened() as client:
        answer = await client("/healthz")
        assert (answer.status, answer.text) == (200, "ok")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_ready_when_every_role_is_held_and_every_source_was_read(opened, at_work):
    await at_work()
    async with opened() as client:
        status, checks = await ready(client)
        assert status == 200
        assert checks == dict.fromkeys(
            ("collect", "database", "listen:telegram", "send:telegram", "source:blog"), "ok"
        )


async def test_nobody_at_work_is_not_ready_and_each_role_says_so(opened):
    async with opened() as client:
        status, checks = await ready(client)
        assert status == 503
        for role in ("collect", "send:telegram", "listen:telegram"):
            assert checks[role] == "no process has this role"


async def test_role_that_ran_out_is_nobodys(opened, at_work, database):
    await at_work()
    async with database.writing() as connection:
        await connection.execute(update(leases.lease).values(until=time.time() - 70))
    async with opened() as client:
        status, checks = await ready(client)
        assert status == 503
        assert checks["collect"].startswith("no process has had this role for 7")


async def test_standing_by_for_another_process_is_ready_whatever_its_sources_do(opened, at_work, database):
    await at_work(holder="there:2:2")
    await looked(database, "blog", ago=9999)
    await owe(database, since=5000)
    async with opened() as client:
        status, checks = await ready(client)
        assert status == 200
        assert set(checks.values()) == {"ok"}


async def test_only_the_roles_of_this_process_count(opened, at_work):
    await at_work(roles=("send:telegram",))
    async with opened(roles=("send",)) as client:
        status, checks = await ready(client)
        assert status == 200
        assert set(checks) == {"database", "send:telegram"}


async def test_process_that_only_answers_looks_at_all_the_others(opened, at_work, database):
    await at_work(holder="there:2:2")
    async with opened(roles=()) as client:
        client.port._readings.standing._holds = 0
        assert (await ready(client))[0] == 200
        await looked(database, "blog", ago=9999)
        status, checks = await ready(client)
        assert (status, checks["collect"]) == (503, "not looked at in time: blog")


async def test_platform_without_people_has_no_listening_to_check(opened, at_work):
    await at_work(roles=("collect", "send:console"))
    async with opened(platforms=("console",), listens=()) as client:
        status, checks = await ready(client)
        assert status == 200
        assert "listen:console" not in checks


async def test_source_that_nobody_looks_at_any_more_is_not_ready(opened, at_work, database):
    await at_work("blog", "other")
    await looked(database, "blog", ago=3 * 30 + 75)
    async with opened(sources=("blog", "other")) as client:
        status, checks = await ready(client)
        assert status == 503
        assert checks["collect"] == "not looked at in time: blog"


async def test_one_failing_source_of_two_is_a_warning_and_the_last_one_is_not(opened, at_work, database):
    await at_work("blog", "other")
    for _ in range(3):
        await looked(database, "blog", error="blog: no such host; check its url", whole=False)
    async with opened(sources=("blog", "other")) as client:
        status, checks = await ready(client)
        assert status == 200
        assert checks["source:blog"] == "warning: blog: no such host; check its url"
        for _ in range(3):
            await looked(database, "other", error="other: gone", whole=False)
        client.port._readings.standing._holds = 0  # read anew
        status, checks = await ready(client)
        assert status == 503
        assert checks["collect"] == "no source can be read; see what is said of each"


async def test_one_look_that_failed_does_not_make_the_only_source_unready(opened, at_work, database):
    await at_work()
    await looked(database, "blog", error="blog: timed out", whole=False)
    async with opened() as client:
        status, checks = await ready(client)
        assert (status, checks["source:blog"]) == (200, "warning: blog: timed out")


async def test_first_look_must_be_over(opened, at_work, database):
    await at_work("other")
    async with opened() as client:
        status, checks = await ready(client)
        assert status == 503
        assert checks["collect"] == "no source has been looked at yet"
    async with opened(sources=("blog", "other")) as client:
        status, checks = await ready(client)
        assert (status, checks["source:blog"]) == (200, "warning: not looked at yet")


async def test_old_queue_is_not_ready_until_messages_go_out_again(opened, at_work, database):
    await at_work()
    await owe(database, since=900)
    async with opened() as client:
        status, checks = await ready(client)
        assert status == 503
        assert checks["send:telegram"].startswith("the chat that waits longest has waited for 15 min, and no")
        client.metrics.arrived("telegram")
        status, checks = await ready(client)
        assert status == 200
        assert checks["send:telegram"].endswith("messages go out")


async def test_short_queue_and_one_that_is_not_due_are_as_they_should_be(opened, at_work, database):
    await at_work()
    await owe(database, since=300)
    await owe(database, since=-9999, address="8")
    async with opened() as client:
        assert (await ready(client))[0] == 200


async def test_outage_of_the_platform_is_a_warning_until_something_arrives(opened, at_work, database):
    await at_work()
    await owe(database, since=900)
    async with opened() as client:
        client.metrics.refused("telegram", "unreachable")
        status, checks = await ready(client)
        assert status == 200
        assert checks["send:telegram"].startswith("warning: no way to the platform for ")
        client.metrics.refused("telegram", "rejected")  # it is there again, and takes nothing
        assert (await ready(client))[0] == 503


async def test_secrets_in_errors_and_names_are_masked(opened, at_work, database):
    name = "https://anna:hunter22@papers.example.org/feed?key=geheim"
    await at_work(name)
    await looked(database, name, error=f"{name}: 401; check the token", whole=False)
    async with opened(sources=(name,)) as client:
        answer = await client("/readyz")
        assert "source:https://anna:***@papers.example.org/feed?***" in answer.text
        assert "hunter22" not in answer.text
        assert "geheim" not in json.dumps(sorted(json.loads(answer.text)["checks"]))


async def test_database_that_is_away_is_told_without_more(opened, monkeypatch):
    async with opened() as client:

        async def away():
            raise OSError("connection refused")

        monkeypatch.setattr(client.port._readings.standing, "_read", away)
        status, checks = await ready(client)
        assert (status, checks) == (503, {"database": "cannot be read: connection refused"})
        assert (await client("/healthz")).status == 200


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
async def test_database_whose_file_was_taken_away_is_not_ready(opened, at_work, database):
    await at_work()
    async with opened() as client:
        file = database._file[0]
        file.rename(file.with_name("kept.db"))
        status, checks = await ready(client)
        assert status == 503
        assert "taken away or replaced" in checks["database"]


async def test_all_who_ask_a_database_that_hangs_wait_for_one_reading():
    begun = 0

    async def read():
        nonlocal begun
        begun += 1
        await asyncio.sleep(0.3)
        return begun

    reading = Reading(read, holds=60, patience=0.1)
    told = await asyncio.gather(*(reading.get() for _ in range(20)), return_exceptions=True)
    assert {type(each) for each in told} == {TimeoutError}
    assert begun == 1
    await asyncio.sleep(0.25)
    assert [await reading.get() for _ in range(3)] == [1, 1, 1]
    await reading.close()


async def test_reading_that_failed_is_begun_anew():
    outcomes = [OSError("no"), 5]

    async def read():
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    reading = Reading(read, holds=60)
    with pytest.raises(OSError, match="no"):
        await reading.get()
    assert await reading.get() == 5


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/", "/metrics/x"])
async def test_nothing_may_be_kept_and_nothing_is_told_of_what_answers(opened, path):
    async with opened() as client:
        headers = (await client(path)).headers
        assert headers["cache-control"] == "no-store"
        assert "charset=utf-8" in headers["content-type"].lower()
        assert "server" not in headers


async def test_what_is_not_there_and_what_is_not_meant_so(opened, at_work):
    await at_work()
    async with opened() as client:
        head = await client("/readyz", "HEAD")
        assert (head.status, head.text) == (200, "")
        assert (await client("/")).status == 404
        assert (await client("/push", "POST", data=b"{}")).status == 404  # without a secret there is none
        wrong = await client("/healthz", "DELETE")
        assert wrong.status == 405
        assert set(wrong.headers["allow"].split(",")) == {"GET", "HEAD"}


async def test_what_is_no_http_is_sent_away_without_a_word_in_the_log(opened, capfd, caplog):
    async with opened() as client:
        for bytes_ in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET / HTTP/9.9\r\nbad header\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port.server.port)
            writer.write(bytes_)
            assert b"Traceback" not in await asyncio.wait_for(reader.read(), 5)
            writer.close()
        assert (await client("/healthz")).status == 200
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "WARNING")]


async def test_port_that_is_taken_is_told_once_and_had_when_it_is_free(caplog):
    taken = socket.create_server(("127.0.0.1", 0))
    place = f"127.0.0.1:{taken.getsockname()[1]}"
    server = Server(place, ready=None, scrape=None, again=0.05)
    await server.start()
    assert server.port is None
    await asyncio.sleep(0.2)
    told = [record.getMessage() for record in caplog.records if "web.unheard" in record.getMessage()]
    assert len(told) == 1
    assert place in told[0]
    assert "web.listen" in told[0]
    taken.close()
    for _ in range(100):
        if server.port:
            break
        await asyncio.sleep(0.02)
    _reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.close()
    assert any("web.recovered" in record.getMessage() for record in caplog.records)
    await server.stop()


@pytest.mark.parametrize("place", ["a..b:8460", "x" * 70 + ".example:8460", "127.0.0.1:99999"])
async def test_place_that_nobody_can_have_ends_nothing(caplog, place):
    server = Server(place, ready=None, scrape=None)
    await server.start()
    assert server.port is None
    assert "web.unheard" in caplog.text
    await server.stop()


async def test_port_that_is_still_taken_at_the_end_holds_nothing_up():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Server(f"127.0.0.1:{taken.getsockname()[1]}", ready=None, scrape=None)
        await server.start()
        await asyncio.wait_for(server.stop(), 1)


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
async def test_ipv6_is_understood():
    server = Server("[::1]:0", ready=None, scrape=None)
    await server.start()
    if server.port is None:
        pytest.skip("this machine has no IPv6 loopback")
    reader, writer = await asyncio.open_connection("::1", server.port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).endswith(b"ok")
    writer.close()
    await server.stop()
