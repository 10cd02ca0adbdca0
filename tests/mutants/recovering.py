"""Breaks of maintenance, backups and what follows when one is brought back."""

from tests.mutants.mutant import Edit, Mutant

QUOTES = "services/quotes.py"
SWITCHES = "services/switches.py"
RESTORING = "tests/services/test_restoring.py"
MAINTAINED = (
    "tests/services/test_maintenance.py::test_while_it_is_on_customers_order_nothing_and_what_was_ordered_goes_on"
)
BY_ITSELF = "tests/services/test_maintenance.py::test_the_shop_itself_orders_no_rest_and_offers_none_while_it_is_on"

MUTANTS = [
    Mutant(
        "maintenance keeps no customer from buying",
        MAINTAINED,
        Edit(QUOTES, "if not (row.sales and (row.ordering or staff)):", "if not row.sales:"),
    ),
    Mutant(
        "the shop orders by itself under maintenance",
        BY_ITSELF,
        Edit(SWITCHES, "select(and_(stands(SALES), stands(ORDERING)))", "select(and_(stands(SALES)))"),
    ),
    Mutant(
        "a doubt is asked again before a shop that was brought back is compared",
        f"{RESTORING}::test_a_provider_that_knows_our_key_is_asked_again_only_when_it_is_compared",
        Edit(
            "services/placing.py", "        reconciling.over(),\n    )\n    await requeue", "    )\n    await requeue"
        ),
    ),
    Mutant(
        "what waited at the backup is sent again once it is brought back",
        f"{RESTORING}::test_what_waited_to_be_sent_is_in_doubt_and_never_sent_again",
        Edit("services/restoring.py", "await placing.locked(write, text(QUEUED))]", "[]]"),
    ),
    Mutant(
        "orders are sent before a shop that was brought back is compared",
        f"{RESTORING}::test_an_order_of_the_time_itself_is_held_and_sent_when_it_is_over",
        Edit(
            "services/placing.py",
            "Order.provider == client.name, reconciling.over())",
            "Order.provider == client.name)",
        ),
    ),
    Mutant(
        "refills are sent before a shop that was brought back is compared",
        f"{RESTORING}::test_a_refill_that_waited_or_was_being_sent_is_not_sent_again",
        Edit("services/refilling.py", "        .where(reconciling.over())\n", ""),
    ),
    Mutant(
        "a provider is asked to cancel before a shop that was brought back is compared",
        "tests/services/test_canceling.py::test_no_provider_is_asked_before_a_shop_that_was_brought_back_is_compared",
        Edit("services/canceling.py", "            .where(reconciling.over())\n", ""),
    ),
    Mutant(
        "the buttons of before a restore still buy",
        f"{RESTORING}::test_old_buttons_and_taps_that_waited_buy_nothing",
        Edit("services/restoring.py", "    await write.run(delete(Quote))\n", ""),
    ),
    Mutant(
        "a shop that was brought back goes on with goals by itself",
        f"{RESTORING}::test_the_shop_goes_on_with_no_goal_by_itself",
        Edit("services/restoring.py", ".values(is_on=False, due_at=None))", ".values(due_at=None))"),
    ),
    Mutant(
        "doubts of long before a restore are paid back at once",
        f"{RESTORING}::test_what_was_being_sent_and_what_was_in_doubt_gets_the_whole_time_for_a_decision",
        Edit(
            "services/restoring.py",
            "    await write.run(update(Order).where(text(UNKNOWN)).values(moved_at=now))\n",
            "",
        ),
    ),
    Mutant(
        "the end of a sealed file is not authenticated",
        "tests/unit/test_sealing.py::test_a_missing_end_is_noticed_even_at_the_border_of_a_chunk",
        Edit("services/sealing.py", 'struct.pack(">IB", number, not following)', 'struct.pack(">IB", number, False)'),
    ),
    Mutant(
        "a backup that is not encrypted leaves the machine",
        "tests/services/test_backups.py::test_without_a_passphrase_it_is_not_sealed_and_goes_nowhere",
        Edit("services/backups.py", "made.state == WHOLE and sealed and size", "made.state == WHOLE and size"),
    ),
    Mutant(
        "a backup whose books do not hold is called good",
        "tests/services/test_backups.py::test_books_that_do_not_hold_are_kept_but_not_called_good",
        Edit("services/backups.py", 'state = BROKEN if found["broken"] else WHOLE', "state = WHOLE"),
    ),
]
