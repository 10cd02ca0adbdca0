"""The auditors find every invariant that is broken and name the row; a healthy shop passes whatever it went through."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import column, select, text
from sqlalchemy.exc import DBAPIError

from services import audit, orders, placing, reorder
from services.audit import SHOWN, Breach, Look, guards
from services.db import Database, ReadSession
from services.migrations import triggers
from services.models import Order
from services.policy import Policy
from tests.scripted_panel import row
from tests.services.damages import DAMAGES, LATER, licensed, stepped
from tests.services.ruins import ruin, spoil
from tests.shop import MIA, Shop, open_shop


@pytest.fixture
async def shop(spare_db: Database) -> AsyncIterator[Shop]:
    async with open_shop(spare_db) as opened:
        yield opened


def link(word: str) -> str:
    return f"https://www.instagram.com/p/{word}"


async def mixed(shop: Shop) -> dict[str, int]:
    """Orders in every state there is, by a word for each."""
    made: dict[str, int] = {}
    async with shop.db.write() as session:
        await shop.credit(session, "1000.00", "more")
        await shop.credit(session, "7.00", "omar", user_id=1002)
    ends = {"completed": row("Completed", "0"), "partial": row("Partial", "400"), "twice": row("Partial", "300")}
    for number, (word, said) in enumerate(ends.items(), start=1):
        made[word] = await shop.placed(1000, link=link(word))
        shop.north.rows[str(number)] = said
    await shop.poll()
    shop.north.rows["3"] = row("Canceled", "1000")
    await shop.poll(hours=2)
    async with shop.db.write() as session:
        rest = await reorder.rest(session, user_id=MIA, order_id=made["partial"], now=shop.time)
    made["rest"] = (await shop.tap(rest.offers[0].token)).order.id
    await shop.submit()
    shop.north.adds = [{"error": "Incorrect service ID"}]
    made["rejected"] = await shop.placed(1000, link=link("rejected"))
    shop.north.adds = ["drop"]
    made["unknown"] = await shop.placed(1000, link=link("unknown"))
    shop.wait(minutes=10)
    made["dead"] = await shop.buy(1000, link=link("dead"))
    async with shop.db.write() as session:
        await placing.claim(session, client=shop.clients["north"], policy=shop.policy, owner="dead", now=shop.time)
    made["placed"] = await shop.placed(1000, link=link("placed"))
    made["undone"] = await shop.buy(1000, link=link("undone"))
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=made["undone"], now=shop.time)
    made["queued"] = await shop.buy(1000, link=link("queued"))
    return made


async def test_a_healthy_shop_passes_whatever_it_went_through(shop: Shop) -> None:
    made = await mixed(shop)
    async with shop.db.read() as session:
        statuses = {row.id: row.status for row in await session.all(select(Order.id, Order.status))}
        assert await audit.check(session, shop.policy, shop.time) == []
    assert {word: statuses[order_id] for word, order_id in made.items()} == {
        "completed": "completed",
        "partial": "partial",
        "twice": "canceled",
        "rest": "placed",
        "rejected": "rejected",
        "unknown": "unknown",
        "dead": "placing",
        "placed": "placed",
        "undone": "canceled",
        "queued": "queued",
    }


async def found(shop: Shop, statements: tuple[str, ...], made: dict[str, int]) -> dict[int, Breach]:
    """What the auditors find in a database so damaged; the damage is taken back."""
    async with shop.db.writer.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement.format(**made).replace(":", "\\:")))
        breaches = await audit.check(ReadSession(connection), shop.policy, shop.time)
        await connection.rollback()
    return {breach.invariant.number: breach for breach in breaches}


async def test_every_broken_invariant_is_found_and_names_the_row(shop: Shop) -> None:
    made = await mixed(shop)
    await ruin(shop.db)
    assert set(await found(shop, (), made)) == {4}
    for word, done in DAMAGES.items():
        breaches = await found(shop, done.statements, made)
        del breaches[4]
        assert set(breaches) == done.breaks, word
        first = breaches[min(breaches)]
        told = [audit.worded(broken) for broken in first.rows]
        assert any(done.says.format(**made) in line for line in told), (word, told)


async def test_the_first_broken_rows_are_named_and_more_is_said_of_the_others(shop: Shop) -> None:
    await ruin(shop.db)
    opened = [
        "INSERT INTO accounts (id, kind, currency, balance) "  # noqa: S608
        f"VALUES ('wallet:{5000 + n}', 'wallet', 'USD', 0)"
        for n in range(SHOWN + 1)
    ]
    [all_named, too_many] = [(await found(shop, tuple(opened[:count]), {}))[3] for count in (SHOWN, SHOWN + 1)]
    assert (len(all_named.rows), all_named.more) == (SHOWN, False)
    assert (len(too_many.rows), too_many.more) == (SHOWN, True)
    assert too_many.rows[0]["account"] == "wallet:5000"


async def missing(db: Database, shop: Shop) -> list[str]:
    async with db.read() as session:
        rows = await guards.stand(Look(session, Policy(), shop.time))
    return [next(iter(row.values())) for row in rows]


async def test_a_guard_that_was_taken_down_is_missed(shop: Shop) -> None:
    """Each trigger, and each named check or key, by its name."""
    db = shop.db
    engine = "sqlite" if db.on_sqlite else "postgresql"
    written = triggers.guards(engine)
    assert len(written) > 15
    assert await missing(db, shop) == []
    for name, statement in written.items():
        table = statement.split(" ON ")[1].split()[0]
        if db.on_sqlite:
            await spoil(db, f"DROP TRIGGER {name}")
        else:
            await spoil(db, f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        assert await missing(db, shop) == [name]
        await spoil(db, statement if db.on_sqlite else f"ALTER TABLE {table} ENABLE TRIGGER {name}")
    assert await missing(db, shop) == []


async def test_a_guard_that_no_longer_guards_is_missed(shop: Shop) -> None:
    """The name alone is not enough: it must still say what it said."""
    db = shop.db
    if db.on_sqlite:
        await spoil(db, "DROP TRIGGER orders_stay")
        await spoil(db, "CREATE TRIGGER orders_stay BEFORE DELETE ON orders BEGIN SELECT 1; END")
        assert await missing(db, shop) == ["orders_stay"]
    else:
        await spoil(
            db,
            "CREATE OR REPLACE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$",
        )
        assert await missing(db, shop) == ["transfers_move"]


async def test_a_constraint_that_was_dropped_is_missed(shop: Shop) -> None:
    if shop.db.on_sqlite:
        await ruin(shop.db)
    else:
        await spoil(shop.db, "ALTER TABLE accounts DROP CONSTRAINT ck_accounts_floor", "DROP INDEX uq_orders_rest")
    assert {"ck_accounts_floor", "uq_orders_rest"} <= set(await missing(shop.db, shop))


async def test_two_answers_under_one_key_are_one_order_where_the_provider_knows_the_key(shop: Shop) -> None:
    """A late acceptance of the first POST beside that of the second, with the same id: nothing was bought twice."""
    order_id = await shop.placed(1000)
    await ruin(shop.db)
    again = (
        licensed(str(order_id), 2, "accepted", "1", LATER),
        *stepped(str(order_id), "unknown", "queued", "placing", "placed"),
    )
    assert 8 in await found(shop, again, {})
    shop.policy = Policy(admins=shop.policy.admins, idempotent=("north",))
    assert 8 not in await found(shop, again, {})


async def test_without_admins_nobody_can_be_alerted(shop: Shop) -> None:
    shop.policy = Policy(admins=())
    shop.north.adds = ["drop"]
    await shop.placed(1000)
    shop.wait(hours=1)
    async with shop.db.read() as session:
        assert await audit.check(session, shop.policy, shop.time) == []
        assert [b.invariant.number for b in await audit.check(session, Policy(admins=(9001,)), shop.time)] == [15]


async def test_closings_whose_notices_are_purged_by_now_are_left_out(shop: Shop) -> None:
    await shop.placed(1000)
    shop.north.rows["1"] = row("Partial", "400")
    await shop.poll()
    await spoil(shop.db, "DELETE FROM outbox")
    assert 12 in await found(shop, (), {})
    shop.wait(days=61)
    assert 12 not in await found(shop, (), {})


async def test_a_question_that_the_database_does_not_understand_is_a_defect_not_a_finding(shop: Shop) -> None:
    async with shop.db.read() as session:
        with pytest.raises(DBAPIError):
            await Look(session, shop.policy, shop.time).rows(select(column("nobody_knows_it")))
