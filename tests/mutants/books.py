"""Breaks of pricing, of the ledger and of the guards in the database."""

from tests.mutants.mutant import Edit, Mutant

PRICING = "services/pricing.py"
LEDGER = "services/ledger.py"
WALLET = "services/wallet.py"
TRIGGERS = "services/migrations/triggers.py"
DB = "services/db.py"

MUTANTS = [
    Mutant(
        "the charge is rounded down",
        "tests/unit/test_pricing.py::test_the_charge_is_the_rate_times_the_quantity_rounded_up",
        Edit(
            PRICING, "Money(-(-rate.micros * quantity * each // 1000))", "Money(rate.micros * quantity * each // 1000)"
        ),
    ),
    Mutant(
        "what is kept is rounded up",
        "tests/unit/test_pricing.py::test_kept_and_refund_are_the_charge",
        Edit(
            PRICING,
            "Money(charged.micros * delivered // quantity)",
            "Money(-(-charged.micros * delivered // quantity))",
        ),
    ),
    Mutant(
        "what is kept goes through a float",
        "tests/unit/test_pricing.py::test_kept_and_refund_are_the_charge",
        Edit(
            PRICING,
            "Money(charged.micros * delivered // quantity)",
            "Money(int(charged.micros * (delivered / quantity)))",
        ),
    ),
    Mutant(
        "a provider's rate is rounded down",
        "tests/unit/test_pricing.py::test_a_providers_rate_is_never_rounded_down",
        Edit(PRICING, "to_integral_value(ROUND_CEILING)", "to_integral_value()"),
    ),
    Mutant(
        "a key may be used again with other content",
        "tests/services/test_ledger.py::test_the_same_key_with_other_content_is_refused",
        Edit(LEDGER, "        if before != wanted[key]:\n", "        if False:\n"),
    ),
    Mutant(
        "a key seen before is posted again",
        "tests/services/test_ledger.py::test_the_same_key_moves_money_once",
        Edit(LEDGER, "for key, posting in wanted.items() if key not in posted]", "for key, posting in wanted.items()]"),
    ),
    Mutant(
        "no floor is weighed before the money moves",
        "tests/services/test_ledger.py::test_nobody_goes_under_the_floor_and_the_transaction_goes_on",
        Edit(LEDGER, "if src.floor is not None and balances[posting.src] < src.floor.micros:", "if False:"),
    ),
    Mutant(
        "two currencies may be joined",
        "tests/services/test_ledger.py::test_what_is_no_transfer_is_refused",
        Edit(LEDGER, "        if src.currency != dst.currency:\n", "        if False:\n"),
        Edit(TRIGGERS, "AS d ON s.currency = d.currency ", "AS d ON s.balance = s.balance "),
    ),
    Mutant(
        "accounts are locked in any order",
        "tests/services/test_ledger.py::test_crossing_transfers_do_not_wait_for_each_other_for_ever",
        Edit(
            LEDGER,
            "        .order_by(Account.id)\n        .with_for_update(key_share=True)\n",
            "        .order_by(Account.balance)\n        .with_for_update(key_share=True)\n",
        ),
        engine="postgres",
    ),
    Mutant(
        "accounts are read without a lock",
        "tests/services/test_wallet.py::test_200_orders_at_once_on_a_balance_for_25_hold_exactly_25",
        Edit(LEDGER, "        .with_for_update(key_share=True)\n", ""),
        engine="postgres",
    ),
    Mutant(
        "transfers may be changed",
        "tests/services/test_ledger.py::test_the_database_itself_refuses",
        Edit(TRIGGERS, '    Guard("transfers_keep", "transfers", "UPDATE", "transfers are append-only"),\n', ""),
    ),
    Mutant(
        "transfers may be deleted",
        "tests/services/test_ledger.py::test_the_database_itself_refuses",
        Edit(TRIGGERS, '    Guard("transfers_stay", "transfers", "DELETE", "transfers are append-only"),\n', ""),
    ),
    Mutant(
        "a balance may be written by hand",
        "tests/services/test_ledger.py::test_the_database_itself_refuses",
        Edit(TRIGGERS, "OLD.balance <> NEW.balance AND NOT EXISTS", "OLD.balance <> OLD.balance AND NOT EXISTS"),
    ),
    Mutant(
        "a balance may be written by hand, on PostgreSQL",
        "tests/services/test_ledger.py::test_the_database_itself_refuses",
        Edit(TRIGGERS, "pg_trigger_depth() = 0", "pg_trigger_depth() = 9"),
        engine="postgres",
    ),
    Mutant(
        "the books may be truncated",
        "tests/services/test_ledger.py::test_no_table_of_the_books_can_be_truncated",
        Edit(TRIGGERS, 'for table in ("transfers", "accounts", "orders",', 'for table in ("orders",'),
        engine="postgres",
    ),
    Mutant(
        "an order may be put aside by another with its token",
        "tests/services/test_guards.py::test_no_row_is_put_aside_by_another_with_one_of_its_keys",
        Edit(TRIGGERS, '        (("token",), ""),\n', ""),
    ),
    Mutant(
        "an order may be put aside by another with its number at the provider",
        "tests/services/test_guards.py::test_no_row_is_put_aside_by_another_with_one_of_its_keys",
        Edit(TRIGGERS, '        (("provider", "provider_order_id"), ""),\n', ""),
    ),
    Mutant(
        "an order may be put aside by a change of another",
        "tests/services/test_guards.py::test_no_row_is_put_aside_by_another_with_one_of_its_keys",
        Edit(TRIGGERS, '_taken("orders", "held.id <> OLD.id")', '_taken("orders", "held.id = OLD.id")'),
    ),
    Mutant(
        "the floor of a wallet may be lowered",
        "tests/services/test_guards.py::test_no_account_changes_its_floor",
        Edit(TRIGGERS, '"OR (OLD.floor IS NULL) <> (NEW.floor IS NULL) OR OLD.floor <> NEW.floor"', '""'),
    ),
    Mutant(
        "the floor of a wallet may be lowered, on PostgreSQL",
        "tests/services/test_guards.py::test_no_account_changes_its_floor",
        Edit(TRIGGERS, '"OR (OLD.floor IS NULL) <> (NEW.floor IS NULL) OR OLD.floor <> NEW.floor"', '""'),
        engine="postgres",
    ),
    Mutant(
        "a wallet with a floor under 0 passes the audit",
        "tests/services/test_audit.py::test_every_broken_invariant_is_found_and_names_the_row",
        Edit("services/audit/books.py", "micros(Account.floor).is_distinct_from(0)", "Account.floor.is_(None)"),
    ),
    Mutant(
        "orders move by any way: no fence in the database",
        "tests/services/test_guards.py::test_an_order_goes_only_where_the_list_lets_it",
        Edit(TRIGGERS, 'f"OLD.status <> NEW.status AND (', 'f"OLD.status <> OLD.status AND ('),
    ),
    Mutant(
        "a licence may be used again",
        "tests/services/test_guards.py::test_a_licence_is_given_once_and_keeps_its_terms",
        Edit(TRIGGERS, "\"OR (OLD.outcome <> 'licensed' AND NEW.outcome = 'licensed')\"", '""'),
    ),
    Mutant(
        "plain BEGIN in place of BEGIN IMMEDIATE",
        "tests/services/test_db.py::test_writers_take_turns_and_lose_nothing",
        Edit(DB, 'exec_driver_sql("BEGIN IMMEDIATE")', 'exec_driver_sql("BEGIN")'),
    ),
    Mutant(
        "readers may write",
        "tests/services/test_db.py::test_a_read_session_cannot_write",
        Edit(DB, '*(("query_only=ON",) if read_only else ()),', ""),
    ),
    Mutant(
        "a cancelled query keeps SQLite's lock",
        "tests/services/test_db.py::test_a_writer_cancelled_at_any_statement_leaves_the_door_open",
        Edit(DB, "            connection.rollback()\n", "            pass\n"),
    ),
    Mutant(
        "a deadlock is not tried again",
        "tests/services/test_db.py::test_a_block_is_run_again_after_a_deadlock_and_written_once",
        Edit(DB, 'RETRIED = frozenset({"40001", "40P01"})', "RETRIED = frozenset[str]()"),
        engine="postgres",
    ),
    Mutant(
        "the refund is posted as a difference without its target",
        "tests/services/test_wallet.py::test_a_late_correction_pays_the_increase_and_nothing_twice",
        Edit(
            WALLET, 'f"order:{order.order_id}:refund:{target.micros}"', 'f"order:{order.order_id}:refund:{due.micros}"'
        ),
    ),
    Mutant(
        "a correction pays the whole target once more",
        "tests/services/test_eleven_scenarios.py::test_partial_300_then_400_pays_400_in_all",
        Edit(WALLET, '"revenue", target - before, []', '"revenue", target, []'),
    ),
    Mutant(
        "the refund goes to the world in place of the wallet",
        "tests/services/test_wallet.py::test_the_worked_example_4_of_10_dollars_come_back",
        Edit(WALLET, "source, _wallet(order.user_id), due", 'source, "world:manual", due'),
    ),
    Mutant(
        "refunds above the charge are let through",
        "tests/services/test_wallet.py::test_no_refund_exceeds_the_charge_or_shrinks",
        Edit(WALLET, "if not ZERO <= before <= target <= order.charge or", "if"),
    ),
    Mutant(
        "the shop's share of a closed order stays on hold",
        "tests/services/test_wallet.py::test_kept_and_refund_are_the_charge",
        Edit(WALLET, 'source, "revenue", order.charge - target)', 'source, "revenue", ZERO)'),
    ),
    Mutant(
        "orders are not paid for",
        "tests/services/test_orders.py::test_confirm_takes_the_price_once_however_often_it_is_tapped",
        Edit(WALLET, "    if not amount:\n        return\n    key", "    if True:\n        return\n    key"),
    ),
]
