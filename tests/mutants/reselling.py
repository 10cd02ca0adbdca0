"""Breaks of what resellers pay, hear and ask: below cost, at somebody else's rate, with too many keys, in a flood."""

from tests.mutants.mutant import Edit, Mutant

API = "handlers/http/panel_api.py"
FLOOD = "tests/e2e/test_flood.py"

MUTANTS = [
    Mutant(
        "a discount goes below cost",
        "tests/services/test_tiers.py::test_nobody_is_sold_to_below_cost_however_much_is_off",
        Edit("services/pricing.py", "min(rate, max(cost, ", "min(rate, max(Money(0), "),
    ),
    Mutant(
        "a site is told the shop's rate, not its own",
        "tests/services/test_service_news.py::test_a_change_is_told_at_the_rate_of_each_whom_it_is_told",
        Edit("services/service_news.py", "off.of(number))", "tiers.NOTHING.of(number))"),
    ),
    Mutant(
        "a sync changes prices and no site hears of it",
        "tests/services/test_service_news.py::test_a_sync_tells_what_it_changed_and_only_that",
        Edit(
            "services/stock.py",
            "    async with service_news.told(session, now, Service.provider == provider):\n",
            "    if service_news:\n",
        ),
    ),
    Mutant(
        "a wallet that runs low is told of with every order",
        "tests/services/test_low_balances.py::test_the_order_that_takes_a_wallet_below_the_limit_tells_so_once",
        Edit("services/low_balances.py", "Reseller.user_id == user_id, fell)", "Reseller.user_id == user_id)"),
    ),
    Mutant(
        "a wallet that was filled and runs low again is not told of",
        "tests/services/test_low_balances.py::test_it_is_told_anew_once_the_wallet_was_a_tenth_above_the_limit",
        Edit("services/low_balances.py", ", _filled(type_coerce(_HELD, Whole) + amount.micros, now))", ")"),
    ),
    Mutant(
        "exchanging a key again and again heaps up good ones",
        "tests/services/test_api_keys.py::test_exchanging_again_and_again_does_not_heap_up_keys",
        Edit("services/api_keys.py", "    await _room(write, user_id, ApiKey.ends_at > now)\n", ""),
    ),
    Mutant(
        "a reseller who was approved can be refused afterwards",
        "tests/services/test_resellers.py::test_of_two_who_decide_at_once_the_second_changes_nothing",
        Edit("services/resellers.py", "Reseller.state.in_(FROM[state])", "Reseller.state != state"),
    ),
    Mutant(
        "who is suspended is welcomed when they are let in again",
        "tests/services/test_reseller_desk.py::test_each_decision_is_told_once_to_whom_it_is_about",
        Edit("services/applications.py", "again=before == resellers.SUSPENDED", "again=False"),
    ),
    Mutant(
        "groups are named without end",
        "tests/services/test_resellers.py::test_so_many_groups_hear_of_somebodys_orders_and_no_more",
        Edit("services/resellers.py", ">= MOST_GROUPS:", ">= 10 * MOST_GROUPS:"),
    ),
    Mutant(
        "orders of two sites are one message with one balance",
        "tests/e2e/test_sender_groups.py::test_sites_of_two_resellers_share_a_group_and_no_message",
        Edit("bot/parcels.py", '"site", notice.user_id', '"site", 1'),
    ),
    Mutant(
        "of a hundred orders that end at once each is a message",
        "tests/e2e/test_sender_groups.py::test_a_hundred_orders_that_end_at_once_are_a_few_messages_and_each_is_told_once",
        Edit("services/outbox.py", "{*notices.DIGESTED, ResellerNews.kind}", "{*notices.DIGESTED}"),
    ),
    Mutant(
        "an end is told before the moves that waited with it",
        "tests/e2e/test_sender_groups.py::test_an_end_is_told_after_the_moves_that_wait_with_it",
        Edit("bot/parcels.py", "about != ORDERS or other", "other"),
    ),
    Mutant(
        "whatever a caller writes into X-Forwarded-For is believed",
        "tests/e2e/test_trusted_proxies.py::test_whoever_is_not_trusted_is_who_they_are_whatever_they_say",
        Edit("handlers/http/trusted_proxies.py", "if near is None or not networks.among(near, proxies):", "if False:"),
    ),
    Mutant(
        "of X-Forwarded-For the leftmost counts",
        "tests/e2e/test_trusted_proxies.py::test_nothing_left_of_that_counts_and_junk_says_nothing",
        Edit("handlers/http/trusted_proxies.py", "reversed([word for word in words if word])", "filter(None, words)"),
    ),
    Mutant(
        "a key that was revoked is looked up however often it asks",
        f"{FLOOD}::test_a_key_that_was_revoked_is_slowed_down_like_any_wrong_one",
        Edit(
            API, "            self._known.pop(asker, None)  # it was good once, and is a stranger's from now on\n", ""
        ),
    ),
    Mutant(
        "who shows no key may ask for ever",
        f"{FLOOD}::test_who_shows_no_key_is_slowed_down_too",
        Edit(API, "await self._busy(left) if left.wait else _refusal(why, left)", "_refusal(why, left)"),
    ),
    Mutant(
        "who asked too often is answered at once",
        f"{FLOOD}::test_the_refusal_is_held_back_so_that_asking_at_once_again_is_no_use",
        Edit(API, "asyncio.sleep(self._hold)", "asyncio.sleep(0)"),
    ),
    Mutant(
        "who asked too often is looked up before they are refused",
        f"{FLOOD}::test_who_asked_too_often_is_refused_without_a_look_into_the_database",
        Edit(
            API,
            "        if not left.wait:\n            return None\n",
            "        if key is not None or not left.wait:\n            return None\n",
        ),
    ),
]
