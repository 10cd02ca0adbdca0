"""What the shop does by itself, and what the world does to it: submit, poll, sweep, send, sleep, die, start again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from services import fulfilment, outbox, placing
from tests.properties.model import CLOSED, Order
from tests.properties.panel import MANNERS, TROUBLES, Manner, Row, Said
from tests.properties.rows import rows
from tests.properties.story import Story, deaths
from tests.properties.world import POLICY, RATES

SPANS = {"seconds": (0, 3, 6, 11, 46), "hours": (0.5, 2, 24, 73)}
spans = st.sampled_from([timedelta(**{unit: length}) for unit, lengths in SPANS.items() for length in lengths])
providers = st.sampled_from(sorted(RATES))
seldom = st.sampled_from([False] * 4 + [True])
troubles = st.sampled_from([None] * 8 + sorted(TROUBLES))


class Works(Story):
    """Rules of the shop's own work."""

    @rule(span=spans, dies=deaths)
    def submit(self, span: timedelta, dies: int) -> None:
        """Queued orders that are due leave, each by one POST; no others do."""
        self.wait(span)
        due = {number for number, order in self.model.orders.items() if self._leaves(order)}
        self.do(self._submit(), dies)
        paths = self._posted()
        assert set(paths) <= due
        assert self.died or set(paths) == due
        for number in due - set(paths):
            paths[number] = [self.model.orders[number].licensed(self.world.time)]
        self.expect(paths)

    async def _submit(self) -> None:
        await placing.submit_due(self.world.db, self.world.clients, POLICY, "works", self.world.now)

    def _leaves(self, order: Order) -> bool:
        waits = self.world.time - order.due
        return order.status == "queued" and timedelta(0) <= waits < POLICY.unknown_for

    def _sent(self) -> set[int]:
        """The orders that panels were sent in this step."""
        tokens = {token for panel in self.world.panels.values() for token, _, _ in panel.posts}
        return {number for number, order in self.model.orders.items() if order.token in tokens}

    def _posted(self, number: int = 0) -> dict[int, list[Order]]:
        """The paths of the orders that panels were sent in this step: placing, then what the answer makes of it.

        `number` is that of the licence where it was not given in this step.
        """
        paths: dict[int, list[Order]] = {}
        for panel in self.world.panels.values():
            for token, manner, upstream in panel.posts:
                bought = self.model.bought(token)
                assert bought is not None
                assert bought not in paths
                order = self.model.orders[bought]
                claimed = order if number else order.licensed(self.world.time)
                licence = number or len(claimed.licences)
                paths[bought] = [claimed, self.model.answered(claimed, licence, manner.end, upstream, self.world.time)]
        return paths

    @precondition(lambda self: self.known)
    @rule(data=st.data(), span=spans)
    def news(self, data: st.DataObject, span: timedelta) -> None:
        """Panels change their mind about orders, open and closed, and are asked."""
        self._change_minds(data)
        self.poll(span, None, "north", overlooks=False, dies=0)

    @precondition(lambda self: self.known)
    @rule(data=st.data(), span=spans, trouble=troubles, provider=providers, overlooks=seldom, dies=deaths)
    def bad_news(
        self, data: st.DataObject, span: timedelta, trouble: str | None, provider: str, overlooks: bool, dies: int
    ) -> None:
        """The same on a bad day: a panel has trouble, or who asks dies."""
        self._change_minds(data)
        self.poll(span, trouble, provider, overlooks, dies)

    @property
    def known(self) -> list[int]:
        """The orders that a panel has, as the shop knows."""
        return [number for number, order in self.model.orders.items() if order.upstream is not None]

    def _change_minds(self, data: st.DataObject) -> None:
        for number in data.draw(st.lists(st.sampled_from(self.known), unique=True, min_size=1, max_size=4), label="of"):
            order = self.model.orders[number]
            row = data.draw(rows(order.quantity), label=f"row of {number}")
            self.world.panels[order.provider].rows[order.upstream or ""] = row

    def poll(self, span: timedelta, trouble: str | None, provider: str, overlooks: bool, dies: int) -> None:
        """The panels are asked about orders that are due, and believed as the table says."""
        self.wait(span)
        panel = self.world.panels[provider]
        panel.trouble, panel.overlooks_orders = trouble, overlooks
        self.do(self._poll(), dies)
        panel.trouble = None
        self._asked(but=provider if trouble is not None or overlooks else "")
        self.expect(self._told())

    async def _poll(self) -> None:
        await fulfilment.poll_due(self.world.db, self.world.clients, POLICY, self.world.now)

    def _told(self) -> dict[int, list[Order]]:
        paths: dict[int, list[Order]] = {}
        for number, order in self.model.orders.items():
            said = self.world.panels[order.provider].told.get(order.upstream or "")
            if said is not None:
                paths[number] = [self.model.told(order, said, self.world.time)]
        return paths

    def _asked(self, but: str) -> None:
        """Nobody is forgotten: open orders are asked about every half hour, closed ones hourly while watched."""
        now = self.world.time
        for number, order in self.model.orders.items():
            asked = (order.upstream or "") in self.world.panels[order.provider].asked
            idle, watched = now - order.asked, order.status in CLOSED and now <= order.since + POLICY.watch_for
            due = order.upstream is not None and (
                (order.status == "placed" and idle >= POLICY.poll_slowest) or (watched and idle >= POLICY.watch_every)
            )
            assert asked or not due or self.died or order.provider == but, number
            if asked or self.died:
                self.model.orders[number] = replace(order, asked=now)

    @rule(span=spans, dies=deaths)
    def sweep(self, span: timedelta, dies: int) -> None:
        """Licences nobody answers for become doubts, and doubts nobody settles give the money back."""
        self.wait(span)
        self.do(self._sweep(), dies)
        self.expect(self._swept())

    async def _sweep(self) -> None:
        async with self.world.db.write() as session:
            await placing.sweep(session, POLICY, self.world.time)

    def _swept(self) -> dict[int, list[Order]]:
        return {number: [self.model.swept(order, self.world.time)] for number, order in self.model.orders.items()}

    @rule(span=spans)
    def all_at_once(self, span: timedelta) -> None:
        """Two of each at the same time, as two processes would."""
        self.wait(span)
        due = {number for number, order in self.model.orders.items() if self._leaves(order)}
        swept = {number: path[-1] for number, path in self._swept().items()}
        again = {number for number, order in swept.items() if self._leaves(order)} - due
        self.do(self._all_at_once())
        sent = self._sent()
        assert due <= sent <= due | again, (due, sent, again)
        # What one sweeper queues again, one of the senders may still find.
        self.model.orders |= {number: swept[number] for number in sent & again}
        posted = self._posted()
        self._asked(but="")
        self.expect(self._swept() | self._told() | posted)

    async def _all_at_once(self) -> None:
        async with asyncio.TaskGroup() as group:
            for work in (self._submit, self._poll, self._sweep) * 2:
                group.create_task(work())

    @rule(provider=providers)
    def fall_asleep(self, provider: str) -> None:
        """A sender stops between its licence and its POST: it may wake up late, or never."""
        licences = self.do(self._claim(provider))
        assert licences is not None
        self.asleep += licences
        claimed = {licence.order_id: self.model.orders[licence.order_id] for licence in licences}
        self.expect({number: [order.licensed(self.world.time)] for number, order in claimed.items()})

    async def _claim(self, provider: str) -> list[placing.Licence]:
        async with self.world.db.write() as session:
            client = self.world.clients[provider]
            return await placing.claim(session, client=client, policy=POLICY, owner="sleeper", now=self.world.time)

    @precondition(lambda self: self.asleep)
    @rule(span=spans, data=st.data(), how=st.sampled_from(MANNERS), dies=deaths)
    def wake_up(self, span: timedelta, data: st.DataObject, how: Manner, dies: int) -> None:
        """A sender goes on where it stopped, whatever became of its order meanwhile."""
        self.wait(span)
        licence = self.asleep.pop(data.draw(st.integers(0, len(self.asleep) - 1), label="sleeper"))
        order = self.model.orders[licence.order_id]
        self.world.panels[order.provider].manners[order.token] = [how]
        self.do(self._wake(licence, order.provider), dies)
        self.expect(self._posted(licence.number))

    async def _wake(self, licence: placing.Licence, provider: str) -> None:
        await placing._send(self.world.db, self.world.clients[provider], licence, POLICY, self.world.now)

    @rule(sleepers_too=st.booleans())
    def restart(self, sleepers_too: bool) -> None:
        """The process is gone, and perhaps whoever slept, in it or in another one."""
        if sleepers_too:
            self.asleep.clear()
        self.world.restart()
        self.expect()

    @rule(fate=st.sampled_from(["sent", "lost", "later"]), span=spans, dies=deaths)
    def send(self, fate: str, span: timedelta, dies: int) -> None:
        """The sender takes what waits; Telegram shows it, and the record of that may be lost."""
        self.wait(span)
        self.do(self._send(fate), dies)
        self.expect()

    async def _send(self, fate: str) -> int:
        async with self.world.db.write() as session:
            claimed = await outbox.claim(
                session, owner="works", limit=10, lease=timedelta(seconds=30), now=self.world.time
            )
        for each in claimed if fate != "later" else []:
            self.shown[each.key] = each.notice
        async with self.world.db.write() as session:
            for each in claimed:
                if fate == "sent":
                    await outbox.sent(session, [(each.id, each.version, 1)], self.world.time)
                elif fate == "later":
                    await outbox.later(session, [each.id], due_at=self.world.time, error="no")
        return len(claimed)

    def all_ends_well(self) -> None:
        """When the world is well again, every order ends within days and everybody knows how."""
        self.asleep.clear()
        for panel in self.world.panels.values():
            panel.trouble, panel.overlooks_orders = None, False
            panel.manners.clear()
        for _ in range(6):
            self.submit(timedelta(hours=1), 0)
            self.sweep(timedelta(hours=25), 0)
            for panel in self.world.panels.values():
                for upstream, row in panel.rows.items():
                    if row.means is None or row.means.state == "running" or row.means.remains is None:
                        panel.rows[upstream] = Row({"status": "Completed", "remains": "0"}, Said("completed", 0))
            self.poll(timedelta(hours=1), None, "north", overlooks=False, dies=0)
            self.every_law_holds()
            if all(order.status in CLOSED for order in self.model.orders.values()):
                break
        assert all(order.status in CLOSED for order in self.model.orders.values())
        while self.do(self._send("sent")):
            pass
        for number, order in self.model.orders.items():
            card = self.shown[outbox.card_key(number)]
            assert (card.status, card.refunded.micros) == (order.status, order.refunded)
