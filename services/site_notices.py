"""What a reseller hears of their own site: that it takes no messages, that some were given up, that it wants no more.

Typed as in services.notices, which counts them among its own.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SiteNotice:
    """How messages to a reseller's site fare: `state` is failing, given_up or gone.

    `answer` is what came of the last try (services.site_posts.Answer), `since` when the site began to take nothing.
    """

    kind: ClassVar[str] = "site"
    state: str
    host: str
    answer: str
    since: str | None = None
