"""Laws of the reseller's site, over real HTTP: what it believes, and that its customer is credited exactly, once."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from tests.e2e.reseller_shop import KEY, Shop, headers, new_secret, scripted_shop


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with scripted_shop() as running:
        yield running


async def test_a_partial_is_passed_on_to_the_cent(shop: Shop) -> None:
    sale = await shop.buys()
    assert (sale["price"], sale["order"], await shop.balance()) == ("15.00", 500, "10.00")
    assert await shop.tells(shop.event(sale, "order.partial", "Partial", refunded="6")) == 204
    assert await shop.balance() == "16.00"
    [asked] = shop.asked("add")
    assert asked == {
        "key": KEY,
        "action": "add",
        "service": "1",
        "link": "https://instagram.com/p/one",
        "quantity": "10000",
        "request_id": sale["reference"],
        "reference": sale["reference"],
        "retail": "15.00",
        "retail_currency": "USD",
    }


async def test_a_message_under_an_id_that_was_taken_changes_nothing(shop: Shop) -> None:
    sale = await shop.buys()
    body = shop.event(sale, "order.partial", "Partial", refunded="6")
    assert [await shop.tells(body, key="msg_same") for _ in range(3)] == [204, 204, 204]
    assert await shop.balance() == "16.00"
    assert [each["mark"] for each in (await shop.state())["log"]] == ["repeated", "repeated", "verified"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_messages_in_any_order_come_to_the_same(order: tuple[int, ...]) -> None:
    async with scripted_shop() as shop:
        sale = await shop.buys()
        bodies = [
            shop.event(sale, "order.updated", "In progress", refunded="0", second=1),
            shop.event(sale, "order.partial", "Partial", refunded="6", second=2),
            shop.event(sale, "order.refunded", "Partial", refunded="7.5", second=3),
            shop.event(sale, "order.refunded", "Canceled", refunded="15", second=4),
        ]
        for place in order:
            assert await shop.tells(bodies[place]) == 204
        assert await shop.balance() == "25.00"
        [shown] = (await shop.state())["sales"]
        assert (shown["told"]["status"], shown["credited"]) == ("Canceled", "15.00")


async def test_a_later_correction_pays_what_is_missing(shop: Shop) -> None:
    sale = await shop.buys()
    await shop.tells(shop.event(sale, "order.partial", "Partial", refunded="6", second=1))
    await shop.tells(shop.event(sale, "order.refunded", "Partial", refunded="7.5", second=2))
    assert await shop.balance() == "17.50"
    [nora] = [each for each in (await shop.state())["customers"] if each["id"] == "nora"]
    assert [line["amount"] for line in nora["statement"]] == ["1.50", "6.00", "-15.00", "25.00"]


async def test_no_message_pays_back_more_than_was_paid(shop: Shop) -> None:
    sale = await shop.buys()
    await shop.tells(shop.event(sale, "order.canceled", "Canceled", refunded="1000000"))
    assert await shop.balance() == "25.00"


async def test_what_is_not_signed_as_it_should_be_is_refused_in_the_same_words(shop: Shop) -> None:
    sale = await shop.buys()
    body = shop.event(sale, "order.partial", "Partial", refunded="6")
    good = headers("msg_1", body, shop.secret)
    other = headers("msg_1", body, new_secret())
    wrong = [
        other,
        good | {"webhook-id": "msg_2"},
        good | {"webhook-timestamp": str(int(good["webhook-timestamp"]) - 1)},
        good | {"webhook-timestamp": "nan"},
        good | {"webhook-signature": good["webhook-signature"].removeprefix("v1,")},
        good | {"webhook-signature": "v1,%%%"},
        good | {"webhook-signature": ""},
        {},
    ]
    answers = [await shop.http.post("/site/webhook", content=body, headers=each) for each in wrong]
    answers.append(await shop.http.post("/site/webhook", content=body + b" ", headers=good))
    answers.append(await shop.http.post("/site/webhook", content=b"\xff", headers=good))
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, "refused")}
    assert await shop.tells(body, age=600) == 401
    assert await shop.balance() == "10.00"
    assert {each["mark"] for each in (await shop.state())["log"]} == {"refused"}
    assert (await shop.http.post("/site/webhook", content=body, headers=good)).status_code == 204
    assert await shop.balance() == "16.00"


async def test_a_message_signed_with_both_secrets_of_an_exchange_is_taken(shop: Shop) -> None:
    sale = await shop.buys()
    body = shop.event(sale, "order.partial", "Partial", refunded="6")
    signed = headers("msg_1", body, new_secret(), shop.secret)
    assert (await shop.http.post("/site/webhook", content=body, headers=signed)).status_code == 204
    assert await shop.balance() == "16.00"


async def test_without_a_secret_nothing_is_taken_and_the_shop_is_asked_to_try_later(shop: Shop) -> None:
    sale = await shop.buys()
    await shop.settings(secret="")
    assert await shop.tells(shop.event(sale, "order.partial", "Partial", refunded="6")) == 503
    assert (await shop.settings(secret="whsec_")).status_code == 400
    assert (await shop.settings(secret="whsec_ä")).status_code == 400
    assert (await shop.settings(secret=shop.secret)).status_code == 200
    assert await shop.tells(shop.event(sale, "order.partial", "Partial", refunded="6")) == 204


async def test_a_site_that_is_away_takes_the_message_once_it_is_back(shop: Shop) -> None:
    sale = await shop.buys()
    body = shop.event(sale, "order.partial", "Partial", refunded="6")
    shop.site.closed = True
    assert (await shop.tells(body, key="msg_1"), await shop.balance()) == (503, "10.00")
    shop.site.closed = False
    assert (await shop.tells(body, key="msg_1"), await shop.balance()) == (204, "16.00")


@pytest.mark.parametrize(
    "body",
    [
        *(b"[]", b"{", b'"text"', b'{"type": 1, "data": {}}', b'{"type": "order.partial", "data": []}'),
        b'{"type": "order.partial"}',
    ],
)
async def test_what_is_signed_and_says_nothing_is_answered_and_forgotten(shop: Shop, body: bytes) -> None:
    assert await shop.tells(body) == 400
    assert (await shop.state())["log"] == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'"refunded": "6", "currency"', b'"refunded": "NaN", "currency"'),
        (b'"refunded": "6", "currency"', b'"refunded": "-1", "currency"'),
        (b'"refunded": "6", "currency"', b'"refunded": 6, "currency"'),
        (b'"refunded": "6", "currency": "USD"', b'"refunded": "6", "currency": "EUR"'),
        (b"+00:00", b""),
        (b'"order": 500', b'"order": "500"'),
        (b'"status": "Partial"', b'"status": null'),
    ],
)
async def test_an_event_that_cannot_be_understood_leaves_everything_as_it_was(
    shop: Shop, right: bytes, wrong: bytes
) -> None:
    sale = await shop.buys()
    body = shop.event(sale, "order.partial", "Partial", refunded="6")
    assert right in body
    assert await shop.tells(body.replace(right, wrong), key="msg_1") == 400
    assert await shop.balance() == "10.00"
    assert await shop.tells(body, key="msg_1") == 204
    assert await shop.balance() == "16.00"


async def test_events_of_others_and_about_no_order_are_noted(shop: Shop) -> None:
    sale = await shop.buys()
    other = shop.event(sale | {"reference": "sale-of-another-site"}, "order.partial", "Partial", refunded="6")
    assert await shop.tells(other) == 204
    assert await shop.tells(b'{"type": "balance.low", "data": {"balance": "3", "currency": "USD"}}') == 204
    assert [each["mark"] for each in (await shop.state())["log"]] == ["verified", "foreign"]
    assert await shop.balance() == "10.00"


async def test_a_site_in_euros_credits_euros(shop: Shop) -> None:
    assert (await shop.settings(currency="eur", factor="1.5")).status_code == 200
    sale = await shop.buys()
    assert (sale["price"], sale["currency"]) == ("15.00", "EUR")
    assert shop.asked("add")[0]["retail_currency"] == "EUR"
    await shop.tells(shop.event(sale, "order.partial", "Partial", refunded="6"))
    assert await shop.balance() == "16.00"
    assert (await shop.settings(currency="USD")).status_code == 400


@pytest.mark.parametrize("wrong", [{"currency": "EURO"}, {"factor": "0"}, {"factor": "-1"}, {"factor": "NaN"}])
async def test_terms_that_make_no_price_are_refused(shop: Shop, wrong: dict[str, str]) -> None:
    assert (await shop.settings(**wrong)).status_code == 400
    settings = (await shop.state())["settings"]
    assert (settings["currency"], settings["factor"]) == ("USD", "1.5")


async def test_an_order_that_the_shop_refuses_costs_the_customer_nothing(shop: Shop) -> None:
    shop.faults = ["neworder.error.link"]
    sale = await shop.buys()
    assert (sale["state"], sale["refusal"], await shop.balance()) == ("refused", "neworder.error.link", "25.00")


async def test_an_answer_that_is_lost_orders_once(shop: Shop) -> None:
    shop.faults = ["lost", "lost"]
    sale = await shop.buys()
    assert (sale["state"], sale["order"]) == ("placed", 500)
    assert len({each["request_id"] for each in shop.asked("add")}) == 1
    assert (len(shop.asked("add")), list(shop.orders.values())) == (3, [500])


async def test_after_a_lost_answer_no_refusal_gives_money_back_but_an_event_does(shop: Shop) -> None:
    shop.faults = ["lost", "Too many requests"]
    sale = await shop.buys()
    assert (sale["state"], await shop.balance()) == ("unsure", "10.00")
    await shop.tells(shop.event(sale, "order.canceled", "Canceled", refunded="15"))
    [shown] = (await shop.state())["sales"]
    assert (shown["state"], shown["order"], await shop.balance()) == ("placed", 500, "25.00")


async def test_a_sale_in_doubt_is_asked_for_again_by_hand(shop: Shop) -> None:
    shop.faults = ["lost"] * 3
    sale = await shop.buys()
    assert sale["state"] == "unsure"
    again = (await shop.http.post("/site/again", json={"sale": sale["number"]})).json()
    assert (again["state"], again["order"], list(shop.orders.values())) == ("placed", 500, [500])
    assert (await shop.http.post("/site/again", json={"sale": sale["number"]})).status_code == 400


async def test_a_shop_that_cannot_be_reached_was_asked_for_nothing(shop: Shop) -> None:
    await shop.http.get("/site/services")
    services, url = shop.site._services, shop.site.api_url
    shop.site.connect(api_url="http://127.0.0.1:1/api/v2")
    shop.site._services = services
    sale = await shop.buys()
    assert (sale["state"], sale["lost"], await shop.balance()) == ("unsure", 0, "10.00")
    shop.site.connect(api_url=url)
    shop.faults = ["neworder.error.link"]
    again = (await shop.http.post("/site/again", json={"sale": sale["number"]})).json()
    assert (again["state"], await shop.balance()) == ("refused", "25.00")


async def test_an_order_nothing_is_heard_of_is_asked_about_and_no_money_moves_by_it() -> None:
    async with scripted_shop(quiet=0.0) as shop:
        shop.status = {"status": "Partial", "remains": "4000", "charge": "6", "start_count": "0", "currency": "USD"}
        await shop.buys()
        async with asyncio.timeout(10):
            while not (shown := (await shop.state())["sales"][0])["asked"]:  # noqa: ASYNC110  as the page looks
                await asyncio.sleep(0.05)
        assert (shown["asked"]["status"], shown["told"], await shop.balance()) == ("Partial", None, "10.00")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"customer": "nobody"}, {"service": 2}, {"service": "x"}, {"quantity": 0}, {"quantity": "x"}),
        *({"quantity": 10**9}, {"quantity": 20_000}),
    ],
)
async def test_what_cannot_be_sold_is_not(shop: Shop, wrong: dict[str, object]) -> None:
    asked = {"customer": "nora", "service": 1, "link": "https://instagram.com/p/one", "quantity": 10_000}
    assert (await shop.http.post("/site/buy", json=asked | wrong)).status_code == 400
    assert shop.asked("add") == []
    assert await shop.balance() == "25.00"


async def test_neither_key_nor_secret_is_shown(shop: Shop) -> None:
    shown = (await shop.http.get("/site/state")).text
    assert KEY not in shown
    assert shop.secret not in shown
