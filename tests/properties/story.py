"""How a story is told: one step of the real shop, the same step of the model, then every law."""

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from services import placing, wallet
from services.errors import KeyReused, MoneyError, ShopError
from services.money import Money
from services.notices import Offer
from tests.properties import laws
from tests.properties.model import Model, Order, Rules
from tests.properties.world import CONFIRMATIONS, LOST_AFTER, PEOPLE, POLICY, World

Result = TypeVar("Result")

RULES = Rules(
    unsent_tries=POLICY.unsent_tries,
    lost_after=LOST_AFTER,
    given_up_after=POLICY.unknown_for,
    confirmations=CONFIRMATIONS,
    idempotent=POLICY.idempotent,
    ask_again=POLICY.ask_again,
    ask_again_after=POLICY.ask_again_after,
)

people = st.sampled_from(PEOPLE)
ALLOWANCE = dict(zip(PEOPLE, (500_000_000, 4_000_000), strict=True))
"""One has plenty, the other soon nothing, in micro-units."""
deaths = st.one_of(st.just(0), st.just(0), st.integers(1, 30))
"""At which statement, commit or call of a panel a step dies; 0 never."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a button stands for; `rate` in micro-units."""

    user: int
    service: int
    quantity: int
    rate: int
    replaces: int | None
    part: int = 1

    @property
    def charge(self) -> int:
        """The price, rounded up to the micro-unit."""
        return -(-self.rate * self.quantity // 1000)


@dataclass(frozen=True, slots=True)
class Decision:
    """An admin's tap: what they found at the provider after an attempt, and what should become of the order."""

    order: int
    attempt: int
    upstream: str | None
    again: bool


class Story(RuleBasedStateMachine):
    """A world and a model of it; what rules have in common."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.world = World(url)
        self.model = Model(RULES)
        self.quotes: dict[str, Quoted] = {}
        self.asleep: list[placing.Licence] = []
        self.decisions: list[Decision] = []
        self.shown: dict[str, Any] = {}
        self.links = count(1)
        self.rates = self.world.rates()
        self.before = self.rows = self.world.look()
        self.sound = True
        for person, micros in ALLOWANCE.items():
            self.pay_in(f"allowance:{person}", person, micros, dies=0)

    def pay_in(self, key: str, person: int, micros: int, dies: int) -> None:
        """A payment comes in, perhaps one that came in before, perhaps under the key of another."""
        paid, balance = (person, micros), self.model.wallet(person)
        before = self.model.paid_in.get(key)
        _, refused = self.attempt(self._credit(key, person, micros), dies)
        assert refused is (None if before in (None, paid) else KeyReused) or self.died
        self.expect()
        if self.rows.balances[f"wallet:{person}"] != balance or not self.died:
            self.model.paid_in.setdefault(key, paid)

    async def _credit(self, key: str, person: int, micros: int) -> None:
        async with self.world.db.write() as session:
            await wallet.credit(
                session,
                user_id=person,
                amount=Money(micros),
                key=key,
                source="world:sandbox",
                actor="shop",
                now=self.world.time,
            )

    def do(self, work: Coroutine[Any, Any, Result], dies: int = 0) -> Result | None:
        """One step of the real shop; None where it died on the way. Refusals pass through."""
        self.sound = False
        return self.world.run(work, dies)

    def attempt(self, work: Coroutine[Any, Any, Result], dies: int) -> tuple[Result | None, type[Exception] | None]:
        """A step that may be refused: what it gave, and the kind of the refusal."""
        try:
            return self.do(work, dies), None
        except (ShopError, MoneyError) as refused:
            return None, type(refused)

    @property
    def died(self) -> bool:
        """Whether the last step was cut short: then it may have had all of its effect, a part or none."""
        return self.world.fuse.blown

    def expect(self, paths: dict[int, list[Order]] | None = None) -> None:
        """Take the model along: each order is at the end of its path, or anywhere on it if the step died."""
        self.before, self.rows = self.rows, self.world.look()
        for number, path in (paths or {}).items():
            possible = [self.model.orders[number], *path] if self.died else path[-1:]
            now = laws.seen(self.rows, number)
            assert now in [order.seen for order in possible], (number, now, possible)
            self.model.orders[number] = next(order for order in reversed(possible) if order.seen == now)
        self._collect_buttons()
        self.sound = True

    def _collect_buttons(self) -> None:
        """Notices carry buttons too; they were made in this step, at the prices of now."""
        for _, notice in self.rows.notices:
            offer = getattr(notice, "offer", None)
            if isinstance(offer, Offer) and offer.token not in self.quotes:
                rate, replaces = self.rates[offer.service_id], self.model.stands_for(notice.order_id)
                user = self.model.orders[notice.order_id].user
                part = self.model.part_of(notice.order_id)
                quoted = Quoted(user, offer.service_id, offer.quantity, rate, replaces, part)
                assert quoted.charge == offer.price.micros
                self.quotes[offer.token] = quoted

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.world.time += span

    @invariant()
    def every_law_holds(self) -> None:
        """After each step."""
        if not self.sound:
            return
        laws.money_is_neither_made_nor_lost(self.rows)
        laws.open_orders_hold_their_charge_and_closed_ones_have_settled_it(self.rows)
        laws.refunds_never_shrink_and_never_pass_the_charge(self.before, self.rows)
        laws.orders_go_only_where_the_list_lets_them(self.rows)
        laws.no_order_is_bought_twice_upstream(self.rows, self.world.panels)
        laws.a_goal_is_never_bought_beyond_what_was_wanted(self.rows)
        laws.customers_are_told_of_every_refund_to_the_micro_unit(self.rows)
        laws.wallets_and_orders_are_what_the_model_says(self.rows, self.model)
