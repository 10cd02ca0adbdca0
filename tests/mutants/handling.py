"""Breaks of what the staff does by hand to orders and people."""

from tests.mutants.mutant import Edit, Mutant

REFUNDING = "services/refunding.py"
CANCELING = "services/canceling.py"
RESENDING = "services/resending.py"
PEOPLE = "services/people.py"
REFUNDS = "tests/services/test_refunding.py"
CANCELS = "tests/services/test_canceling.py"
RESENDS = "tests/services/test_resending.py"

STOPPED = "await finishing.off(session, [order.goal_id for order in unsure])"

MUTANTS = [
    Mutant(
        "more than the charge is given back by hand",
        f"{REFUNDS}::test_no_more_goes_back_than_the_charge_however_often",
        Edit(REFUNDING, '"much" if amount > found.left else None', '"much" if not amount else None'),
    ),
    Mutant(
        "the money of an order under way is given back by hand",
        f"{REFUNDS}::test_the_money_of_an_order_under_way_stays_held",
        Edit(REFUNDING, 'reason = "open" if found.open else ', "reason = "),
    ),
    Mutant(
        "what the provider gave back meanwhile is given back by hand as well",
        f"{REFUNDS}::test_what_came_back_since_it_was_asked_for_is_not_given_twice",
        Edit(REFUNDING, "    if order.refunded != before:\n", "    if order.refunded < before:\n"),
    ),
    Mutant(
        "a refund by hand is not counted in what has come back",
        f"{REFUNDS}::test_a_later_answer_of_the_provider_pays_only_what_goes_beyond_it",
        Edit(REFUNDING, ".values(refunded=after.refunded))", ".values(refunded=order.refunded))"),
    ),
    Mutant(
        "nobody tells of a refund by hand",
        f"{REFUNDS}::test_a_part_of_what_was_kept_goes_back_and_its_customer_reads_why",
        Edit(REFUNDING, "put(write, [outbox.Outgoing(key, order.user_id, notice)], now)", "put(write, [], now)"),
    ),
    Mutant(
        "the ledger does not say who gave money back",
        f"{REFUNDS}::test_the_ledger_and_the_story_say_who_did_it",
        Edit(REFUNDING, ", closing=False, actor=actor\n", ", closing=False\n"),
    ),
    Mutant(
        "one yes is enough for a large refund",
        "tests/handlers/test_staff_money.py::test_a_large_refund_takes_a_manager_and_a_second_person",
        Edit("handlers/admin/refunds.py", 'subject=f"order:{order_id}", large=large)', 'subject=f"order:{order_id}")'),
    ),
    Mutant(
        "support gives large amounts back",
        "tests/handlers/test_staff_money.py::test_a_large_refund_takes_a_manager_and_a_second_person",
        Edit("handlers/admin/refunds.py", "    step = LARGE if large else SMALL\n", "    step = SMALL\n"),
    ),
    Mutant(
        "support gives a large amount back in parts",
        "tests/handlers/test_staff_money.py::test_a_large_refund_in_parts_is_large",
        Edit("handlers/admin/refunds.py", "    large = before + amount > ", "    large = amount > "),
    ),
    Mutant(
        "what may have left is given back",
        f"{CANCELS}::test_what_may_have_left_is_not_given_back",
        Edit(CANCELING, "Order.id.in_(sorted(order_ids)), placing.NEVER_LEFT)", "Order.id.in_(sorted(order_ids)))"),
    ),
    Mutant(
        "what was called off is ordered elsewhere by the shop",
        f"{CANCELS}::test_the_shop_does_not_order_elsewhere_by_itself_what_was_called_off",
        Edit("services/closing.py", '{"unverified", CALLED_OFF}', '{"unverified"}'),
    ),
    Mutant(
        "a rest that was called off is ordered again with another",
        f"{CANCELS}::test_nor_a_rest_that_was_called_off_when_its_goal_goes_on",
        Edit("services/closing.py", STOPPED, "pass"),
    ),
    Mutant(
        "what a provider cancels at our wish is ordered elsewhere by the shop",
        f"{CANCELS}::test_nor_what_its_provider_is_asked_to_cancel_though_that_is_seen_before_its_answer",
        Edit(CANCELING, "await finishing.off(write, await write.values(", "(await write.values("),
    ),
    Mutant(
        "a wish to cancel is no word to the shop that finishes",
        "tests/handlers/test_staff_money.py"
        "::test_what_is_called_off_is_not_finished_elsewhere_though_it_ends_before_its_provider_has_answered",
        Edit("handlers/admin/cancels.py", "await canceling.unwanted(session, order_ids=[order_id])", "pass"),
    ),
    Mutant(
        "a site's wish to cancel is no word to the shop that finishes",
        "tests/services/test_panel_aftercare.py"
        "::test_what_a_reseller_ordered_in_the_chat_and_calls_off_is_finished_elsewhere_no_more",
        Edit("services/panel_canceling.py", "await canceling.unwanted(write, order_ids=order_ids)", "pass"),
    ),
    Mutant(
        "a request to cancel gives the money back",
        f"{CANCELS}::test_a_placed_order_is_asked_of_its_provider_and_its_money_waits_for_the_status",
        Edit(
            CANCELING,
            '    return Answer("accepted", row.provider)\n',
            "    async with db.write() as session:\n"
            "        gone = await placing.locked(session, Order.id == order_id)\n"
            "        await session.run(update(Order).values(status='canceled', refunded=Order.charge))\n"
            "        after = await placing.locked(session, Order.id == order_id)\n"
            "        await closing.close(session, [closing.Closing(gone[0], after[0])], gone[0].created_at)\n"
            '    return Answer("accepted", row.provider)\n',
        ),
    ),
    Mutant(
        "an order that no provider has is asked about under any number",
        "tests/services/test_refreshing.py::test_an_order_that_was_given_back_before_it_left_is_never_asked_about",
        Edit(
            "services/refreshing.py",
            "    if order.provider_order_id is None or order.view.status not in ASKED:\n",
            "    if order.view.status == 'queued':\n",
        ),
    ),
    Mutant(
        "a rest is ordered for somebody at whatever price",
        f"{RESENDS}::test_nothing_is_ordered_at_another_price_than_was_agreed_to",
        Edit(RESENDING, "if made is None or made.price != price:", "if made is None:"),
    ),
    Mutant(
        "an offer of the staff buys at once",
        f"{RESENDS}::test_an_offer_buys_nothing_and_its_customers_tap_does",
        Edit(
            RESENDING,
            "    balance = way.wanted.balance\n",
            "    balance = way.wanted.balance\n"
            "    if made is not None:\n"
            "        await orders.place(write, user_id=order.user_id, token=made.token, now=now)\n",
        ),
    ),
    Mutant(
        "who is banned is ordered for",
        f"{RESENDS}::test_why_there_is_nothing_to_choose_is_said",
        Edit(RESENDING, '("banned" if row.banned else "site"', '("site"'),
    ),
    Mutant(
        "who runs the shop is banned",
        "tests/services/test_people.py::test_who_runs_the_shop_cannot_be_banned",
        Edit(PEOPLE, "    if person.role is not None or user_id in owners:\n", "    if user_id in owners:\n"),
        Edit(PEOPLE, "User.banned.is_(false()), ~runs_the_shop)", "User.banned.is_(false()))"),
    ),
    Mutant(
        "what nobody follows any more cannot be settled by hand",
        "tests/services/test_stranded.py::test_what_is_placed_at_a_provider_that_is_gone_is_settled_by_hand",
        Edit("services/doubts.py", "        Order.provider.not_in(policy.providers),\n", ""),
    ),
]
