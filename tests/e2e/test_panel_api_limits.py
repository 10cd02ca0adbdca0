"""How often the sites of strangers may call the panel API, and that nobody uses up what is another's."""

from collections.abc import AsyncIterator

import pytest

from handlers.http.panel_api import BUSY, Limits
from services import api_keys
from services.db import Database
from tests.e2e.panel_site import Site, document, open_site
from tests.shop import MIA

OMAR = 1002


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    async with open_site(db) as opened:
        yield opened


async def test_each_answer_says_how_much_is_left_and_when_to_come_again(db: Database) -> None:
    async with open_site(db, Limits(per_minute=3, catalogues=1)) as site:
        answers = [await site.answer("balance") for _ in range(4)]
        assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
        assert [answer.headers["RateLimit-Reset"] for answer in answers] == ["20", "40", "60", "60"]
        assert [answer.headers.get("Retry-After") for answer in answers] == [None, None, None, "20"]
        assert document(answers[3]) == {"error": "Too many requests, please try again later"}
        site.elapsed += 20
        assert "balance" in await site.ask("balance")
        site.elapsed += 60
        assert isinstance(await site.ask("services"), list)
        refused = await site.answer("services")
        assert document(refused) == {"error": "Too many requests, please try again later"}
        assert (refused.headers["RateLimit-Limit"], refused.headers["Retry-After"]) == ("1", "3600")
        assert "balance" in await site.ask("balance")
        other = await site.key_of(OMAR)
        site.key = other
        assert isinstance(await site.ask("services"), list)


async def test_who_tries_keys_out_is_slowed_down_and_disturbs_nobody_else_there(site: Site) -> None:
    assert "balance" in await site.ask("balance")
    right, site.key = site.key, "wrong"
    told = [await site.ask("balance") for _ in range(61)]
    assert told == [{"error": "Invalid API key"}] * 60 + [{"error": "Too many requests, please try again later"}]
    site.key = right
    assert "balance" in await site.ask("balance")
    site.elapsed += 60
    site.key = "wrong"
    assert await site.ask("balance") == {"error": "Invalid API key"}


async def test_who_has_a_key_but_not_its_address_uses_up_nothing_of_its_owner_s(db: Database) -> None:
    async with open_site(db, Limits(per_minute=5, catalogues=1)) as site:
        await bind(site, "203.0.113.7")
        told = [(await site.ask("services"))["error"] for _ in range(61)]
        assert told == ["This API key may not be used from your address"] * 60 + [BUSY]
        await bind(site, "127.0.0.1")
        site.elapsed += 1
        answer = await site.answer("services")
        assert isinstance(document(answer), list)
        answer = await site.answer("balance")
        assert (document(answer)["balance"], answer.headers["RateLimit-Remaining"]) == ("25.00", "3")
        await bind(site, "203.0.113.7")
        told = [(await site.ask("balance"))["error"] for _ in range(3)]  # a key that is known is limited as well
        assert told[1:] == [BUSY] * 2
        await bind(site, "")
        site.elapsed += 1
        assert (await site.answer("balance")).headers["RateLimit-Remaining"] == "2"


async def bind(site: Site, networks: str) -> None:
    async with site.shop.db.write() as session:
        [key] = await api_keys.listed(session, MIA, site.shop.time)
        if networks:
            await api_keys.bind(session, MIA, key.id, networks, site.shop.time)
        else:
            await api_keys.unbind(session, MIA, key.id, site.shop.time)


async def test_a_key_that_was_good_once_is_slowed_down_like_any_other_wrong_one(site: Site) -> None:
    assert "balance" in await site.ask("balance")
    async with site.shop.db.write() as session:
        [key] = await api_keys.listed(session, MIA, site.shop.time)
        await api_keys.revoke(session, MIA, key.id, site.shop.time)
    told = [(await site.ask("balance"))["error"] for _ in range(62)]
    assert told == ["Invalid API key"] * 60 + [BUSY] * 2
