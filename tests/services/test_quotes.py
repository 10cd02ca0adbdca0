"""Quotes: the price of now with both balances, for one person, standing until another takes its place."""

from datetime import timedelta

import pytest

from services import quotes
from services.errors import (
    BadLink,
    PriceChanged,
    QuantityTooLarge,
    QuantityTooSmall,
    QuoteGone,
    ServiceGone,
)
from services.money import Money
from tests.shop import LINK, MIA, Shop

OMAR = 1002


async def test_a_quote_says_the_exact_price_and_both_balances(shop: Shop) -> None:
    quote = await shop.quote(1234)
    assert (str(quote.price), str(quote.balance), str(quote.after)) == ("12.34", "25.00", "12.66")
    assert not quote.missing


async def test_a_quote_above_the_wallet_says_what_is_missing(shop: Shop) -> None:
    quote = await shop.quote(3000)
    assert (str(quote.missing), str(quote.after)) == ("5.00", "-5.00")


@pytest.mark.parametrize(("quantity", "refusal"), [(49, QuantityTooSmall), (100_001, QuantityTooLarge)])
async def test_the_services_limits_hold(shop: Shop, quantity: int, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await shop.quote(quantity)
    assert (await shop.quote(50)).quantity == 50
    assert (await shop.quote(100_000)).quantity == 100_000


async def test_a_link_of_another_platform_is_refused(shop: Shop) -> None:
    with pytest.raises(BadLink):
        await shop.quote(link="https://www.tiktok.com/@mia")


async def test_a_withdrawn_service_can_neither_be_quoted_nor_bought(shop: Shop) -> None:
    quote = await shop.quote()
    await shop.change_service(on_sale=False)
    with pytest.raises(ServiceGone):
        await shop.quote()
    with pytest.raises(ServiceGone):
        await shop.tap(quote.token)
    assert await shop.balance() == "25.00"


async def test_a_price_that_moved_must_be_shown_before_it_is_paid(shop: Shop) -> None:
    quote = await shop.quote()
    await shop.change_service(rate=Money.parse("11.00"))
    with pytest.raises(PriceChanged) as refused:
        await shop.tap(quote.token)
    assert refused.value.params["price"] == Money.parse("11.00")
    assert await shop.balance() == "25.00"


async def quoted_instead_of(shop: Shop, token: str, quantity: int, user_id: int = MIA) -> str:
    """The token of a quote that takes another's place."""
    async with shop.db.write() as session:
        quote = await quotes.quote(
            session,
            user_id=user_id,
            service_id=await shop.service(),
            link=LINK,
            quantity=quantity,
            now=shop.time,
            instead_of=token,
        )
    return quote.token


async def test_a_quote_that_another_takes_the_place_of_buys_nothing(shop: Shop) -> None:
    """But only its own person can have it replaced, and what it has bought stays bought."""
    first = (await shop.quote(1000)).token
    await quoted_instead_of(shop, first, 100, OMAR)
    bought = await shop.tap(first)
    second = await quoted_instead_of(shop, first, 100)
    assert (await shop.tap(first)).order.id == bought.order.id
    third = await quoted_instead_of(shop, second, 200)
    with pytest.raises(QuoteGone):
        await shop.tap(second)
    assert (await shop.tap(third)).created


async def test_the_same_again_keeps_the_button_that_was_shown(shop: Shop) -> None:
    """An answer that is worked once more after a crash; nobody else's quote is theirs, nor is one that has bought."""
    first = (await shop.quote(1000)).token
    shop.time += timedelta(minutes=1)
    assert await quoted_instead_of(shop, first, 1000, OMAR) != first
    assert await quoted_instead_of(shop, first, 1000) == first
    async with shop.db.write() as session:
        await quotes.purge(session, shop.time)
    bought = await shop.tap(first)
    again = await quoted_instead_of(shop, first, 1000)
    assert (await shop.tap(again)).order.id != bought.order.id


async def test_a_service_of_a_type_nobody_here_understands_is_not_sold(shop: Shop) -> None:
    await shop.change_service(type="Web Traffic")
    with pytest.raises(ServiceGone):
        await shop.quote(100)
