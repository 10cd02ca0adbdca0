"""Several changes of one site's orders at once as one message: the counts, the money, a line for each change."""

from collections import Counter
from collections.abc import Sequence

from handlers import amounts
from handlers.i18n import Html, Texts
from handlers.screens import Screen, brief, lines, tidy
from services.money import ZERO
from services.reseller_notices import ResellerNews

MOST = 20
"""At their largest so many changes fit into one message; what is left over goes into the next."""
LONGEST_REFERENCE, LONGEST_NAME = 32, 24


def render(told: Sequence[ResellerNews], texts: Texts) -> Screen:
    """One message for up to MOST changes of the orders of one reseller, given oldest first. No buttons: see groups."""
    returned = sum((news.refund for news in told), ZERO)
    counted = Counter(news.status for news in told)
    counts = [texts("reseller-several-count", status=status, count=count) for status, count in counted.items()]
    return Screen(
        lines(
            texts("reseller-several-title", count=len(told)),
            Html(texts.bare("digest-separator").join(counts)),
            texts("digest-refunded", refunded=returned) if returned else None,
            texts("notice-balance", balance=told[-1].balance),
            "",
            *(_line(news, texts) for news in told),
        )
    )


def _line(news: ResellerNews, texts: Texts) -> Html:
    """One change: the order, what the site calls it, how it stands, what came back."""
    return texts(
        "reseller-several-line",
        order=str(news.order_id),
        named="yes" if news.reference else "no",
        reference=brief(news.reference or "", LONGEST_REFERENCE),
        status=news.status,
        corrected="yes" if news.corrected else "no",
        delivered=news.delivered,
        quantity=amounts.amount(texts, news.quantity, news.unit),
        credited="yes" if news.refund else "no",
        refund=news.refund,
        service=brief(tidy(news.service_name), LONGEST_NAME),
        server=news.server,
    )
