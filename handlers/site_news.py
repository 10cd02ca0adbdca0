"""What a reseller reads of their own site: how messages to it fare, and what came of a try."""

from datetime import datetime

from handlers import keyboards
from handlers.i18n import Html, Texts
from handlers.reseller_buttons import Hook
from handlers.screens import Screen, lines
from services.site_notices import SiteNotice


def told(notice: SiteNotice, texts: Texts) -> Screen:
    """What happened to messages, what the site answered last, and what to do."""
    since = datetime.fromisoformat(notice.since) if notice.since else None
    return Screen(
        lines(
            texts("site-title", state=notice.state, host=notice.host),
            "",
            texts("site-last", answer=answer(texts, notice.answer)),
            texts("site-since", at=since) if since else None,
            "",
            texts("site-text", state=notice.state),
        ),
        keyboards.stack([keyboards.tap(texts.bare("button-desk-hook"), Hook(new=True))]),
    )


def answer(texts: Texts, said: str) -> Html:
    """What came of a try, as services.site_posts says it."""
    return texts("site-answer", answer=said)
