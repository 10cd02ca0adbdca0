"""Keys of the panel API: kept as a hash, exchanged with an overlap, bound to addresses, limited in what they buy."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from services import api_keys, orders, quotes, resellers
from services.api_keys import MOST, OVERLAP, PREFIX, Made
from services.db import Database
from services.models import ApiKey, Resale, User
from services.money import ZERO, Money
from services.reseller_errors import BadNetwork, KeyGone, TooManyKeys
from tests import reselling
from tests.shop import LINK, MIA, Shop, open_shop

OMAR = 1002


@pytest.fixture
async def shop(db: Database) -> AsyncIterator[Shop]:
    """Mia and Omar may both sell on."""
    async with open_shop(db) as opened:
        for user_id in (MIA, OMAR):
            await reselling.approve(db, user_id, opened.time)
        yield opened
        await opened.audit()


async def made(shop: Shop, user_id: int = MIA) -> Made:
    async with shop.db.write() as session:
        return await api_keys.make(session, user_id, shop.time)


async def rotated(shop: Shop, key_id: int, user_id: int = MIA) -> Made:
    async with shop.db.write() as session:
        return await api_keys.rotate(session, user_id, key_id, shop.time)


async def revoked(shop: Shop, key_id: int, user_id: int = MIA) -> None:
    async with shop.db.write() as session:
        await api_keys.revoke(session, user_id, key_id, shop.time)


async def opened(shop: Shop, secret: str) -> api_keys.Access | None:
    async with shop.db.read() as session:
        return await api_keys.opened(session, secret, shop.time)


async def listed(shop: Shop, user_id: int = MIA) -> list[int]:
    async with shop.db.read() as session:
        return [key.id for key in await api_keys.listed(session, user_id, shop.time)]


async def bound(shop: Shop, key_id: int, networks: str, user_id: int = MIA) -> api_keys.KeyView:
    async with shop.db.write() as session:
        await api_keys.bind(session, user_id, key_id, networks, shop.time)
        [key] = [key for key in await api_keys.listed(session, user_id, shop.time) if key.id == key_id]
        return key


async def test_a_key_is_told_by_its_beginning_and_nowhere_kept(shop: Shop) -> None:
    new = await made(shop)
    assert new.secret.startswith(PREFIX)
    assert len(new.secret) == len(PREFIX) + 43  # 256 bits
    assert new.key.hint == new.secret[: api_keys.HINT]
    async with shop.db.read() as session:
        [row] = await session.all(select(*ApiKey.__table__.columns))
    assert row.digest == api_keys.digest(new.secret)
    assert new.secret not in " ".join(map(str, row))
    assert new.secret != (await made(shop)).secret


async def test_a_key_opens_what_its_owner_may_and_nothing_else_does(shop: Shop) -> None:
    new = await made(shop)
    access = await opened(shop, new.secret)
    assert access is not None
    assert (access.key, access.open) == (new.key, True)
    for other in ("", PREFIX, new.secret[:-1], new.secret + "x", new.key.hint, "\ud800", "k" * 10_000):
        assert await opened(shop, other) is None


async def test_the_keys_of_a_suspended_or_banned_reseller_are_known_and_open_nothing(shop: Shop) -> None:
    mias, omars = await made(shop), await made(shop, OMAR)
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state=resellers.SUSPENDED, actor="admin:1", now=shop.time)
        await session.run(update(User).where(User.id == OMAR).values(banned=True))
    for secret in (mias.secret, omars.secret):
        access = await opened(shop, secret)
        assert access is not None
        assert not access.open
    async with shop.db.write() as session:
        await resellers.decide(session, MIA, state=resellers.APPROVED, actor="admin:1", now=shop.time)
    access = await opened(shop, mias.secret)
    assert access is not None
    assert access.open


async def test_the_old_key_is_good_beside_the_new_one_until_the_overlap_ends(shop: Shop) -> None:
    old = await made(shop)
    await bound(shop, old.key.id, "203.0.113.7")
    async with shop.db.write() as session:
        await api_keys.limit(session, MIA, old.key.id, Money.parse("10"), shop.time)
    new = await rotated(shop, old.key.id)
    assert (new.key.networks, new.key.limit) == (["203.0.113.7/32"], Money.parse("10"))
    assert new.secret != old.secret
    shop.time += OVERLAP - timedelta(microseconds=1)
    assert await opened(shop, old.secret) is not None
    assert set(await listed(shop)) == {old.key.id, new.key.id}
    shop.time += timedelta(microseconds=1)
    assert await opened(shop, old.secret) is None
    assert await opened(shop, new.secret) is not None
    assert await listed(shop) == [new.key.id]


async def test_a_key_is_exchanged_once_and_only_by_its_owner(shop: Shop) -> None:
    old = await made(shop)
    with pytest.raises(KeyGone):
        await rotated(shop, old.key.id, OMAR)
    await rotated(shop, old.key.id)
    with pytest.raises(KeyGone):
        await rotated(shop, old.key.id)


async def test_a_revoked_key_opens_nothing_at_once(shop: Shop) -> None:
    new = await made(shop)
    with pytest.raises(KeyGone):
        await revoked(shop, new.key.id, OMAR)
    await revoked(shop, new.key.id)
    assert await opened(shop, new.secret) is None
    with pytest.raises(KeyGone):
        await revoked(shop, new.key.id)
    with pytest.raises(KeyGone):
        await rotated(shop, new.key.id)


async def test_so_many_keys_are_good_at_a_time_and_no_more(shop: Shop) -> None:
    keys = [await made(shop) for _ in range(MOST)]
    with pytest.raises(TooManyKeys):
        await made(shop)
    await made(shop, OMAR)
    await revoked(shop, keys[0].key.id)
    await made(shop)


async def test_exchanging_again_and_again_does_not_heap_up_keys(shop: Shop) -> None:
    """A key in its overlap is good as well: whoever could have any number of them had no key they could take back."""
    last = await made(shop)
    for _ in range(MOST):
        last = await rotated(shop, last.key.id)
    with pytest.raises(TooManyKeys):
        await rotated(shop, last.key.id)
    assert await opened(shop, last.secret) is not None
    shop.time += OVERLAP
    await rotated(shop, last.key.id)


async def test_a_key_is_used_from_the_networks_it_is_bound_to(shop: Shop) -> None:
    new = await made(shop)
    assert api_keys.admits(new.key, "198.51.100.1")
    assert api_keys.admits(new.key, None)
    key = await bound(shop, new.key.id, "203.0.113.7, 198.51.100.9/24 2001:db8::/32 203.0.113.7/32")
    assert key.networks == ["203.0.113.7/32", "198.51.100.0/24", "2001:db8::/32"]
    for address in ("203.0.113.7", "::ffff:203.0.113.7", "198.51.100.200", "2001:db8::1"):
        assert api_keys.admits(key, address)
    for other in ("203.0.113.8", "::ffff:203.0.113.8", "2001:db9::1", "::", "", None, "localhost", "203.0.113.7:80"):
        assert not api_keys.admits(key, other)
    async with shop.db.write() as session:
        await api_keys.unbind(session, MIA, new.key.id, shop.time)
        [key] = await api_keys.listed(session, MIA, shop.time)
    assert api_keys.admits(key, "203.0.113.8")


async def test_ipv4_written_as_ipv6_is_bound_as_what_it_is(shop: Shop) -> None:
    new = await made(shop)
    key = await bound(shop, new.key.id, "::ffff:203.0.113.7 ::ffff:198.51.100.0/120 ::/0 2001:db8::1")
    assert key.networks == ["203.0.113.7/32", "198.51.100.0/24", "::/0", "2001:db8::1/128"]
    assert api_keys.admits(key, "203.0.113.7")
    assert api_keys.admits(key, "::ffff:198.51.100.3")
    assert not api_keys.admits(key, "203.0.113.8")


async def test_what_is_no_network_is_named_and_changes_nothing(shop: Shop) -> None:
    new = await made(shop)
    await bound(shop, new.key.id, "203.0.113.7")
    many = " ".join(f"203.0.113.{number}" for number in range(api_keys.MOST_NETWORKS + 1))
    for typed, reason, named in (
        ("203.0.113.8 elsewhere", "unread", "elsewhere"),
        ("x" * 60, "unread", "x" * 45),
        (many, "many", ""),
        ("", "none", ""),  # which must not open it to everybody
        (" , ", "none", ""),
    ):
        with pytest.raises(BadNetwork) as refused:
            await bound(shop, new.key.id, typed)
        assert (refused.value.params["reason"], refused.value.params["text"]) == (reason, named)
    access = await opened(shop, new.secret)
    assert access is not None
    assert access.key.networks == ["203.0.113.7/32"]


async def test_nobody_binds_or_limits_anothers_key_or_one_that_is_gone(shop: Shop) -> None:
    new = await made(shop)
    for user_id in (OMAR, MIA):
        with pytest.raises(KeyGone):
            await bound(shop, new.key.id if user_id == OMAR else 999, "203.0.113.7", user_id)
        async with shop.db.write() as session:
            with pytest.raises(KeyGone):
                await api_keys.unbind(session, user_id, new.key.id if user_id == OMAR else 999, shop.time)
            with pytest.raises(KeyGone):
                await api_keys.limit(session, user_id, new.key.id if user_id == OMAR else 999, ZERO, shop.time)


async def resold(shop: Shop, key_id: int, quantity: int = 1000) -> int:
    """An order that this key made."""
    async with shop.db.write() as session:
        quote = await quotes.quote(
            session,
            user_id=MIA,
            service_id=await shop.service(),
            link=f"{LINK}{shop.time.timestamp():.0f}",
            quantity=quantity,
            by_api=True,
            now=shop.time,
        )
        order = (await orders.place(session, user_id=MIA, token=quote.token, now=shop.time)).order
        row = {"order_id": order.id, "user_id": MIA, "key_id": key_id, "digest": "", "created_at": shop.time}
        await session.run(insert(Resale), [row])
    return order.id


async def test_a_key_has_spent_what_its_orders_of_a_day_cost_less_what_came_back(shop: Shop) -> None:
    mine, other = (await made(shop)).key.id, (await made(shop)).key.id

    async def spent(key_id: int, later: timedelta = timedelta(0)) -> Money:
        async with shop.db.read() as session:
            return await api_keys.spent(session, key_id, shop.time + later)

    assert await spent(mine) == ZERO
    await resold(shop, mine)
    shop.wait(seconds=9)
    undone = await resold(shop, mine, 500)
    assert (await spent(mine), await spent(other)) == (Money.parse("15"), ZERO)
    async with shop.db.write() as session:
        await orders.undo(session, user_id=MIA, order_id=undone, now=shop.time)
    assert await spent(mine) == Money.parse("10")
    assert await spent(mine, api_keys.DAY - timedelta(seconds=10)) == Money.parse("10")
    assert await spent(mine, api_keys.DAY) == ZERO


async def test_when_a_key_was_used_last_is_kept_to_the_minute(shop: Shop) -> None:
    new = await made(shop)
    began, seen = shop.time, []
    for seconds in (0, 59, 2):
        shop.wait(seconds=seconds)
        async with shop.db.write() as session:
            await api_keys.used(session, new.key.id, shop.time)
            [key] = await api_keys.listed(session, MIA, shop.time)
        assert key.used_at is not None
        seen.append((key.used_at - began).total_seconds())
    assert seen == [0, 0, 61]


async def test_a_key_that_was_never_seen_is_taken_back_and_the_old_one_stays(shop: Shop) -> None:
    old = await made(shop)
    new = await rotated(shop, old.key.id)
    shop.wait(seconds=1)
    async with shop.db.write() as session:
        await api_keys.take_back(session, MIA, new.key.id, old.key.id, shop.time)
    assert await opened(shop, new.secret) is None
    shop.time += 2 * OVERLAP
    assert await opened(shop, old.secret) is not None
    alone = await made(shop)
    async with shop.db.write() as session:
        await api_keys.take_back(session, OMAR, alone.key.id, None, shop.time)
        assert await api_keys.opened(session, alone.secret, shop.time) is not None
        await api_keys.take_back(session, MIA, alone.key.id, None, shop.time)
        assert await api_keys.opened(session, alone.secret, shop.time) is None
