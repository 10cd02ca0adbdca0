"""What people do: pay in, ask for prices, tap buttons old and new, undo, order the rest."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from services import orders, quotes, reorder
from services.errors import (
    NotEnoughMoney,
    OrderNotFound,
    PriceChanged,
    QuoteGone,
    RestOrdered,
    ShopError,
    TooLate,
)
from tests.properties.model import Order
from tests.properties.panel import MANNERS, WELL, Manner
from tests.properties.story import Quoted, Story, deaths, people
from tests.properties.world import PEOPLE, RATES

manners = st.lists(st.sampled_from([WELL] * 2 * len(MANNERS) + MANNERS), max_size=3)
"""How the panel meets the first POSTs of an order; well after that."""
strangers = st.sampled_from([None] * 4 + list(PEOPLE))
quantities = st.sampled_from([1, 2, 3, 999, 1000]) | st.integers(1, 2500)
undo_windows = st.sampled_from([0, 0, 10])
baskets = st.tuples(people, st.integers(0, 9), quantities, undo_windows, manners)


class Customers(Story):
    """Rules of people."""

    @rule(user=people, key=st.integers(0, 4), micros=st.integers(1, 40_000_000), dies=deaths)
    def top_up(self, user: int, key: int, micros: int, dies: int) -> None:
        """One of a few payments, so that some come twice and some are mistaken for another."""
        self.pay_in(f"payment:{key}", user, micros, dies)

    @rule(baskets=st.lists(baskets, min_size=1, max_size=4), paid=st.sampled_from([True] * 4 + [False]))
    def order(self, baskets: list[tuple[int, int, int, int, list[Manner]]], paid: bool) -> None:
        """Somebody sees a price and pays it, or leaves it; a few in a row, for a shop with one order sees little."""
        for user, service, quantity, undo, how in baskets:
            token = self._quote(user, service, quantity)
            if paid:
                self._tap(token, user, undo, how, dies=0)

    def _quote(self, user: int, service: int, quantity: int) -> str:
        service_id = sorted(self.rates)[service % len(self.rates)]
        quoted = Quoted(user, service_id, quantity, self.rates[service_id], None)
        shown = self.do(self._priced(quoted, f"https://www.instagram.com/p/{next(self.links)}"))
        assert shown is not None
        assert (shown.price.micros, shown.balance.micros) == (quoted.charge, self.model.wallet(user))
        self.quotes[shown.token] = quoted
        self.expect()
        return shown.token

    async def _priced(self, asked: Quoted, link: str) -> quotes.QuoteView:
        async with self.world.db.write() as session:
            return await quotes.quote(
                session,
                user_id=asked.user,
                service_id=asked.service,
                link=link,
                quantity=asked.quantity,
                now=self.world.time,
            )

    @precondition(lambda self: self.quotes)
    @rule(data=st.data(), stranger=strangers, undo=undo_windows, how=manners, dies=deaths)
    def tap(self, data: st.DataObject, stranger: int | None, undo: int, how: list[Manner], dies: int) -> None:
        """Any button that was ever shown, by anybody: new, used, too dear, somebody else's."""
        token = data.draw(st.sampled_from(list(self.quotes)), label="token")
        self._tap(token, stranger or self.quotes[token].user, undo, how, dies)

    def _tap(self, token: str, user: int, undo: int, how: list[Manner], dies: int) -> None:
        quoted, before = self.quotes[token], self.model.bought(token)
        provider = self.world.provider_of[quoted.service]
        self.world.panels[provider].manners.setdefault(token, list(how))
        refusal = self._refusal(token, user)
        placed, refused = self.attempt(self._place(token, user, undo), dies)
        assert refused is refusal or self.died
        assert placed is None or placed.created == (before is None)
        number = next((number for number, row in self.world.look().orders.items() if row.token == token), None)
        if number is not None and before is None:
            assert refusal is None
            now = self.world.time
            goal = self.model.orders[quoted.replaces].goal if quoted.replaces else number
            self.model.orders[number] = Order(
                user=user,
                token=token,
                provider=provider,
                quantity=quoted.quantity,
                charge=quoted.charge,
                goal=goal,
                replaces=quoted.replaces,
                part=quoted.part,
                due=now + timedelta(seconds=undo),
                since=now,
                asked=now,
            )
        self.expect()

    def _refusal(self, token: str, user: int) -> type[ShopError] | None:
        """Why a tap must be refused; None where it buys, or has bought."""
        quoted = self.quotes[token]
        if quoted.user != user:
            return QuoteGone
        if self.model.bought(token) is not None:
            return None
        if self.rates[quoted.service] != quoted.rate:
            return PriceChanged
        if quoted.replaces is not None and self.model.too_much(quoted.replaces, quoted.part, quoted.quantity):
            return RestOrdered
        return NotEnoughMoney if quoted.charge > self.model.wallet(user) else None

    async def _place(self, token: str, user: int, undo: int) -> orders.Placed:
        async with self.world.db.write() as session:
            return await orders.place(
                session, user_id=user, token=token, now=self.world.time, undo=timedelta(seconds=undo)
            )

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), user=people, dies=deaths)
    def undo(self, data: st.DataObject, user: int, dies: int) -> None:
        """Somebody wants an order back, their own or not, in time or not."""
        number = data.draw(st.sampled_from(list(self.model.orders)), label="order")
        order = self.model.orders[number]
        undone = order.status == "canceled" and order.upstream is None
        may = order.undoable or undone
        refusal = OrderNotFound if order.user != user else None if may else TooLate
        _, refused = self.attempt(self._undo(number, user), dies)
        assert refused is refusal or self.died
        if refusal is None and not undone:
            order = order.at("canceled", self.world.time, refunded=order.charge)
        self.expect({number: [order]})

    async def _undo(self, number: int, user: int) -> None:
        async with self.world.db.write() as session:
            await orders.undo(session, user_id=user, order_id=number, now=self.world.time)

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), pick=st.integers(0, 5), undo=undo_windows, how=manners, dies=deaths)
    def rest(self, data: st.DataObject, pick: int, undo: int, how: list[Manner], dies: int) -> None:
        """Somebody orders what was not delivered on another service, from the list or the notice's one button."""
        number = data.draw(st.sampled_from(list(self.model.orders)), label="order")
        order = self.model.orders[number]
        found = self.do(self._rest(number, order.user))
        assert found is not None
        self.expect()
        refusal, replaces = self.model.no_rest(number), self.model.stands_for(number)
        assert found.no_offer == refusal or (refusal is None and found.no_offer == "no_alternative")
        for offer in found.offers:
            rate, part = self.rates[offer.service_id], self.model.part_of(number)
            quoted = Quoted(order.user, offer.service_id, offer.quantity, rate, replaces, part)
            assert (offer.price.micros, offer.quantity) == (quoted.charge, self.model.left(number))
            self.quotes[offer.token] = quoted
        if found.offers:
            token = found.offers[pick % len(found.offers)].token
            self._tap(token, order.user, undo, how, dies)

    async def _rest(self, number: int, user: int) -> reorder.Rest:
        async with self.world.db.write() as session:
            return await reorder.rest(session, user_id=user, order_id=number, now=self.world.time)

    @rule(provider=st.sampled_from(sorted(RATES)), cents=st.integers(1, 900), dies=deaths)
    def reprice(self, provider: str, cents: int, dies: int) -> None:
        """A panel changes what it asks; whoever has seen the old price must see the new one before paying."""
        rates = (f"{cents / 100:.2f}", *RATES[provider][1:])
        self.do(self.world.price(provider, rates), dies)
        self.rates = self.world.rates()
        self.expect()
