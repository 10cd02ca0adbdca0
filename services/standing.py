"""How the shop stands at this moment: what waits and for how long, its purses, its switches, its last audit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, text

from services import alarm, lookout, purses, reconciling, stranded, switches
from services.alarm import Verdict
from services.db import ReadSession
from services.health import SILENT
from services.lookout import Warned
from services.models import POLLED, QUEUED, UNKNOWN, Order
from services.policy import Policy
from services.purses import Purse
from services.settlement import OPEN, UNREADABLE_LIMIT


@dataclass(frozen=True, slots=True)
class Standing:
    """`queued` orders wait to be sent, `stuck` ones have waited for too long or stand still at their provider.

    `unknown` may or may not be at their provider, `unclear` ended there without a count: both need a person. `unsent`
    is since when the message waits that has waited longest. Not `open`: under maintenance; `comparing`: nothing is sent
    since a backup was brought back.
    """

    selling: bool
    open: bool
    comparing: bool
    verdict: Verdict | None
    queued: int
    placed: int
    stuck: int
    unknown: int
    unclear: int
    unsent: datetime | None
    purses: Sequence[Purse]
    warnings: Sequence[Warned]

    @property
    def well(self) -> bool:
        """Whether nothing asks for anybody."""
        broken = self.verdict is not None and bool(self.verdict.breaches)
        asks = self.stuck or self.unknown or self.unclear or self.warnings
        return self.selling and self.open and not (self.comparing or broken or asks)


async def now(read: ReadSession, policy: Policy, rates: Mapping[str, Decimal], moment: datetime) -> Standing:
    """How it stands; `rates` as in services.purses."""
    lying = await stranded.find(read, policy, moment)
    still = Order.moved_at <= moment - SILENT
    unclear = Order.unreadable_polls >= UNREADABLE_LIMIT
    followed = await read.first(
        select(
            func.count(Order.id), func.count().filter(still, Order.unit != "post"), func.count().filter(unclear)
        ).where(text(POLLED), Order.status == OPEN)
    )
    placed, silent, counted = followed or (0, 0, 0)
    return Standing(
        selling=await switches.is_on(read, switches.SALES),
        open=await switches.is_on(read, switches.ORDERING),
        comparing=await reconciling.current(read) is not None,
        verdict=await alarm.last(read),
        queued=await read.value(select(func.count(Order.id)).where(text(QUEUED))) or 0,
        placed=placed,
        stuck=silent + sum(each.waiting for each in lying),
        unknown=await read.value(select(func.count(Order.id)).where(text(UNKNOWN))) or 0,
        unclear=counted,
        unsent=await lookout.oldest_unsent(read),
        purses=await purses.of(read, rates, moment),
        warnings=await lookout.standing(read),
    )
