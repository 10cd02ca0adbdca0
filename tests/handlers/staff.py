"""People with each role and with none, and the commands as they type them."""

from collections.abc import Iterator

from aiogram import Bot, Dispatcher, Router
from aiogram.filters import Command

from bot.settings import Settings
from handlers.admin.gate import LEAST
from services import staff, users
from services.roles import Role
from tests.handlers.phone import Line, Phone
from tests.shop import MIA, Shop

IDS = {Role.READER: 9101, Role.SUPPORT: 9102, Role.MANAGER: 9103, Role.OWNER: 9104}
STRANGER = 9100

TYPED: dict[str, tuple[str, str]] = {
    "orders": ("/orders", "Orders of the shop"),
    "order": ("/order #99", "No order is found by “#99”"),
    "unknown": ("/unknown", "Orders in doubt"),
    "review": ("/review", "Orders that wait for a count"),
    "user": (f"/user {MIA}", "👤 Mia"),
    "refund": ("/refund 99 all because", "There is no order #99"),
    "cancel": ("/cancel 99", "There is no order #99"),
    "ban": (f"/ban {MIA} stolen cards", "Ban Mia"),
    "unban": (f"/unban {MIA}", "Mia is not banned"),
    "stats": ("/stats", "Today, May 4, 2026"),
    "export": ("/export customers", "Customers who came"),
    "audit": ("/audit", "The books have not been audited yet."),
    "resellers": ("/resellers", "Resellers: nobody has asked to sell on yet"),
    "tier": ("/tier", "There are no tiers yet"),
    "credit": (f"/credit {MIA} 1.00 thanks", "$1.00 was put into the wallet of Mia"),
    "debit": (f"/debit {MIA} 1.00 paid out", "Take $1.00 out of the wallet of Mia"),
    "services": ("/services", "Categories: 2"),
    "service": ("/service 1", "Instagram Likes · Server A"),
    "price": ("/price 1 12.00", "Price: $10.00 → $12.00"),
    "markup": ("/markup", "What is added to the panels’ prices"),
    "sync": ("/sync", "There is no provider in the settings"),
    "providers": ("/providers", "north"),
    "provider": ("/provider north", "On sale: 3"),
    "sales": ("/sales", "Sales are on"),
    "broadcast": ("/broadcast", "Messages to many"),
    "settings": ("/settings", "The shop's own words"),
    "maintenance": ("/maintenance", "The shop is open"),
    "backup": ("/backup", "There is no backup yet"),
    "staff": ("/staff", "Who runs the shop"),
    "log": ("/log", "What the staff did"),
}
"""Every command as somebody types it, and what the right answer says."""


async def hire(shop: Shop, settings: Settings, *roles: Role) -> None:
    """Give each role, or these alone, to somebody."""
    async with shop.db.write() as session:
        for role, one in IDS.items():
            if roles and role not in roles:
                continue
            await users.remember(
                session, user_id=one, name=role.word, username=role.word, language_code="en", now=shop.now()
            )
            await staff.grant(session, user_id=one, role=role, actor="shell", owners=settings.admin_ids, now=shop.now())


def phone(dispatcher: Dispatcher, telegram: Bot, line: Line, role: Role | None) -> Phone:
    """The phone of whoever has this role, or of a stranger."""
    one, name = (STRANGER, "Nobody") if role is None else (IDS[role], role.word)
    return Phone(dispatcher, telegram, line, one, name)


def registered(router: Router) -> Iterator[tuple[str, Role]]:
    """Every command of the admin side with the role it is flagged with, as the router has them."""
    for one in (router, *router.sub_routers):
        for handler in one.message.handlers:
            for check in handler.filters or ():
                if isinstance(check.callback, Command):
                    for name in check.callback.commands:
                        yield str(name), handler.flags[LEAST]
