"""Breaks of what resellers pay and hear: below cost, at somebody else's rate, again and again, with too many keys."""

from tests.mutants.mutant import Edit, Mutant

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
        "tests/services/test_low_balances.py::test_it_is_told_anew_once_the_wallet_was_above_the_limit_again",
        Edit("services/low_balances.py", ", _HELD + amount >= Reseller.low_balance)", ")"),
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
]
