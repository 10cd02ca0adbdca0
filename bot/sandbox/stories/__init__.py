"""The stories of the sandbox: what people and providers do, and what must come of it, to the letter."""

from collections.abc import Awaitable, Callable

from bot.sandbox.stage import Stage
from bot.sandbox.stories import aftercare, causes, finishing, plain, reselling, rests, running, telling, types

Story = Callable[[Stage], Awaitable[None]]

STORIES: dict[str, Story] = {
    "partial": plain.partial,
    "complete": plain.complete,
    "cancel": plain.cancel,
    "cancel-at-once": plain.cancel_at_once,
    "timeout-then-accept": plain.timeout_then_accept,
    "reject": plain.reject,
    "one-tap-once": plain.one_tap_once,
    "undo": plain.undo,
    "choose": plain.choose,
    "killed": plain.killed,
    "drip-feed": types.drip_feed,
    "package": types.package,
    "comments": types.comments,
    "subscription": types.subscription,
    "small-rest": rests.small,
    "large-rest": rests.large,
    "short-of-money": rests.short_of_money,
    "tell-me": rests.tell_me,
    "finish-for-me": finishing.finish_for_me,
    "dead-link": finishing.dead_link,
    "private": causes.private,
    "deleted": causes.deleted,
    "renamed": causes.renamed,
    "overloaded": causes.overloaded,
    "throttled": causes.throttled,
    "unclear": causes.unclear,
    "refill": aftercare.refill,
    "refill-refused": aftercare.refill_refused,
    "digest": telling.digest,
    "quiet-hours": telling.quiet_hours,
    "clarified": telling.clarified,
    "reseller": reselling.reseller,
    "admin-day": running.admin_day,
    "admin-unknown": running.admin_unknown,
}
"""Every story by the name that `--play` takes."""
