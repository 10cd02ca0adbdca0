"""What must hold after every step, whatever it was: in the rows, against the model, against the panels' truth."""

from collections import Counter
from itertools import pairwise

from services.notices import Canceled, Corrected, Partial, Rejected
from tests.properties.model import CLOSED, Model
from tests.properties.panel import Panel
from tests.properties.world import PEOPLE, Rows

WAYS = {
    "queued": {"placing", "placed", "canceled", "rejected"},
    "placing": {"placed", "rejected", "unknown", "queued"},
    "unknown": {"placed", "rejected", "queued", "canceled"},
    "placed": {"completed", "partial", "canceled"},
    "completed": {"partial", "canceled"},
    "partial": {"partial", "canceled"},
    "canceled": {"canceled"},
    "rejected": set[str](),
}
"""Where an order may go next; to itself where a closed one is corrected."""


def money_is_neither_made_nor_lost(rows: Rows) -> None:
    """Every balance is its transfers, all balances together are nothing, and nobody is under the floor."""
    assert sum(rows.balances.values()) == 0
    moved: Counter[str] = Counter()
    for transfer in rows.transfers:
        moved[transfer.dst] += transfer.amount.micros
        moved[transfer.src] -= transfer.amount.micros
    assert {name: balance for name, balance in rows.balances.items() if balance != moved[name]} == {}
    floors = [(name, floor) for name, floor in rows.floors.items() if floor is not None]
    assert not [name for name, floor in floors if rows.balances[name] < floor]
    assert all(rows.floors[f"wallet:{person}"] == 0 for person in PEOPLE)


def open_orders_hold_their_charge_and_closed_ones_have_settled_it(rows: Rows) -> None:
    """hold = charge, then hold = 0 and kept + refunds = charge; what was kept is what the shop earned."""
    earned = 0
    moved: Counter[tuple[int | None, str]] = Counter()
    for transfer in rows.transfers:
        moved[transfer.order_id, transfer.code] += transfer.amount.micros
    for number, order in rows.orders.items():
        charge, refunded = order.charge.micros, order.refunded.micros
        closed = order.status in CLOSED
        assert moved[number, "hold"] == charge, number
        assert rows.balances[f"hold:{number}"] == (0 if closed else charge), number
        assert moved[number, "refund"] == refunded, number
        assert refunded == 0 or closed
        earned += charge - refunded if closed else 0
    assert rows.balances["revenue"] == earned


def refunds_never_shrink_and_never_pass_the_charge(before: Rows, rows: Rows) -> None:
    """Nor is a transfer or an order ever taken away."""
    for number, order in before.orders.items():
        assert order.refunded <= rows.orders[number].refunded <= order.charge
        assert order.charge == rows.orders[number].charge
    assert {row.id for row in before.transfers} <= {row.id for row in rows.transfers}


def orders_go_only_where_the_list_lets_them(rows: Rows) -> None:
    """Each state change has its event, and the last event is the state."""
    for number, order in rows.orders.items():
        story = rows.events[number]
        assert story[0] == "queued"
        assert all(new in WAYS[old] for old, new in pairwise(story)), story
        assert story[-1] == order.status, number


def no_order_is_bought_twice_upstream(rows: Rows, panels: dict[str, Panel]) -> None:
    """Once at most, by a licence, and under the id that the panel really gave it."""
    numbers = {order.token: number for number, order in rows.orders.items()}
    for panel in panels.values():
        for token, times in Counter(token for token, _ in panel.taken).items():
            assert times == 1, f"{token} was accepted {times} times"
            assert rows.licences[numbers[token]] >= 1
        truth = {upstream: token for token, upstream in panel.taken}
        for order in rows.orders.values():
            if order.provider == panel.name and order.provider_order_id is not None:
                assert truth[order.provider_order_id] == order.token


def a_goal_is_never_bought_beyond_what_was_wanted(rows: Rows) -> None:
    """What its parts delivered, and what is still on its way, is never more than the first part asked for."""
    promised: Counter[int] = Counter()
    for order in rows.orders.values():
        promised[order.goal_id] += min(order.delivered, order.covers) if order.status in CLOSED else order.covers
    assert all(total <= rows.orders[goal].quantity for goal, total in promised.items()), promised


def customers_are_told_of_every_refund_to_the_micro_unit(rows: Rows) -> None:
    """What the notices of an order say came back is what came back; who undid an order needs no notice."""
    told: Counter[int] = Counter()
    for reader, notice in rows.notices:
        if isinstance(notice, Partial | Canceled | Rejected | Corrected):
            told[notice.order_id] += notice.refunded.micros
            assert reader == rows.orders[notice.order_id].user_id
    for number, order in rows.orders.items():
        undone = order.status == "canceled" and order.placed_at is None
        assert told[number] == (0 if undone else order.refunded.micros), number


def wallets_and_orders_are_what_the_model_says(rows: Rows, model: Model) -> None:
    """To the micro-unit, for everybody; nobody has an order that the model does not know."""
    assert {person: rows.balances[f"wallet:{person}"] for person in PEOPLE} == {
        person: model.wallet(person) for person in PEOPLE
    }
    assert set(rows.orders) == set(model.orders)
    for number, order in model.orders.items():
        assert seen(rows, number) == order.seen, number


def seen(rows: Rows, number: int) -> tuple[str, int, int, str | None, str | None, bool]:
    """An order as `model.Order.seen` has it."""
    row = rows.orders[number]
    delivered = row.delivered if row.status in CLOSED else 0
    unclear = row.unreadable_polls > 0 and row.status == "placed"
    return (row.status, row.refunded.micros, delivered, row.provider_order_id, row.unconfirmed, unclear)
