"""The margin guard: what would cost the shop more than its customers pay is not sold, and the staff hear of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services import actions, notices, outbox
from services.columns import micros
from services.db import WriteSession
from services.money import Money

HIDE, REPRICE = "hide", "reprice"
GUARD = "guard"
"""The actor of what no person did."""
TOLD = 8
"""Services in one alert; how many more there are is told."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A service whose provider asks more than our `rate` by now. `sold_at` is our price from now on; None: hidden."""

    service_id: int
    name: str
    server: str
    rate: Money
    cost: Money
    sold_at: Money | None


def price(rate: int, cost: int, usual: int, rule: str) -> int | None:
    """What a service is sold at (micro-units all): our own rate, the usual one above the cost, or None: not at all."""
    if rate >= cost:
        return rate
    return usual if rule == REPRICE and usual >= cost else None


async def tell(
    write: WriteSession, provider: str, losses: Sequence[Loss], admins: Collection[int], now: datetime
) -> None:
    """Tell everybody in one message for each rule, and write each service down in the log."""
    for code, those in (
        ("below-cost-hidden", [loss for loss in losses if loss.sold_at is None]),
        ("below-cost-repriced", [loss for loss in losses if loss.sold_at is not None]),
    ):
        if not those:
            continue
        alert = _alert(code, provider, those)
        key = f"alert:{code}:{provider}:{micros(now)}"
        await outbox.put(write, outbox.to_each(key, sorted(admins), alert), now)
        await actions.note(write, [_done(code, loss, now) for loss in those], now)


def _alert(code: str, provider: str, losses: Sequence[Loss]) -> notices.AdminAlert:
    """Facts without words: what it costs is more than our price, or our price was one and is another."""
    facts = {"provider": provider}
    for loss in losses[:TOLD]:
        figures = f"{loss.cost} > {loss.rate}" if loss.sold_at is None else f"{loss.rate} → {loss.sold_at}"
        facts[f"#{loss.service_id}"] = f"{loss.name} · {loss.server}: {figures}"
    if len(losses) > TOLD:
        facts["…"] = f"+{len(losses) - TOLD}"
    return notices.AdminAlert(code, None, facts, services=[loss.service_id for loss in losses[:TOLD]])


def _done(code: str, loss: Loss, now: datetime) -> actions.Note:
    detail = {"old": loss.rate, "new": loss.sold_at or loss.rate, "cost": loss.cost}
    return actions.Note(f"{GUARD}:{loss.service_id}:{micros(now)}", GUARD, code, f"service:{loss.service_id}", detail)
