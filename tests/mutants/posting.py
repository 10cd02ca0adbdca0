"""Breaks of what resellers' sites are told: under which id, where to, for how long, and to what amount."""

from tests.mutants.mutant import Edit, Mutant

DELIVERIES = "services/deliveries.py"
WEBHOOKS = "services/webhooks.py"
POSTS = "services/site_posts.py"
EVENTS = "services/reseller_events.py"
NEWS = "services/order_news.py"
TESTS = "tests/services/test_deliveries.py"
TOLD = "tests/services/test_order_news.py"

MUTANTS = [
    Mutant(
        "an end is told under an id that nobody knows again",
        f"{TOLD}::test_a_shop_brought_back_from_a_backup_tells_it_under_the_id_that_the_site_knows",
        Edit(WEBHOOKS, "if event.once is None else _named(event)", "if True else _named(event)"),
    ),
    Mutant(
        "whose lease was taken over records all the same",
        f"{TESTS}::test_whose_lease_was_taken_over_records_nothing",
        Edit(DELIVERIES, ', Delivery.lease_until == bindparam("lease"))', ")"),
    ),
    Mutant(
        "a redirect counts as taken",
        "tests/services/test_site_posts.py::test_no_redirect_is_followed",
        Edit(POSTS, 'self.said.startswith("2")', 'self.said.startswith(("2", "3"))'),
    ),
    Mutant(
        "a site on this machine is let through without the setting",
        "tests/services/test_site_posts.py::test_without_the_setting_this_machine_is_not_spoken_to",
        Edit(POSTS, "here = self._loopback and ", "here = "),
    ),
    Mutant(
        "the old secret signs for ever",
        f"{TESTS}::test_for_a_day_both_secrets_sign_and_then_the_new_one_alone",
        Edit(DELIVERIES, " and site.old_until > now", ""),
    ),
    Mutant(
        "what was told of a retail price is not remembered",
        f"{TOLD}::test_a_later_correction_tells_the_difference_alone",
        Edit(NEWS, "        await session.run(REPAID, repaid)\n", "        pass\n"),
    ),
    Mutant(
        "what a site was told to give back is asked for again",
        "tests/unit/test_reseller_events.py::test_the_retail_refunds_of_all_events_add_up_to_the_whole",
        Edit(EVENTS, "max(self.refunded, _due(order, self.price))", "_due(order, self.price)"),
    ),
]
