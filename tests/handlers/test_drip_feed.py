"""Spreading an order out: an option of the quote, two questions, and the same way back."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from handlers import callbacks
from services.extras import PLAIN, Drip, Extras
from services.models import Service
from tests.handlers.phone import Phone, Shown
from tests.handlers.test_ordering import to_quote
from tests.scripted_panel import row
from tests.shop import Shop

Deliver = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
async def drip(shop: Shop) -> None:
    """Server A and Server C of Instagram Likes have drip-feed."""
    async with shop.db.write() as session:
        for external_id in ("1", "3"):
            service_id = await shop.service("north", external_id)
            await session.run(update(Service).where(Service.id == service_id).values(dripfeed=True))


async def spread(mia: Phone, quantity: str = "1000") -> Shown:
    """A quote for 10 runs, one every 30 minutes."""
    quote = await to_quote(mia, quantity)
    await mia.tap("💧 Spread it out")
    await mia.tap("10 × 100")
    await mia.tap("30 min")
    return quote


async def test_a_quote_can_be_spread_out_and_the_price_stays(mia: Phone, shop: Shop, deliver: Deliver) -> None:
    quote = await to_quote(mia)
    assert quote.rows == [["Confirm"], ["💧 Spread it out"], ["‹ Back", "Cancel"]]
    await mia.tap("💧 Spread it out")
    assert "In how many equal runs shall the 1,000 come?" in quote.text
    assert quote.labels == ["2 × 500", "4 × 250", "5 × 200", "8 × 125", "10 × 100", "20 × 50", "‹ Back", "Cancel"]
    await mia.tap("10 × 100")
    assert "How long between two runs?" in quote.text
    assert quote.labels == ["10 min", "30 min", "1 hr", "3 hr", "12 hr", "1 day", "‹ Back", "Cancel"]
    await mia.tap("30 min")
    assert "💧 10 runs of 100, one every 30 min (4 hr 30 min in all)" in quote.text.splitlines()
    assert "Price: $10.00" in quote.text
    assert quote.rows == [["Confirm"], ["💧 Change the spread", "⚡ All at once"], ["‹ Back", "Cancel"]]
    await mia.tap("Confirm")
    await deliver()
    assert "💧 10 runs of 100, one every 30 min (4 hr 30 min in all)" in quote.text, "the card says so too"
    assert (await shop.order(1)).extras == Extras(drip=Drip(10, 30))
    await mia.say("/orders")
    await mia.tap("⏳ #1")
    assert "💧 10 runs of 100" in mia.last.text


async def test_both_questions_can_be_typed(mia: Phone) -> None:
    await to_quote(mia)
    await mia.tap("💧 Spread it out")
    assert "How long between two runs?" in (await mia.say("25")).text
    assert "💧 25 runs of 40, one every 45 min" in (await mia.say("45")).text


async def test_wrong_answers_say_what_to_do_and_the_question_still_stands(mia: Phone) -> None:
    await to_quote(mia)
    await mia.tap("💧 Spread it out")
    answer = await mia.say("3")
    assert answer.text.startswith("1,000 cannot be split into 3 equal runs. These numbers of runs work: 2, 4, 5, 8, 10")
    assert "In how many equal runs" in answer.text
    assert (await mia.say("many")).text.startswith("That is not a number I can use. Please send a whole number from 2 ")
    assert (await mia.say(None)).text.startswith("Please send the answer as text.")
    await mia.say("10")
    answer = await mia.say("2000")
    assert answer.text.startswith(
        "That is not a number of minutes I can use. Please send a whole number from 1 to 1,440"
    )
    assert "one every 1 hr" in (await mia.say("60")).text


async def test_back_leads_step_by_step_and_keeps_what_was_entered(mia: Phone) -> None:
    quote = await spread(mia)
    await mia.tap("💧 Change the spread")
    assert quote.style("10 × 100") == "primary"
    await mia.tap("10 × 100")
    assert quote.style("30 min") == "primary"
    await mia.tap("‹ Back")
    assert "In how many equal runs" in quote.text
    await mia.tap("‹ Back")
    assert "💧 10 runs of 100" in quote.text
    await mia.tap("‹ Back")
    assert "You chose 1,000 before." in quote.text
    await mia.tap("1,000 · $10.00")
    assert "💧 10 runs of 100" in quote.text, "the spread is kept"


async def test_a_typed_number_that_no_button_shows_is_kept_as_a_button(mia: Phone) -> None:
    await to_quote(mia)
    await mia.tap("💧 Spread it out")
    await mia.say("25")
    quote = await mia.say("45")
    await mia.tap("💧 Change the spread")
    await mia.tap("Keep: 25 × 40")
    await mia.tap("Keep: 45 min")
    assert "💧 25 runs of 40, one every 45 min" in quote.text


async def test_all_at_once_is_a_plain_order_again(mia: Phone, shop: Shop) -> None:
    quote = await spread(mia)
    await mia.tap("⚡ All at once")
    assert "💧 10 runs" not in quote.text
    assert quote.labels[1] == "💧 Spread it out"
    await mia.tap("Confirm")
    assert (await shop.order(1)).extras == PLAIN


async def test_another_quantity_keeps_the_runs_where_it_can_and_says_where_it_cannot(mia: Phone) -> None:
    await spread(mia)
    assert "💧 10 runs of 200" in (await mia.say("2000")).text
    lost = await mia.say("1001")
    assert lost.text.startswith("⚠️ 1,001 cannot be split into the runs you chose, so it would come all at once.")
    assert "💧" not in lost.text
    assert "Price: $10.01" in lost.text


async def test_a_quantity_that_nothing_divides_is_said_at_once(mia: Phone) -> None:
    quote = await to_quote(mia, "997")
    said, alert = await mia.tap("💧 Spread it out")
    assert (said, alert) == (
        "997 cannot be split into equal runs. Please choose a rounder quantity first.",
        True,
    )
    assert "Please check your order" in quote.text


async def test_where_there_is_no_drip_feed_nothing_is_offered_and_a_forged_button_is_out_of_date(
    mia: Phone, shop: Shop
) -> None:
    await mia.say("/new")
    await mia.tap("TikTok Views")
    await mia.tap("Server A")
    await mia.tap("🛒 Order")
    await mia.say("https://www.tiktok.com/@mia/video/1")
    quote = await mia.say("1000")
    assert quote.rows == [["Confirm"], ["‹ Back", "Cancel"]]
    service_id = await shop.service("north", "9")
    for forged in (
        callbacks.Ask(service_id=service_id, field="runs"),
        callbacks.Answer(service_id=service_id, field="runs", value="10"),
        callbacks.KeepAnswer(service_id=service_id, field="interval"),
        callbacks.Ask(service_id=service_id, field="comments"),
    ):
        assert (await mia.press(forged.pack(), quote))[0] == "This button is out of date. Here is a fresh menu."


async def test_a_suggestion_of_an_older_quantity_is_read_like_anything_typed(mia: Phone) -> None:
    quote = await to_quote(mia)
    await mia.tap("💧 Spread it out")
    old = quote.data("8 × 125")
    await mia.tap("‹ Back")
    await mia.say("100")
    await mia.tap("💧 Spread it out")
    await mia.press(old, mia.last)
    assert mia.last.text.startswith("100 cannot be split into 8 equal runs.")


async def test_a_look_around_leads_back_to_the_question(mia: Phone) -> None:
    await to_quote(mia)
    await mia.tap("💧 Spread it out")
    await mia.tap("10 × 100")
    wallet = await mia.say("/wallet")
    await mia.tap("‹ Back to your order", wallet)
    assert "How long between two runs?" in wallet.text
    await mia.tap("30 min")
    assert "💧 10 runs of 100" in wallet.text


async def test_the_notice_offers_the_rest_in_runs_and_order_again_spreads_again(
    mia: Phone, shop: Shop, deliver: Deliver
) -> None:
    await spread(mia)
    await mia.tap("Confirm")
    await shop.submit()
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await deliver()
    notice = mia.saying("stopped early\n")
    assert notice.labels[0] == "Order the remaining 400 in 4 runs · Server C · $1.00 ($3.00 less)"
    await mia.tap("Choose another service", notice)
    assert mia.last.labels[:2] == [
        "Server C · $1.00 ($3.00 less) · 4 runs",
        "Server B · $4.00 · at once",
    ]
    await mia.tap("🔁 Order again", mia.saying("Count at the start"))
    assert "💧 10 runs of 100, one every 30 min" in mia.last.text
