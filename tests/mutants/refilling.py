"""Breaks of refills: asked for twice, sent twice, sent again where nobody knows, lost."""

from tests.mutants.mutant import Edit, Mutant

REFILLING = "services/refilling.py"
REFILLS = "services/refills.py"
TRIGGERS = "services/migrations/triggers.py"
FOLLOWED = "tests/services/test_refilling.py::test_a_refill_is_sent_followed_and_told_to_its_end"
AMBIGUOUS = "tests/services/test_refilling.py::test_every_ambiguous_end_is_told_and_never_sent_again_by_itself"
DIED = "tests/services/test_refilling.py::test_a_sender_that_died_leaves_it_unknown_and_a_late_answer_still_counts"
SAID = "tests/services/test_refilling.py::test_a_refusal_says_when_it_is_worth_asking_again"

MUTANTS = [
    Mutant(
        "a refill is not moved before its POST",
        "tests/services/test_refilling.py::test_a_licence_is_given_once",
        Edit(REFILLING, '.values(state="sending", tries=', ".values(tries="),
        Edit(TRIGGERS, '"NEW.tries <> OLD.tries + (CASE', '"NEW.tries < OLD.tries AND 0 < (CASE'),
    ),
    Mutant(
        "a refill is sent inside a transaction",
        "tests/services/test_network_and_rows.py::test_no_transaction_is_open_while_a_refill_is_asked_for",
        Edit(
            REFILLING,
            "    answer = await _post(client, licence)\n",
            "    async with db.write():\n        answer = await _post(client, licence)\n",
        ),
    ),
    Mutant(
        "a refill is licensed without being counted",
        FOLLOWED,
        Edit(REFILLING, '.values(state="sending", tries=Refill.tries + 1,', '.values(state="sending",'),
    ),
    Mutant(
        "an ambiguous refill is sent again",
        AMBIGUOUS,
        Edit(REFILLING, 'return Answer("ambiguous", error.evidence)', 'return Answer("unsent", error.evidence)'),
    ),
    Mutant(
        "a refill whose sender died is sent again",
        DIED,
        Edit(REFILLING, '"sending", "unknown", row.again_at,', '"sending", "asked", row.again_at,'),
    ),
    Mutant(
        "a refill is taken for lost while its sender is at work",
        DIED,
        Edit(REFILLING, 'Refill.state == "sending", Refill.due_at < now)', 'Refill.state == "sending")'),
    ),
    Mutant(
        "an answer to an old licence moves a refill that has moved on",
        DIED,
        Edit(REFILLING, 'row.state not in ("sending", "unknown"):', "row.state is None:"),
        Edit(TRIGGERS, '"sent": ("done", "rejected", "unknown"),', '"sent": ("sent", "done", "rejected", "unknown"),'),
    ),
    Mutant(
        "a late answer revives a refill that was asked for anew",
        "tests/services/test_refilling.py::test_a_late_answer_counts_no_more_once_the_customer_has_asked_anew",
        Edit(REFILLING, '    if row.state == "unknown" and await _asked_anew(session, licence):\n        return\n', ""),
    ),
    Mutant(
        "every tap asks for a refill",
        "tests/services/test_refills.py::test_a_drop_is_reported_once_however_often_it_is_tapped",
        Edit(REFILLS, "    if state in RUNNING:\n", '    if state == "sent":\n'),
    ),
    Mutant(
        "the provider's pause between two refills is not kept",
        "tests/services/test_refills.py::test_the_next_is_asked_for_a_day_later_at_the_earliest",
        Edit(REFILLS, "    again_at = now + every\n", "    again_at = now\n"),
    ),
    Mutant(
        "the time that a panel names is not heeded",
        SAID,
        Edit(REFILLING, "return now + (wait or policy.refill_every)", "return now + policy.refill_every"),
    ),
    Mutant(
        "a panel is asked again after it has said never",
        SAID,
        Edit(REFILLING, 'NEVER = frozenset({"over"})', "NEVER: frozenset[str] = frozenset()"),
    ),
    Mutant(
        "customers read the panel's own words",
        SAID,
        Edit(REFILLING, "reason=answer.reason)], now)", "reason=answer.evidence)], now)"),
    ),
    Mutant(
        "a guarantee never ends",
        "tests/services/test_refills.py::test_the_guarantee_ends_so_many_days_after_the_end_of_the_order",
        Edit(REFILLS, "(until is not None and until <= now) or ", ""),
    ),
    Mutant(
        "an order does not keep the guarantee that it was bought with",
        "tests/services/test_refills.py::test_an_order_keeps_the_guarantee_that_its_service_had_when_it_was_ordered",
        Edit("services/orders.py", "            guarantee_days=terms.guarantee_days,\n", ""),
    ),
    Mutant(
        "customers are reminded of the end of a guarantee again and again",
        "tests/services/test_refills.py::test_the_customer_is_reminded_once_a_few_days_before_the_guarantee_ends",
        Edit(
            REFILLS, ".values(remind_at=None).returning(*VIEW)", ".values(remind_at=Order.remind_at).returning(*VIEW)"
        ),
    ),
    Mutant(
        "a correction reminds of a guarantee once more",
        "tests/services/test_refills.py::test_a_correction_after_the_end_reminds_nobody_twice",
        Edit(
            "services/fulfilment.py",
            '(Order.closed_at.is_(None), bindparam("new_remind_at", type_=Instant()))',
            '(Order.id > 0, bindparam("new_remind_at", type_=Instant()))',
        ),
    ),
]
