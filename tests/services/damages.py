# ruff: noqa: S608 - the statements are made of this file's own words
"""Everything that can be done to a shop's books, and what the auditors must say of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Damage:
    """What was done to the database, which invariants it breaks, and what the first of them must say of it.

    `{word}` stands for the id of one of the orders.
    """

    breaks: set[int]
    says: str
    statements: tuple[str, ...]


def damage(breaks: set[int], says: str, *statements: str) -> Damage:
    return Damage(breaks, says, statements)


def moved(key: str, src: str, dst: str, amount: int, order: str = "NULL", code: str = "adjust") -> tuple[str, ...]:
    """A transfer and what it does to the balances, past the trigger that would have refused it."""
    return (
        "INSERT INTO transfers (id, src, dst, amount, code, order_id, actor, created_at) "
        f"VALUES ('{key}', '{src}', '{dst}', {amount}, '{code}', {order}, 'nobody', 1777896000000000)",
        f"UPDATE accounts SET balance = balance - {amount} WHERE id = '{src}'",
        f"UPDATE accounts SET balance = balance + {amount} WHERE id = '{dst}'",
    )


def stepped(order: str, *statuses: str) -> tuple[str, ...]:
    """Steps in an order's story."""
    return tuple(
        "INSERT INTO order_events (id, order_id, at, status, detail) "
        f"VALUES ({900 + n}, {order}, 0, '{status}', '{{{{}}}}')"
        for n, status in enumerate(statuses)
    )


def licensed(order: str, number: int, outcome: str, evidence: str, at: str) -> str:
    return (
        "INSERT INTO attempts (id, order_id, number, licensed_at, deadline, answered_at, outcome, evidence) "
        f"VALUES (900, {order}, {number}, {at}, {at}, {at}, '{outcome}', '{evidence}')"
    )


LATER = "1877896000000000"
DAMAGES = {
    "currency changed": damage(
        {1}, "currency EUR · sum 7.00", "UPDATE accounts SET currency = 'EUR' WHERE id = 'wallet:1002'"
    ),
    "money from nowhere": damage(
        {1, 2}, "currency USD · sum 0.000001", "UPDATE accounts SET balance = balance + 1 WHERE id = 'revenue'"
    ),
    "balances moved without a transfer": damage(
        {2},
        "account loss · difference 0.000001",
        "UPDATE accounts SET balance = balance - 1 WHERE id = 'revenue'",
        "UPDATE accounts SET balance = balance + 1 WHERE id = 'loss'",
    ),
    "a transfer vanished": damage(
        {2}, "account wallet:1002 · difference 7.00", "DELETE FROM transfers WHERE id = 'omar'"
    ),
    "a transfer changed": damage(
        {2}, "account wallet:1002 · difference 1.00", "UPDATE transfers SET amount = 6000000 WHERE id = 'omar'"
    ),
    "a transfer to nobody": damage({1, 2}, "currency USD · sum -0.000005", *moved("lost", "revenue", "nobody", 5)),
    "a wallet under its floor": damage(
        {3}, "account wallet:1002 · balance -1.00 · floor 0.00", *moved("over", "wallet:1002", "revenue", 8_000_000)
    ),
    "a wallet without a floor": damage(
        {3}, "account wallet:1001", "UPDATE accounts SET floor = NULL WHERE id = 'wallet:1001'"
    ),
    "a wallet with a floor under 0": damage(
        {3},
        "account wallet:1001 · balance",
        "UPDATE accounts SET floor = -1000000000 WHERE id = 'wallet:1001'",
    ),
    "a balance beyond all money": damage(
        {1, 2, 3}, "", "UPDATE accounts SET balance = 9223372036854775807 WHERE id IN ('revenue', 'loss')"
    ),
    "one key twice": damage(
        {2, 5},
        "difference -7.00",
        "INSERT INTO transfers SELECT * FROM transfers WHERE id = 'omar'",
    ),
    "the hold of an open order is spent": damage(
        {6},
        "order {placed} · status placed · charge 10.00 · hold 0.00",
        *moved("x", "hold:{placed}", "revenue", 10_000_000),
    ),
    "the hold of a closed order is not empty": damage(
        {6},
        "order {completed} · status completed · charge 10.00 · hold 1.00",
        *moved("x", "revenue", "hold:{completed}", 1_000_000),
    ),
    "kept and refunded are not the charge": damage(
        {6},
        "order {partial} · status partial · charge 10.00",
        *moved("x", "revenue", "hold:{partial}", 1, "{partial}", "kept"),
    ),
    "a charge that was never taken": damage(
        {6},
        "order {completed} · status completed · charge 10.000001",
        "UPDATE orders SET charge = charge + 1 WHERE id = {completed}",
    ),
    "one order's share booked under another": damage(
        {6},
        "order {completed} · status completed · charge 10.00 · hold 0.00",
        "UPDATE transfers SET order_id = {placed} WHERE id = 'order:{completed}:kept'",
    ),
    "no hold at all": damage({1, 2, 6}, "currency USD · sum -10.00", "DELETE FROM accounts WHERE id = 'hold:{queued}'"),
    "a refund paid twice": damage(
        {7},
        "order {partial} · returned beyond what the order says 4.00",
        *moved("x", "revenue", "wallet:1001", 4_000_000, "{partial}", "twice"),
    ),
    "an order that says more than was refunded": damage(
        {7},
        "order {partial} · returned beyond what the order says -0.000001",
        "UPDATE orders SET refunded = refunded + 1 WHERE id = {partial}",
    ),
    "refunded beyond the charge": damage(
        {7},
        "order {twice}",
        *moved("x", "revenue", "wallet:1001", 1, "{twice}", "more"),
        "UPDATE orders SET refunded = refunded + 1 WHERE id = {twice}",
    ),
    "two orders upstream for one": damage(
        {8, 10},
        "order {placed} · attempts 2 · accepted as 2",
        licensed("{placed}", 2, "accepted", "999", "1777896000000000"),
    ),
    "sent again after it was accepted": damage(
        {8, 10},
        "order {placed} · attempts 2 · is sent after it was accepted",
        licensed("{placed}", 2, "ambiguous", "", LATER),
    ),
    "accepted, and waiting to be sent": damage(
        {8, 10},
        "order {queued} · status queued · is accepted before",
        licensed("{queued}", 1, "accepted", "998", "1777896000000000"),
    ),
    "one id of a provider for two orders": damage(
        {9},
        "provider north · provider_order 1 · orders 2 · first {completed} · last {placed}",
        "UPDATE orders SET provider_order_id = '1' WHERE id = {placed}",
    ),
    "sent without a licence": damage({10}, "order {placed}", "DELETE FROM attempts WHERE order_id = {placed}"),
    "a licence missing in the middle": damage(
        {10}, "order {placed} · licences 1 · last number 2", "UPDATE attempts SET number = 2 WHERE order_id = {placed}"
    ),
    "placed, and its licence and its step are gone": damage(
        {10},
        "order {placed} · status placed · licence none",
        "DELETE FROM attempts WHERE order_id = {placed}",
        "DELETE FROM order_events WHERE order_id = {placed} AND status = 'placing'",
    ),
    "a step that is not listed": damage(
        {11}, "order {completed} · step completed>placed", *stepped("{completed}", "placed", "completed")
    ),
    "sent twice without a step between": damage(
        {10, 11}, "order {dead} · licences beyond the steps to placing -1", *stepped("{dead}", "placing")
    ),
    "a status that no step led to": damage(
        {11},
        "order {placed} · status placed · last step unknown",
        "UPDATE order_events SET status = 'unknown' WHERE order_id = {placed} AND status = 'placed'",
    ),
    "an order without a story": damage(
        {12}, "order {queued} · status queued · events none", "DELETE FROM order_events WHERE order_id = {queued}"
    ),
    "a completion nobody was told of": damage(
        {12},
        "order {completed} · status completed · notice order:{completed}:completed:0",
        "DELETE FROM outbox WHERE key = 'order:{completed}:completed:0'",
    ),
    "a refund nobody was told of": damage(
        {12},
        "order {partial} · status partial · refund without a notice order:{partial}:refund:4000000",
        "DELETE FROM outbox WHERE key = 'order:{partial}:partial:4000000'",
    ),
    "the first of two refunds nobody was told of": damage(
        {12},
        "order {twice} · status canceled · refund without a notice order:{twice}:refund:3000000",
        "DELETE FROM outbox WHERE key = 'order:{twice}:partial:3000000'",
    ),
    "a rest that is another person's": damage(
        {14},
        "order {rest} · person 1002 · goal {partial} · person of goal 1001",
        "UPDATE orders SET user_id = 1002 WHERE id = {rest}",
    ),
    "a goal that is not there": damage(
        {14},
        "order {placed} · person 1001 · goal 99999 · person of goal none",
        "UPDATE orders SET goal_id = 99999 WHERE id = {placed}",
    ),
    "the rest of an order that is not there": damage(
        {14},
        "order {rest} · person 1001 · replaces 99999 · person of replaces none",
        "UPDATE orders SET replaces_id = 99999 WHERE id = {rest}",
    ),
    "one person's refund in another's wallet": damage(
        {14},
        "transfer order:{partial}:refund:4000000 · order {partial} · wallet wallet:1001",
        "UPDATE transfers SET dst = 'wallet:1002' WHERE id = 'order:{partial}:refund:4000000'",
        "UPDATE accounts SET balance = balance - 4000000 WHERE id = 'wallet:1001'",
        "UPDATE accounts SET balance = balance + 4000000 WHERE id = 'wallet:1002'",
    ),
    "a dead sender nobody noticed": damage(
        {15},
        "order {dead} · status placing · deadline 1970-01-01T00:00:00+00:00",
        "UPDATE orders SET lease_until = 0 WHERE id = {dead}",
    ),
    "a sender without a deadline": damage(
        {15},
        "order {dead} · status placing · deadline none",
        "UPDATE orders SET lease_until = NULL WHERE id = {dead}",
    ),
    "a doubt no admin heard of": damage(
        {15}, "order {unknown} · status unknown", "DELETE FROM outbox WHERE key LIKE 'alert:order-unknown:{unknown}:%'"
    ),
    "a doubt beyond its time": damage(
        {15},
        "order {unknown} · status unknown · since 1970-01-01T00:00:00+00:00",
        "UPDATE orders SET moved_at = 0 WHERE id = {unknown}",
    ),
    "a rest that was bought twice": damage(
        {19},
        "goal {partial} · wanted 1000 · ordered 1001",
        "UPDATE orders SET quantity = 401, covers = 401 WHERE id = {rest}",
    ),
}
