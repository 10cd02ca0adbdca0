"""At the quote: what is typed changes it, is refused in words, and never leaves two buttons that buy."""

import pytest

from tests.handlers.phone import Phone
from tests.handlers.test_ordering import LINK, ordered, to_quote
from tests.shop import Shop


async def test_a_quote_that_was_changed_buys_nothing_and_shows_how_the_order_stands(mia: Phone, shop: Shop) -> None:
    first = await to_quote(mia, "100")
    second = await mia.say("1000")
    said, alert = await mia.tap("Confirm", first)
    assert (said, alert) == (
        "You have changed this order since, so nothing was bought. Here it is as it stands now.",
        True,
    )
    assert "Price: $10.00" in first.text
    assert await ordered(shop.db) == 0
    await mia.tap("Confirm", second)
    assert (await mia.tap("Confirm", first))[0] == "This was ordered already, as #1. Nothing was bought again."
    assert await shop.balance() == "15.00"


async def test_the_same_quantity_again_leaves_the_button_that_was_shown(mia: Phone, shop: Shop) -> None:
    """As an answer does that is worked once more after a crash; both buttons together buy once."""
    first = await to_quote(mia, "1000")
    second = await mia.say("1000")
    assert await mia.tap("Confirm", first) == ("Order #1 is placed.", False)
    assert (await mia.tap("Confirm", second))[0] == "This was ordered already, as #1. Nothing was bought again."
    assert await shop.balance() == "15.00"


async def test_a_quote_stands_until_another_is_made_of_the_same_order(mia: Phone, shop: Shop) -> None:
    """Another link leads through the quantity: meanwhile the button buys what it says, and nothing afterwards."""
    first = await to_quote(mia, "100")
    data = first.data("Confirm")
    await mia.say(LINK + "/other")
    await mia.say("200")
    await mia.press(data, first)
    assert await ordered(shop.db) == 0


async def test_ordering_again_leaves_another_quote_as_it_is(mia: Phone, shop: Shop) -> None:
    order_id = await shop.buy(100)
    quote = await to_quote(mia, "200")
    await mia.say("/orders")
    await mia.tap(f"⏳ #{order_id}")
    await mia.press(f"rp:{order_id}", mia.last)
    await mia.tap("Confirm", mia.last)
    await mia.tap("Confirm", quote)
    assert await ordered(shop.db) == 3


@pytest.mark.parametrize("typed", ["١٠٠٠", "1e4", "ten"])
@pytest.mark.parametrize("quantity", ["100", "3000"])
async def test_at_the_quote_what_is_no_number_is_said_to_be_none(mia: Phone, typed: str, quantity: str) -> None:
    """With enough money and with too little; the quote stays."""
    quote = await to_quote(mia, quantity)
    again = await mia.say(typed)
    problem, kept, _, rest = again.text.replace("\u2068", "").replace("\u2069", "").split("\n", 3)
    assert problem.startswith(f"“{typed}” is not a quantity.")
    assert kept == "Your order is as it was:"
    assert rest == quote.text
    assert again.rows == quote.rows
    assert (await mia.say(None)).text.startswith("Please send the number as text.")
