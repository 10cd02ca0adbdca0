"""Price lists: everything on sale at the rates of one reseller, and at what they sell it for."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select, true

from services import pricing, tiers
from services.db import ReadSession
from services.models import Category, Service
from services.money import Money

NO_MARKUP = Decimal(0)


@dataclass(frozen=True, slots=True)
class Priced:
    """A service on a price list. `rate` is the reseller's, per `unit`, `markup` in percent what they add to it."""

    service: int
    category: str
    name: str
    server: str
    type: str
    rate: Money
    markup: Decimal
    unit: str
    min: int
    max: int
    dripfeed: bool
    refill: bool
    cancel: bool

    @property
    def retail(self) -> Money:
        """What they sell it for, per `unit`."""
        return pricing.selling_rate(self.rate, self.markup)


async def of(read: ReadSession, user_id: int, markup: Decimal = NO_MARKUP) -> list[Priced]:
    """What is on sale, in the shop's order; `markup` in percent."""
    off = await tiers.discounts(read, user_id)
    rows = await read.all(
        select(
            *(Service.id, Category.name.label("category"), Service.name, Service.server, Service.type, Service.rate),
            *(Service.cost, Service.unit, Service.min, Service.max, Service.dripfeed, Service.refill, Service.cancel),
        )
        .join(Category, Category.id == Service.category_id)
        .where(Service.on_sale.is_(true()))
        .order_by(Category.position, Category.id, Service.position, Service.id)
    )
    listed = []
    for row in rows:
        rate = pricing.discounted(row.rate, row.cost, off.of(row.id))
        listed.append(
            Priced(
                *(row.id, row.category, row.name, row.server, row.type, rate, markup, row.unit),
                *(row.min, row.max, row.dripfeed, row.refill, row.cancel),
            )
        )
    return listed
