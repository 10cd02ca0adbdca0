"""The glance, its chart and a table in a chat of the sandbox; an audit that answers in place; warnings to watchers."""

import struct
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.runner import Running
from bot.sandbox.person import Message, Person
from handlers.admin import chart
from tests.e2e.shop_app import Town, town
from tests.e2e.test_web import app_get, stocked, until
from tests.shop import ADMIN


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


async def files(person: Person, kind: str) -> list[Message]:
    return [message for message in await person.messages() if message[kind]]


async def download(here: Town, path: str) -> bytes:
    async with httpx.AsyncClient(base_url=here.world.url, timeout=10) as http:
        answer = await http.get(path)
    assert answer.status_code == 200
    return answer.content


async def test_the_chart_and_the_tables_arrive_in_the_chat(here: Town) -> None:
    ada = here.people[ADMIN]
    async with here.shop() as app:
        await until(lambda: stocked(app))
        await ada.say("/stats")
        glance = await ada.reads("Everything is all right", "Revenue $0.00", "Providers")
        await ada.tap("Chart", glance)
        await ada.reads("Today", "Revenue $0.00", after=glance["message_id"])
        [photo] = await files(ada, "photo")
        assert (photo["photo"]["width"], photo["photo"]["height"]) == (chart.WIDTH, chart.HEIGHT)
        picture = await download(here, photo["photo"]["url"])
        assert struct.unpack(">II", picture[16:24]) == (chart.WIDTH, chart.HEIGHT)
        await ada.say("/export services")
        await ada.reads("Services, with orders that ended")
        [table] = await files(ada, "document")
        assert table["document"]["name"].startswith("services-")
        content = (await download(here, table["document"]["url"])).decode("utf-8-sig")
        assert content.startswith("id,category,name,server,provider,")
        assert table["document"]["size"] == len(content.encode("utf-8-sig"))


async def test_an_audit_on_request_answers_where_it_was_asked_for(here: Town) -> None:
    ada = here.people[ADMIN]
    async with here.shop() as app:
        await until(lambda: stocked(app))
        audit = next(running for running in app.jobs.running if running.name == "audit")
        await until(lambda: _finished(audit))
        await ada.say("/audit")
        shown = await ada.reads("Everything holds", "Audited")
        runs = audit.runs
        await ada.tap("Audit now", shown)
        await until(lambda: _edited(ada, shown))
        assert audit.runs == runs, "the hourly one has nothing to do with it"
        metrics = (await app_get(app, "/metrics")).text
        assert '\nshop_job_late{job="alarms"} 0\n' in metrics


async def _finished(job: Running) -> bool:
    return job.finished is not None


async def _edited(ada: Person, shown: Message) -> bool:
    now = next(one for one in await ada.messages() if one["message_id"] == shown["message_id"])
    return bool(now["edited"]) and "Everything holds" in now["text"]


async def test_a_provider_that_refuses_our_key_is_told_to_the_staff_and_to_watchers(here: Town) -> None:
    ada = here.people[ADMIN]
    await ada.say("/start")
    name = next(iter(here.settings().providers))
    terms = {
        other: each if other != name else each.model_copy(update={"key": each.key.__class__("no-such-key-here")})
        for other, each in here.settings().providers.items()
    }
    async with here.shop(providers=terms, alarms_interval=0.2) as app:
        told = await ada.reads("A provider refuses our key", f"provider: {name}")
        health = (await app_get(app, "/healthz")).json()
        assert (health["status"], health["warnings"], health["late_jobs"]) == ("ok", ["key-refused"], 0)
        assert f'shop_warning_seconds{{code="key-refused",of="{name}"}}' in (await app_get(app, "/metrics")).text
        await ada.tap("Today at a glance", told)
        await ada.reads("This needs you", f"{name} refuses our key")
