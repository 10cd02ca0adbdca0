"""Where messages to resellers' sites are written, sent and looked at, with a clock that a test moves by hand."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from services import deliveries, notices, resellers, webhooks
from services.db import Database
from services.models import Notice
from services.site_notices import SiteNotice
from services.site_posts import SitePosts
from services.webhooks import Event, Message
from tests import factories
from tests.reseller_site import Sites

MIA, OMAR = 1001, 1002


@dataclass
class Desk:
    """Sites of several resellers, what is put for them, and a clock that a test moves by hand."""

    db: Database
    sites: Sites
    posts: SitePosts
    time: datetime = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def wait(self, **span: float) -> None:
        self.time += timedelta(**span)

    async def connect(self, user_id: int, path: str) -> None:
        """Somebody becomes a reseller, with a site at this path; or their site moves there."""
        async with self.db.write() as session:
            if await resellers.find(session, user_id) is None:
                await factories.person(session, self.time, user_id=user_id, name=f"R{user_id}", money="0")
                await resellers.apply(session, user_id, about="a site", now=self.time)
                await resellers.decide(session, user_id, state=resellers.APPROVED, actor="admin:1", now=self.time)
            await webhooks.connect(session, user_id, self.sites.url + path, now=self.time, loopback=True)

    async def put(self, user_id: int = MIA, number: int = 1, kind: str = "balance.low") -> None:
        async with self.db.write() as session:
            events = [Event(user_id, kind, {"number": each, "text": "ünï ✓ <&>"}) for each in range(number)]
            await webhooks.put(session, events, self.time)

    async def work(self, **more: Any) -> int:
        return await deliveries.work(self.db, self.posts, self.now, lambda: 0.5, **more)

    async def messages(self, user_id: int = MIA) -> list[Message]:
        async with self.db.read() as read:
            return (await webhooks.messages(read, user_id, limit=1000))[::-1]

    async def message(self, user_id: int = MIA) -> Message:
        [found] = await self.messages(user_id)
        return found

    async def site(self, user_id: int = MIA) -> webhooks.Site:
        async with self.db.read() as read:
            found = await webhooks.find(read, user_id, self.time)
        assert found is not None
        return found

    async def heard(self, user_id: int = MIA) -> list[tuple[str, str]]:
        """What the owner of a site was told of it, in order: what happened, and the site's last answer."""
        async with self.db.read() as read:
            rows = await read.all(
                select(Notice.kind, Notice.payload).where(Notice.chat_id == user_id).order_by(Notice.id)
            )
        told = [notices.from_document(row.kind, row.payload) for row in rows]
        return [(notice.state, notice.answer) for notice in told if isinstance(notice, SiteNotice)]
