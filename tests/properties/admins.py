"""What admins do by hand: settle doubts by looking at the provider, tap old screens, count what cannot be read."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from services import doubts
from services.errors import BadQuantity, TooLate
from tests.properties.panel import Said
from tests.properties.story import Decision, Story, deaths
from tests.properties.world import ADMIN, POLICY

HAND = f"admin:{ADMIN}"


class Admins(Story):
    """Rules of admins, who tell the truth, and may be late."""

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), again=st.booleans(), dies=deaths)
    def settle_a_doubt(self, data: st.DataObject, again: bool, dies: int) -> None:
        """An order in doubt is looked for at the provider: there under its id, or not there."""
        unknown = [number for number, order in self.model.orders.items() if order.status == "unknown"]
        number = data.draw(st.sampled_from(unknown * 5 + list(self.model.orders)), label="order")
        order = self.model.orders[number]
        upstream = dict(self.world.panels[order.provider].taken).get(order.token)
        # Nobody sends again what another sender still has in hand.
        again = again and number not in [licence.order_id for licence in self.asleep]
        decision = Decision(number, len(order.licences), upstream, again)
        self.decisions.append(decision)
        self._decide(decision, dies)

    @precondition(lambda self: self.decisions)
    @rule(data=st.data(), dies=deaths)
    def tap_an_old_screen(self, data: st.DataObject, dies: int) -> None:
        """A decision is handed in again, or another admin, who saw the same, takes it too: it is about that attempt."""
        self._decide(data.draw(st.sampled_from(self.decisions), label="decision"), dies)

    def _decide(self, decision: Decision, dies: int) -> None:
        order, now = self.model.orders[decision.order], self.world.time
        end, refusal = order, None
        if order.status != "unknown" or len(order.licences) != decision.attempt:
            refusal = TooLate
        elif decision.upstream is not None:
            end = order.at("placed", now, upstream=decision.upstream, asked=now)
        elif decision.again:
            end = order.at("queued", now, due=now, cleared=decision.attempt)
        else:
            end = order.refused(now)
        _, refused = self.attempt(self._settle(decision), dies)
        assert refused is refusal or self.died
        self.expect({decision.order: [end]})

    async def _settle(self, decision: Decision) -> None:
        async with self.world.db.write() as session:
            if decision.upstream is None:
                await doubts.missing(
                    session,
                    order_id=decision.order,
                    attempt=decision.attempt,
                    again=decision.again,
                    actor=HAND,
                    now=self.world.time,
                )
            else:
                await doubts.arrived(
                    session,
                    order_id=decision.order,
                    attempt=decision.attempt,
                    provider_order_id=decision.upstream,
                    actor=HAND,
                    policy=POLICY,
                    now=self.world.time,
                )

    @precondition(lambda self: self.model.orders)
    @rule(data=st.data(), delivered=st.integers(-1, 3000), dies=deaths)
    def count_by_hand(self, data: st.DataObject, delivered: int, dies: int) -> None:
        """An order that stopped unreadably is settled by what an admin read off."""
        unclear = [number for number, order in self.model.orders.items() if order.unclear]
        number = data.draw(st.sampled_from(unclear * 5 + list(self.model.orders)), label="order")
        order = self.model.orders[number]
        end = order
        refusal: type[TooLate | BadQuantity] | None = None
        if order.status != "placed" or not order.unclear:
            refusal = TooLate
        elif not 0 <= delivered <= order.quantity:
            refusal = BadQuantity
        else:
            said = Said("partial", order.quantity - delivered)
            end = self.model.told(order, said, self.world.time, by_hand=True)
        _, refused = self.attempt(self._count(number, delivered), dies)
        assert refused is refusal or self.died
        self.expect({number: [end]})

    async def _count(self, number: int, delivered: int) -> None:
        async with self.world.db.write() as session:
            await doubts.counted(session, order_id=number, delivered=delivered, policy=POLICY, now=self.world.time)
