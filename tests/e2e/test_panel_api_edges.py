"""The panel API for the sites of strangers: every encoding, junk, wrong keys, floods, and not a word of any key."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import event, func, select, update

from handlers.http import panel_actions, panel_fields
from handlers.http.panel_actions import Counter
from services import api_keys, resellers
from services.db import Database
from services.models import ApiKey, ApiUse, Order, Resale, User
from services.money import Money
from tests.e2e.panel_site import Site, document, open_site
from tests.scripted_panel import row
from tests.shop import LINK, MIA

OMAR = 1002
CODED = b"\r\n".join(
    [
        b"--x",
        b'Content-Disposition: form-data; name="key"',
        b"Content-Transfer-Encoding: nonsense",
        b"",
        b"psk_",
        b"--x--",
        b"",
    ]
)
"""A form whose one field is written in a way that nobody knows."""


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Site]:
    async with open_site(db) as opened:
        yield opened


async def counted(site: Site, model: Any) -> int:
    async with site.shop.db.read() as session:
        return await session.value(select(func.count()).select_from(model)) or 0


# The server list


@pytest.mark.parametrize("path", ["", "/"])
async def test_the_path_is_served_with_the_slash_and_without_and_never_redirects(site: Site, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await site.http.request(method, site.url + path, params={"key": site.key, "action": "balance"})
        assert answer.history == []
        assert document(answer) == {"balance": "25.00", "currency": "USD"}


async def test_every_encoding_says_the_same(site: Site) -> None:
    order_id = await site.add()
    asked = {"key": site.key, "action": "status", "orders": f"{order_id},7"}
    typed: dict[str, Any] = {"key": site.key, "action": "status"}
    answers = [
        await site.http.post(site.url, data=asked),
        await site.http.post(site.url, files={name: (None, value) for name, value in asked.items()}),
        await site.http.post(site.url, json=asked),
        await site.http.post(site.url, json=typed | {"orders": [order_id, "7"]}),
        await site.http.post(site.url, content=json.dumps(asked), headers={"Content-Type": "text/plain"}),
        await site.http.post(site.url, content="\ufeff" + json.dumps(asked)),
        await site.http.post(site.url, data={"key": site.key, "action": "status", "orders[]": [str(order_id), "7"]}),
        await site.http.post(site.url, data=typed | {"orders[0]": str(order_id), "orders[1]": "7"}),
        await site.http.get(site.url, params=typed | {"orders[0]": str(order_id), "orders[1]": "7"}),
        await site.http.post(site.url, params={"action": "status", "key": "wrong"}, data=asked),
        await site.http.get(site.url, params=asked),
    ]
    told = [document(answer) for answer in answers]
    assert told == [told[0]] * len(answers)
    assert set(told[0]) == {str(order_id), "7"}
    asked_plainly = f"key={site.key}&action=status&orders={order_id},7"
    assert document(await site.http.post(site.url, content=asked_plainly)) == told[0]
    single = await site.http.post(site.url, json=typed | {"order": order_id})
    assert document(single) == told[0][str(order_id)]


async def test_orders_with_one_id_is_answered_with_the_map(site: Site) -> None:
    order_id = await site.add()
    told = await site.ask("status", orders=order_id)
    assert list(told) == [str(order_id)]
    assert (await site.ask("status", orders=",")) == {"": {"error": "Incorrect order ID"}}
    assert (await site.ask("status")) == {"error": "Incorrect order ID"}


async def test_a_blank_parameter_counts_as_not_given(site: Site) -> None:
    order_id = await site.add(runs="", interval=" ", comments="", retail="", request_id=" ")
    for blank in ("", " ", "\n"):
        assert (await site.ask("status", order=order_id, orders=blank))["status"] == "Pending"
        assert await site.ask("status", orders=blank) == {"error": "Incorrect order ID"}
        assert await site.ask("refill_status", refill=8, refills=blank) == {"error": "Refill not found"}
        assert await site.ask("refill", order=7, orders=blank) == {"error": "Incorrect order ID"}
        assert [line["order"] for line in await site.ask("cancel", order=7, orders=blank)] == [7]
    asked = {"key": site.key, "action": "balance"}
    blanks = dict.fromkeys(asked, "")
    assert "balance" in document(await site.http.post(site.url, params=asked, data=blanks))
    assert "balance" in document(await site.http.post(site.url, params=blanks, json=asked))


async def test_blank_and_junk_ids_have_rows_of_their_own_and_a_repeated_one_says_the_same(site: Site) -> None:
    order_id = await site.add()
    junk = f"{order_id},,Array, {order_id} ,-1,0,1e3,{'9' * 30},٣"
    told = await site.ask("status", orders=junk)
    assert set(told) == {str(order_id), "", "Array", "-1", "0", "1e3", "9" * 30, "٣"}
    assert [told[name] for name in told if name != str(order_id)] == [{"error": "Incorrect order ID"}] * 7
    refills = await site.ask("refill_status", refills="8,Array,,8")
    missing = {"error": "Refill not found"}
    assert [(line["refill"], line["status"]) for line in refills] == [
        (8, missing),
        ("Array", missing),
        ("", missing),
        (8, missing),
    ]
    asked = await site.ask("refill", orders=f"{order_id},x")
    assert [line["order"] for line in asked] == [order_id, "x"]
    canceled = await site.ask("cancel", orders=f"x,{order_id},{order_id}")
    assert canceled[0] == {"order": "x", "cancel": {"error": "Incorrect order ID"}}
    assert canceled[1:] == [{"order": order_id, "cancel": 1}] * 2


@pytest.mark.parametrize(("action", "name"), [("status", "orders"), ("refill_status", "refills"), ("cancel", "orders")])
async def test_a_hundred_ids_are_all_answered_and_more_are_refused(site: Site, action: str, name: str) -> None:
    told = await site.ask(action, **{name: ",".join(map(str, range(1, 101)))})
    assert len(told) == 100
    told = await site.ask(action, **{name: ",".join(map(str, range(1, 102)))})
    assert told == {"error": f"Too many {name}: 100 at most"}


async def test_a_batch_is_answered_with_one_look_at_the_orders(site: Site) -> None:
    for _ in range(5):
        await site.add(quantity=50)
    seen: list[str] = []

    engine = site.shop.db.reader.sync_engine

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        await site.ask("status", orders="1,2,3,4,5")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([statement for statement in seen if "FROM orders" in statement]) == 1


# Junk


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b'"key"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"key":' + b"9" * 10_000 + b"}", "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b"no boundary", "multipart/form-data"),
        (b"--x\r\n\r\nz", "multipart/form-data; boundary=x"),
        (b"--x\r\nno header\r\n\r\nz\r\n--x--", "multipart/form-data; boundary=x"),
        (CODED, "multipart/form-data; boundary=x"),
        (b"a=%ff&b", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"&".join([b"a=1"] * 5000), "application/x-www-form-urlencoded"),
        (b"\x00\x01", "image/png"),
        (b"not gzip", "application/json"),
    ],
)
async def test_a_body_that_says_nothing_is_refused_in_the_same_shape(site: Site, body: bytes, kind: str) -> None:
    told = document(await site.http.post(site.url, content=body, headers={"Content-Type": kind}))
    assert set(told) == {"error"}
    assert "Internal" not in told["error"]


async def test_a_body_that_is_too_large_is_refused_in_the_same_shape(site: Site) -> None:
    comments = "\n".join(["Nice"] * 100_000)
    told = await site.ask("add", comments=comments)
    assert told == {"error": "The request is too large: 256 KB at most"}
    long = {"key": site.key, "action": "add", "service": site.ids["Custom Comments"], "link": LINK}
    fits = "\n".join(["x" * 15] * (60 * 1024 // 16))
    assert len(fits) < panel_fields.CAP
    assert document(await site.http.post(site.url, json=long | {"comments": fits})) == {"order": 1}


async def test_signs_that_no_database_takes_do_no_harm(site: Site) -> None:
    asked = {"key": site.key, "action": "add", "service": site.ids["Default"], "link": LINK, "quantity": 100}
    for odd in ("\ud800", "a\x00b", "\u202e"):
        body = json.dumps(asked | {"reference": odd, "request_id": odd})
        told = document(await site.http.post(site.url, content=body))
        assert set(told) == {"order"}
    assert set(await site.ask("status", orders="\x00,1")) == {"", "1"}
    assert await site.ask("\x00") == {"error": "Incorrect request: unknown action"}


async def test_a_defect_has_a_reference_and_says_nothing_else(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_counter: Counter, _key: Any, fields: Any) -> object:
        raise RuntimeError(f"what it had: {dict(fields)}")

    monkeypatch.setitem(panel_actions.ACTIONS, "balance", broken)
    with caplog.at_level(logging.DEBUG):
        told = await site.ask("balance")
    assert told["error"].startswith("Internal error, reference ")
    reference = told["error"].rpartition(" ")[2]
    assert reference in caplog.text
    assert site.key not in caplog.text


# Who may ask


async def test_who_has_no_good_key_is_told_that_and_nothing_else(site: Site) -> None:
    for wrong in ("", " ", "wrong", site.key[:-1], site.key.upper(), "\x00", "k" * 10_000):
        answer = await site.http.post(site.url, data={"key": wrong, "action": "balance"})
        assert document(answer) == {"error": "Invalid API key"}
    assert document(await site.http.get(site.url)) == {"error": "Invalid API key"}


async def test_a_revoked_key_opens_nothing_and_one_that_was_exchanged_does_for_a_day(site: Site) -> None:
    db, now = site.shop.db, site.shop.time
    async with db.write() as session:
        [key] = await api_keys.listed(session, MIA, now)
        fresh = await api_keys.rotate(session, MIA, key.id, now)
    assert "balance" in await site.ask("balance")
    site.shop.wait(hours=25)
    assert await site.ask("balance") == {"error": "Invalid API key"}
    site.key = fresh.secret
    assert "balance" in await site.ask("balance")
    async with db.write() as session:
        await api_keys.revoke(session, MIA, fresh.key.id, site.shop.time)
    assert await site.ask("balance") == {"error": "Invalid API key"}


async def test_who_is_suspended_or_banned_is_refused(site: Site) -> None:
    db, now = site.shop.db, site.shop.time
    async with db.write() as session:
        await resellers.decide(session, MIA, state="suspended", actor="admin:1", now=now)
    assert await site.ask("balance") == {"error": "This account may not use the API"}
    async with db.write() as session:
        await resellers.decide(session, MIA, state="approved", actor="admin:1", now=now)
    assert "balance" in await site.ask("balance")
    async with db.write() as session:
        await session.run(update(User).where(User.id == MIA).values(banned=True))
    assert await site.ask("balance") == {"error": "This account may not use the API"}


async def test_a_key_that_is_bound_to_addresses_is_taken_from_these_alone(site: Site) -> None:
    db, now = site.shop.db, site.shop.time
    async with db.write() as session:
        [key] = await api_keys.listed(session, MIA, now)
        await api_keys.bind(session, MIA, key.id, "198.51.100.0/24", now)
    assert await site.ask("balance") == {"error": "This API key may not be used from your address"}
    forged = await site.http.post(
        site.url, data={"key": site.key, "action": "balance"}, headers={"X-Forwarded-For": "198.51.100.7"}
    )
    assert document(forged) == {"error": "This API key may not be used from your address"}
    async with db.write() as session:
        await api_keys.bind(session, MIA, key.id, "198.51.100.0/24 127.0.0.1", now)
    assert "balance" in await site.ask("balance")


async def test_what_is_another_account_s_is_answered_like_what_does_not_exist(site: Site) -> None:
    mine, theirs = site.key, await site.key_of(OMAR)
    order_id = await site.add(quantity=100)
    await site.shop.submit()
    site.shop.north.rows["1"] = row("Completed", "0")
    await site.shop.poll()
    assert await site.ask("refill", order=order_id) == {"refill": "1"}
    site.shop.north.cancels = [{"order": 1, "cancel": 1}]
    for action, name, there, not_there in (
        ("status", "order", order_id, 999),
        ("refill", "order", order_id, 999),
        ("refill_status", "refill", 1, 999),
    ):
        site.key = theirs
        assert await site.ask(action, **{name: there}) == await site.ask(action, **{name: not_there})
        told = json.dumps(await site.ask(action, **{f"{name}s": there}))
        assert told.replace(f"{there}", "?", 1) == json.dumps(
            await site.ask(action, **{f"{name}s": not_there})
        ).replace("999", "?", 1)
    assert await site.ask("cancel", orders=order_id) == [{"order": order_id, "cancel": {"error": "Incorrect order ID"}}]
    assert not [form for form in site.shop.north.asked if form["action"] == "cancel"]
    site.key = mine
    assert (await site.ask("status", order=order_id))["status"] == "Completed"


# Once


async def test_twenty_posts_of_one_request_at_the_same_time_order_once(site: Site) -> None:
    asked = {"service": site.ids["Default"], "link": LINK, "quantity": 1000, "request_id": "checkout-7"}
    told = await asyncio.gather(*(site.ask("add", **asked) for _ in range(20)))
    assert told == [{"order": told[0]["order"]}] * 20
    assert (await counted(site, Order), await counted(site, Resale)) == (1, 1)
    assert await site.shop.balance() == "15.00"
    other = await site.ask("add", **asked | {"quantity": 999})
    assert other == {"error": "The request_id was used before with other content"}


async def test_posts_at_the_same_time_spend_no_more_than_the_wallet_or_the_key_has(site: Site) -> None:
    told = await asyncio.gather(*(site.answer("add", **wish(site)) for _ in range(10)))
    assert sorted(next(iter(document(answer))) for answer in told) == ["error"] * 8 + ["order"] * 2
    assert await site.shop.balance() == "5.00"
    db, now = site.shop.db, site.shop.time
    async with db.write() as session:
        [key] = await api_keys.listed(session, MIA, now)
        await api_keys.limit(session, MIA, key.id, Money.parse("23"), now)
    told = await asyncio.gather(*(site.answer("add", **wish(site) | {"quantity": 200}) for _ in range(4)))
    assert sorted(next(iter(document(answer))) for answer in told) == ["error"] * 3 + ["order"]
    assert {"error": "The spending limit of this API key is reached: 23.00 a day"} in [document(a) for a in told]


def wish(site: Site) -> dict[str, Any]:
    return {"service": site.ids["Default"], "link": LINK, "quantity": 1000}


# What is remembered of it


async def test_what_was_asked_and_refused_is_counted_by_day_and_action(site: Site) -> None:
    for _ in range(3):
        await site.ask("balance")
    await site.ask("status", order=999)
    await site.ask("add")
    await site.ask("add", service=1)
    await site.ask("nonsense")

    async def written() -> list[Any]:
        await site.tally.write(site.shop.db, site.shop.time)
        async with site.shop.db.read() as session:
            rows = await session.all(
                select(ApiUse.day, ApiUse.action, ApiUse.calls, ApiUse.refused).order_by(ApiUse.action)
            )
        return [tuple(each) for each in rows]

    expected = [
        ("2026-05-04", "add", 2, 2),
        ("2026-05-04", "balance", 3, 0),
        ("2026-05-04", "other", 1, 1),
        ("2026-05-04", "status", 1, 1),
    ]
    assert await written() == expected
    assert await written() == expected
    await site.ask("balance")
    assert (await written())[1] == ("2026-05-04", "balance", 4, 0)
    async with site.shop.db.read() as session:
        assert await session.value(select(ApiKey.used_at)) == site.shop.time
    site.shop.wait(days=1)
    await site.ask("balance")
    assert ("2026-05-05", "balance", 1, 0) in await written()


@pytest.mark.parametrize("further", [b"&link=\xd0\xbf", b"&comments=" + b"a" * 9000, b" HTTP/7\r\nx"])
async def test_what_is_no_http_is_answered_and_logged_without_a_word_of_it(
    site: Site, caplog: pytest.LogCaptureFixture, further: bytes
) -> None:
    """aiohttp says the line again that it cannot read, and nothing of ours is asked before it does."""
    address = httpx.URL(site.url)
    with caplog.at_level(logging.DEBUG):
        reader, writer = await asyncio.open_connection(address.host, address.port)
        line = b"GET /api/v2?action=balance&key=" + site.key.encode() + further
        writer.write(line + b" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
        told = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert told.split(b" ", 2)[1] == b"400"
    assert told.endswith(b"\r\n\r\nThe request cannot be read\n")
    assert site.key not in caplog.text
    assert "balance" in await site.ask("balance")


async def test_no_line_of_any_log_has_a_key(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await site.http.get(site.url, params={"key": site.key, "action": "balance"})
        await site.ask("add", service=site.ids["Default"], link=LINK, quantity=1000)
        await site.http.post(site.url, content=b'{"key": "' + site.key.encode())
        async with httpx.AsyncClient() as raw:
            await raw.request("BREW", f"{site.url}?key={site.key}")
    mine = [line for line in caplog.records if not line.name.startswith(("httpx", "httpcore"))]
    assert not [line for line in mine if site.key in line.getMessage() or site.key in str(line.args)]
