"""Breaks of what is read from status answers and done about it."""

from tests.mutants.mutant import Edit, Mutant

SETTLEMENT = "services/settlement.py"
FULFILMENT = "services/fulfilment.py"
ANSWERS = "services/panel_answers.py"
CLOSING = "services/closing.py"
ENDS = "tests/unit/test_settlement.py::test_an_open_order_ends_as_the_table_says"
LATER = "tests/unit/test_settlement.py::test_a_closed_order_may_only_give_more_back"
POSTS = "tests/unit/test_settlement.py::test_a_subscription_pays_for_the_posts_it_found"
SILENCE = "tests/services/test_silence.py"
SILENT_IF_UNASKED = (
    'answer = answer or RowError("")\n        silence = answer if isinstance(answer, RowError) else None'
)
RECONCILED = "tests/services/test_reconciliation.py"
SCENARIOS = "tests/services/test_eleven_scenarios.py"

MUTANTS = [
    Mutant(
        "Partial without remains closes as if 0 remained",
        ENDS,
        Edit(SETTLEMENT, 'if snapshot.state == "partial" and snapshot.remains is None:', "if False:"),
    ),
    Mutant(
        "an unreadable remains is read as 0",
        f"{SCENARIOS}::test_partial_without_remains_waits_for_the_number",
        Edit(
            ANSWERS, '        remains=count(row.get("remains")),\n', '        remains=count(row.get("remains")) or 0,\n'
        ),
    ),
    Mutant(
        "Canceled with remains 0 refunds 0",
        ENDS,
        Edit(
            SETTLEMENT,
            "if remains is not None and 0 < remains < quantity else",
            "if remains is not None and 0 <= remains < quantity else",
        ),
    ),
    Mutant(
        "Canceled gives everything back whatever was delivered",
        ENDS,
        Edit(
            SETTLEMENT,
            '("canceled", quantity - remains) if remains is not None',
            '("canceled", 0) if remains is not None',
        ),
    ),
    Mutant(
        "remains above the quantity is believed",
        ENDS,
        Edit(
            SETTLEMENT,
            '("partial", quantity - remains) if remains <= quantity else ("canceled", 0)',
            '("partial", quantity - remains)',
        ),
    ),
    Mutant(
        "negative remains is believed",
        ENDS,
        Edit(SETTLEMENT, "if remains is None or remains <= 0:", "if remains is None or remains == 0:"),
    ),
    Mutant(
        "Completed is believed to have stopped half-way",
        ENDS,
        Edit(
            SETTLEMENT,
            'if snapshot.state == "completed":\n        return',
            'if snapshot.state == "completed" and not remains:\n        return',
        ),
    ),
    Mutant(
        "a refund may shrink",
        LATER,
        Edit(
            SETTLEMENT,
            "if terms.status in CLOSED and target <= terms.refunded:",
            "if terms.status in CLOSED and target == terms.refunded:",
        ),
        Edit(SETTLEMENT, "refunded=max(target, terms.refunded)", "refunded=target"),
    ),
    Mutant(
        "what was closed stays closed: late corrections are not paid",
        LATER,
        Edit(SETTLEMENT, "if terms.status in CLOSED and target <= terms.refunded:", "if terms.status in CLOSED:"),
    ),
    Mutant(
        "a flapping provider is believed at once",
        "tests/unit/test_settlement.py::test_a_flapping_provider_must_say_the_same_end_twice",
        Edit(SETTLEMENT, "if terms.confirmations < 2 or", "if terms.confirmations < 3 or"),
    ),
    Mutant(
        "a package that is not whole is paid in part",
        "tests/unit/test_settlement.py::test_a_package_is_kept_whole_or_not_at_all",
        Edit(SETTLEMENT, 'if terms.unit == "package" and', 'if terms.unit == "parcel" and'),
    ),
    Mutant(
        "an unknown word closes the order",
        "tests/unit/test_panel_answers.py::test_an_unknown_word_means_still_running",
        Edit(ANSWERS, '_STATE_OF.get(key, "running")', '_STATE_OF.get(key, "completed")'),
    ),
    Mutant(
        "an error row with a status closes the order",
        "tests/unit/test_panel_answers.py::test_what_is_no_status_says_nothing_about_the_order",
        Edit(ANSWERS, "    error = complaint(row)\n    if error is not None:\n        return RowError(error)\n", ""),
    ),
    Mutant(
        "a bare row for a batch is believed",
        "tests/unit/test_panel_answers.py::test_a_bare_row_or_an_error_about_an_order_shows_that_orders_was_overlooked",
        Edit(
            ANSWERS,
            "_FIGURES.intersection(document):\n        return None\n",
            "_FIGURES.intersection(document):\n        return dict.fromkeys(asked, status(document))\n",
        ),
    ),
    Mutant(
        "one bad row spoils the batch",
        f"{SCENARIOS}::test_a_bad_row_spoils_no_other_of_the_batch",
        Edit(FULFILMENT, "error=answer.text)\n            continue\n", "error=answer.text)\n            break\n"),
    ),
    Mutant(
        "an answer that failed stops every other provider",
        "tests/services/test_following.py::test_one_providers_trouble_is_its_own",
        Edit(FULFILMENT, "orders=len(page))\n            return asked\n", "orders=len(page))\n            raise\n"),
    ),
    Mutant(
        "no watch window: a closed order is asked about no more",
        f"{SCENARIOS}::test_completed_then_partial_within_the_watch_window_still_pays",
        Edit(
            FULFILMENT,
            '"new_next_poll_at": now + (policy.watch_every if closed else policy.poll_fastest),',
            '"new_next_poll_at": None if closed else now + policy.poll_fastest,',
        ),
    ),
    Mutant(
        "the watch window never ends",
        f"{SCENARIOS}::test_after_the_watch_window_the_order_is_asked_about_no_more",
        Edit(
            FULFILMENT,
            "        await db.retrying(partial(count_looks, client=client, looks=looks, policy=policy, now=now))\n",
            "        pass\n",
        ),
    ),
    Mutant(
        "a last look that failed is taken for an answer",
        "tests/services/test_last_look.py::test_a_last_look_whose_own_request_failed_does_not_count",
        Edit(FULFILMENT, "if counts and answer is not None:", "if counts:"),
    ),
    Mutant(
        "nobody hears of an order that stays silent",
        f"{SILENCE}::test_admins_hear_once_of_an_order_that_stays_silent_and_it_stays_open",
        Edit(FULFILMENT, "and row.silent_looks == SILENCES:", "and row.silent_looks > SILENCES:"),
    ),
    Mutant(
        "a provider that fails is taken for silence about its orders",
        f"{SILENCE}::test_a_request_that_failed_beside_others_is_no_silence_of_its_orders",
        Edit(FULFILMENT, "silence = answer if isinstance(answer, RowError) else None", SILENT_IF_UNASKED),
    ),
    Mutant(
        "a silence is not ended by an answer",
        f"{SILENCE}::test_one_answer_ends_a_silence_and_another_silence_is_told_anew",
        Edit(FULFILMENT, "silent_looks=case((told, 0), else_=silent)", "silent_looks=silent"),
        Edit(FULFILMENT, '"new_silent_looks": 0,', '"new_silent_looks": order.silent_looks,'),
    ),
    Mutant(
        "an order that missed one answer is settled by hand",
        f"{SILENCE}::test_an_order_that_missed_an_answer_or_two_is_not_settled_by_hand",
        Edit("services/doubts.py", "Order.silent_looks >= fulfilment.SILENCES", "Order.silent_looks > 0"),
    ),
    Mutant(
        "an unreadable entry of a subscription's list is no post",
        "tests/unit/test_panel_answers.py::test_a_subscription_lists_its_orders_in_whatever_shape",
        Edit(ANSWERS, "all(one is not None and any(map(str.isdigit, one)) for one in ids)", "ids"),
    ),
    Mutant(
        "the remains of a subscription without a list is believed",
        POSTS,
        Edit(SETTLEMENT, "return replace(snapshot, remains=None, state=", "return replace(snapshot, state="),
    ),
    Mutant(
        "a subscription that expired without a list ends as completed",
        POSTS,
        Edit(
            SETTLEMENT, 'state="partial" if snapshot.state == "expired"', 'state="completed" if snapshot.posts is None'
        ),
    ),
    Mutant(
        "an answer that failed ends the order it did not find",
        "tests/unit/test_panel_answers.py::test_what_is_no_status_says_nothing_about_the_order",
        Edit(ANSWERS, 'not row.get("message") or', "True or"),
    ),
    Mutant(
        "what a provider charges after the end is not kept",
        f"{RECONCILED}::test_what_a_provider_charges_after_the_end_is_what_counts",
        Edit(SETTLEMENT, "if terms.status not in CLOSED and not changes", "if not changes"),
    ),
    Mutant(
        "a charge named after a cancellation is no news",
        "tests/unit/test_provider_charges.py::test_a_cancellation_without_a_charge_voids_what_was_named_before",
        Edit(SETTLEMENT, 'if charge is None and (not given_up or terms.status == "canceled"):', "if charge is None:"),
    ),
    Mutant(
        "a charge that goes on changing is watched for ever",
        f"{RECONCILED}::test_a_charge_that_goes_on_changing_is_no_news_to_the_customer_and_watched_no_longer",
        Edit(FULFILMENT, "watch_until = order.watch_until  #", "pass  #"),
    ),
    Mutant(
        "an order is not read again under lock",
        "tests/services/test_concurrency.py::test_pollers_with_different_answers_in_hand_refund_the_greatest",
        Edit(FULFILMENT, ".order_by(Order.id).with_for_update())", ".order_by(Order.id))"),
        engine="postgres",
    ),
    Mutant(
        "an answer applied by somebody else is applied again",
        f"{SCENARIOS}::test_two_pollers_at_once_pay_once",
        Edit(FULFILMENT, "        if not settlement.changes(terms, outcome):\n            continue\n", ""),
        Edit(
            FULFILMENT,
            "if outcome.refunded != order.view.refunded or (outcome.status in CLOSED and terms.status not in CLOSED):",
            "if outcome.status in CLOSED:",
        ),
    ),
    Mutant(
        "the order's row and its money are written in two transactions",
        "tests/services/test_cut_short.py::test_a_poll_cut_short_settles_whole_or_not_at_all",
        Edit(
            FULFILMENT,
            "    await closing.close(session, closings, now)\n",
            "    await session._connection.commit()\n"
            "    await session._connection.begin()\n"
            "    await closing.close(session, closings, now)\n",
        ),
    ),
    Mutant(
        "an order is closed and its money forgotten",
        f"{SCENARIOS}::test_partial_polled_twice_pays_once",
        Edit(FULFILMENT, "    await closing.close(session, closings, now)\n", ""),
    ),
    Mutant(
        "the customer is not told of a refund",
        f"{SCENARIOS}::test_partial_polled_twice_pays_once",
        Edit(CLOSING, "    await outbox.put(session, told, now)\n", ""),
    ),
    Mutant(
        "the customer is told all that ever came back, again",
        f"{SCENARIOS}::test_partial_300_then_400_pays_400_in_all",
        Edit(CLOSING, "return self.after.refunded - self.before.refunded", "return self.after.refunded"),
    ),
    Mutant(
        "jobs wait for their ticks alone, which a clock that is set back keeps away",
        "tests/services/test_jobs.py::test_a_clock_that_is_set_back_an_hour_stops_no_job",
        Edit("bot/runner.py", "asyncio.timeout(patience)", "asyncio.timeout(None)"),
    ),
    Mutant(
        "orders wait until a clock that was set back has caught up",
        "tests/services/test_clock_set_back.py::test_a_fresh_order_is_asked_about_as_soon_as_ever",
        Edit("services/setback.py", "    await _moved(session, now)\n", ""),
    ),
    Mutant(
        "a lease of time to come holds everybody up",
        "tests/services/test_clock_set_back.py::test_a_lease_of_time_to_come_holds_nobody_up",
        Edit("bot/leases.py", ", Lease.until > now + 2 * term)", ")"),
    ),
]
