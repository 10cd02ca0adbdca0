"""Breaks of placing: what may be sent, when, and what its answer may do."""

from tests.mutants.mutant import Edit, Mutant

PLACING = "services/placing.py"
PROVIDER = "services/provider.py"
HTTP = "services/panel_http.py"
ANSWERS = "services/panel_answers.py"
VALUES = "services/panel_values.py"
AMBIGUOUS = "tests/services/test_placing.py::test_every_ambiguous_end_holds_the_money_and_is_never_sent_again"
UNCLEAR = "tests/services/test_provider.py::test_whatever_is_no_clear_answer_is_ambiguous_and_sent_once"
WITHOUT_END = "tests/services/test_provider.py::test_an_answer_without_end_is_ambiguous_within_the_deadline"

MUTANTS = [
    Mutant(
        "no licence is written before the POST",
        "tests/services/test_network_and_rows.py::test_the_licence_is_committed_before_the_order_leaves",
        Edit(PLACING, "    await session.run(insert(Attempt), attempted)\n", ""),
    ),
    Mutant(
        "the order is not moved before the POST",
        "tests/services/test_network_and_rows.py::test_the_licence_is_committed_before_the_order_leaves",
        Edit(PLACING, '.values(status="placing", lease_owner=owner,', ".values(lease_owner=owner,"),
    ),
    Mutant(
        "the POST goes out inside a transaction",
        "tests/services/test_network_and_rows.py::test_no_transaction_is_open_while_a_panel_is_called",
        Edit(
            PLACING,
            "    answer = await _post(client, licence)\n",
            "    async with db.write():\n        answer = await _post(client, licence)\n",
        ),
    ),
    Mutant(
        "the licence is committed after the POST",
        "tests/services/test_network_and_rows.py::test_the_licence_is_committed_before_the_order_leaves",
        Edit(
            PLACING,
            "    return licences\n\n\n",
            "    for each in licences:\n        await _post(client, each)\n    return licences\n\n\n",
        ),
    ),
    Mutant(
        "ambiguous answers are sent again",
        AMBIGUOUS,
        Edit(PLACING, 'return Answer("ambiguous", error.evidence)', 'return Answer("unsent", error.evidence)'),
    ),
    Mutant(
        "ambiguous answers count as a refusal",
        AMBIGUOUS,
        Edit(PLACING, 'return Answer("ambiguous", error.evidence)', 'return Answer("rejected", error.evidence)'),
    ),
    Mutant(
        "unknown orders are queued again",
        AMBIGUOUS,
        Edit(PLACING, 'doubted, now, status="unknown")', 'doubted, now, status="queued")'),
    ),
    Mutant(
        "unknown orders count as placed",
        AMBIGUOUS,
        Edit(PLACING, 'doubted, now, status="unknown")', 'doubted, now, status="placed", next_poll_at=now)'),
    ),
    Mutant(
        "a lost licence is sent again",
        "tests/services/test_placing.py::test_a_sender_that_died_leaves_an_order_to_be_verified",
        Edit(
            PLACING,
            "    await doubt(session, late, now)\n",
            "    await requeue(session, late, now=now, submit_at=now)\n",
        ),
    ),
    Mutant(
        "licences are taken for lost while their sender is at work",
        "tests/services/test_placing.py::test_a_sender_that_died_leaves_an_order_to_be_verified",
        Edit(PLACING, "text(PLACING), Order.lease_until < now)", "text(PLACING))"),
    ),
    Mutant(
        "nobody looks for lost licences",
        "tests/services/test_placing.py::test_a_sender_that_died_leaves_an_order_to_be_verified",
        Edit(
            PLACING, "text(PLACING), Order.lease_until < now)", "text(PLACING), Order.lease_until < Order.created_at)"
        ),
    ),
    Mutant(
        "who becomes an admin hears nothing of the doubts that are there",
        "tests/services/test_placing.py::test_who_becomes_an_admin_hears_once_of_each_doubt_that_was_there_before",
        Edit(PLACING, '("order-unknown", doubted)', '("order-unknown", [order.id for order in late])'),
    ),
    Mutant(
        "doubts never end for the customer",
        "tests/services/test_placing.py::test_doubt_ends_for_the_customer_after_the_policy_time",
        Edit(PLACING, '    await reject(session, expired, "unverified", now)\n', ""),
    ),
    Mutant(
        "doubts end at once for the customer",
        "tests/services/test_placing.py::test_doubt_ends_for_the_customer_after_the_policy_time",
        Edit(PLACING, "text(UNKNOWN), Order.moved_at <= now - policy.unknown_for)", "text(UNKNOWN))"),
    ),
    Mutant(
        "what nobody could send is held for ever",
        "tests/services/test_stranded.py::test_an_order_that_nobody_could_send_gives_the_money_back_and_is_not_sent_any_more",
        Edit(
            PLACING,
            "    await reject(session, await locked(session, *unsent, NEVER_LEFT), UNREACHABLE, now)\n",
            "",
        ),
    ),
    Mutant(
        "what was given up for unsent is sent all the same",
        "tests/services/test_stranded.py::test_an_order_that_nobody_could_send_gives_the_money_back_and_is_not_sent_any_more",
        Edit(PLACING, "Order.submit_at <= now, Order.submit_at > now - policy.unknown_for)", "Order.submit_at <= now)"),
    ),
    Mutant(
        "what may have left counts as unsent",
        "tests/services/test_stranded.py::test_an_order_that_may_have_left_before_counts_as_one_in_doubt",
        Edit(PLACING, 'Attempt.order_id == Order.id, Attempt.outcome != "unsent")', "Attempt.order_id == -Order.id)"),
    ),
    Mutant(
        "an admin gives back what may have left",
        "tests/services/test_stranded.py::test_an_order_that_may_have_left_before_counts_as_one_in_doubt",
        Edit("services/stranded.py", "still, placing.NEVER_LEFT)", "still)"),
    ),
    Mutant(
        "an admin gives back what is about to be sent",
        "tests/services/test_stranded.py::test_what_has_not_waited_too_long_for_a_provider_of_ours_is_not_given_back",
        Edit("services/stranded.py", "still, placing.NEVER_LEFT)", "placing.NEVER_LEFT)"),
    ),
    Mutant(
        "nobody hears of orders at a provider that is gone",
        "tests/services/test_stranded.py::test_where_all_is_at_the_missing_provider_there_is_no_order_to_give_up",
        Edit("services/stranded.py", "for name in sorted({*queued, *placed}):", "for name in sorted(queued):"),
    ),
    Mutant(
        "the loss of an order given up is not booked",
        "tests/services/test_doubts.py::test_giving_an_order_up_books_what_it_may_have_cost",
        Edit(PLACING, "    await _book_losses(session, expired, now)\n", ""),
    ),
    Mutant(
        "an id that another order has is believed",
        "tests/services/test_placing.py::test_an_id_that_another_order_has_is_not_believed",
        Edit(
            PLACING,
            "if holder not in (None, licence.order_id):",
            "if False:",
        ),
    ),
    Mutant(
        "an order's own id, recorded once already, makes it ambiguous",
        "tests/services/test_recording.py::test_a_commit_that_nobody_heard_of_is_not_taken_for_somebody_elses",
        Edit(PLACING, "if holder not in (None, licence.order_id):", "if holder is not None:"),
    ),
    Mutant(
        "an acceptance recorded twice is taken for one that came too late",
        "tests/services/test_recording.py::test_a_commit_that_nobody_heard_of_is_not_taken_for_somebody_elses",
        Edit(PLACING, "    if holder == licence.order_id:\n", "    if False:\n"),
    ),
    Mutant(
        "an answer is lost while the database is away",
        "tests/services/test_recording.py::test_an_answer_in_hand_outlives_a_database_that_is_away",
        Edit(
            PLACING,
            "    try:\n        await db.insisting(recording)\n",
            "    try:\n        await db.retrying(recording)\n",
        ),
    ),
    Mutant(
        "an answer that a stop keeps from being recorded is not logged",
        "tests/services/test_recording.py::test_an_answer_that_a_stop_keeps_from_being_recorded_stands_in_the_log",
        Edit(
            PLACING,
            "    except asyncio.CancelledError:\n        told.error(",
            "    except ImportError:\n        told.error(",
        ),
    ),
    Mutant(
        "no fence: an answer moves its order wherever it stands",
        "tests/services/test_placing.py::test_an_acceptance_after_the_money_went_back_is_told_to_an_admin_and_costs_the_customer_nothing",
        Edit(
            PLACING,
            'await locked(session, Order.id == licence.order_id, Order.status.in_(("queued", "placing", "unknown")))',
            "await locked(session, Order.id == licence.order_id)",
        ),
        Edit("services/migrations/triggers.py", 'f"OLD.status <> NEW.status AND (', 'f"OLD.status <> OLD.status AND ('),
    ),
    Mutant(
        "two claims may take one order",
        "tests/services/test_concurrency.py::test_workers_that_submit_at_once_send_each_order_once",
        Edit(
            PLACING,
            ".where(Order.id.in_(due.scalar_subquery()), text(QUEUED))",
            ".where(Order.id.in_(due.scalar_subquery()))",
        ),
        Edit(
            PLACING,
            "        .limit(AT_ONCE)\n        .with_for_update(skip_locked=True)\n",
            "        .limit(AT_ONCE)\n",
        ),
        Edit("services/migrations/triggers.py", 'f"OLD.status <> NEW.status AND (', 'f"OLD.status <> OLD.status AND ('),
        engine="postgres",
    ),
    Mutant(
        "what an answer said is not kept",
        "tests/services/test_placing.py::test_an_accepted_order_is_placed_under_the_providers_id",
        Edit(PLACING, ".values(outcome=answer.outcome, evidence=answer.evidence,", ".values(outcome=answer.outcome,"),
    ),
    Mutant(
        "a provider out of reach is tried for ever",
        "tests/services/test_placing.py::test_a_provider_out_of_reach_for_too_long_gives_the_order_up",
        Edit(PLACING, 'if answer.outcome == "unsent" and licence.number >= policy.unsent_tries:', "if False:"),
    ),
    Mutant(
        "a provider out of reach is tried without a pause",
        "tests/services/test_placing.py::test_where_nothing_was_sent_it_is_sent_later_with_a_growing_pause",
        Edit(PLACING, "now=now, submit_at=now + pause)", "now=now, submit_at=now)"),
    ),
    Mutant(
        "a refusal keeps the money",
        "tests/services/test_placing.py::test_a_refusal_gives_all_the_money_back_at_once",
        Edit(PLACING, 'status="rejected", refunded=Order.charge, closed_at', 'status="rejected", closed_at'),
    ),
    Mutant(
        "a doubt may be decided twice by hand",
        "tests/services/test_doubts.py::test_what_was_decided_once_cannot_be_decided_again",
        Edit(
            "services/doubts.py", "placing.locked(session, text(UNKNOWN), Order.id", "placing.locked(session, Order.id"
        ),
    ),
    Mutant(
        "a decision about one attempt holds for the next",
        "tests/services/test_doubts.py::test_a_decision_about_another_attempt_than_the_latest_decides_nothing",
        Edit(
            "services/doubts.py",
            "if not found or (await placing.attempts(session, [order_id]))[order_id] != attempt:",
            "if not found:",
        ),
    ),
    Mutant(
        "a screen of an old attempt decides about the latest",
        "tests/handlers/test_doubts.py::test_an_old_screen_decides_nothing_about_a_newer_attempt_and_turns_into_a_fresh_one",
        Edit(
            "handlers/admin/doubts.py",
            "attempt=callback_data.attempt,\n",
            "attempt=(await placing.attempts(session, [order_id]))[order_id],\n",
        ),
        Edit(
            "handlers/admin/doubts.py",
            "from services import doubts, quantities",
            "from services import doubts, placing, quantities",
        ),
    ),
    Mutant(
        "a conversation moves on before its update is answered",
        "tests/handlers/test_worked_again.py::test_what_was_typed_once_answers_one_question",
        Edit("bot/middlewares.py", 'data["state"] = FSMContext(turn, state.key)', "pass"),
    ),
    Mutant(
        "an admin's decision is forgotten when nothing was sent",
        "tests/services/test_placing.py::test_a_doubt_that_an_admin_settled_stays_settled_where_nothing_was_sent",
        Edit(PLACING, 'Attempt.number > max((detail.get("cleared", 0) for detail in details), default=0),', "True,"),
    ),
    Mutant(
        "an admin's decision settles later doubts too",
        "tests/services/test_placing.py::test_an_admin_settles_no_doubt_about_what_is_sent_later",
        Edit(
            PLACING,
            "    return await session.value(doubts.limit(1)) is not None\n",
            '    if any(detail.get("cleared") for detail in details):\n        return False\n'
            "    return await session.value(doubts.limit(1)) is not None\n",
        ),
    ),
    Mutant(
        "a server error with an id counts as accepted",
        UNCLEAR,
        Edit(
            PROVIDER,
            "return said if reply.fine or (reply.blames_us and isinstance(said, Refusal)) else None",
            "return said",
        ),
    ),
    Mutant(
        "an id beside an error counts as accepted",
        UNCLEAR,
        Edit(
            ANSWERS, "if order is not None and complaint(document) is None else None", "if order is not None else None"
        ),
    ),
    Mutant(
        "an id of 0 counts as accepted",
        "tests/unit/test_panel_answers.py::test_every_other_answer_to_add_leaves_it_open",
        Edit(VALUES, "return str(value) if value > 0 else None", "return str(value)"),
    ),
    Mutant(
        "redirects are followed",
        UNCLEAR,
        Edit(HTTP, "follow_redirects=False", "follow_redirects=True"),
    ),
    Mutant(
        "a read that times out counts as not sent",
        WITHOUT_END,
        Edit(HTTP, "if phase in (_Phase.WAITING, _Phase.CONNECTING):", "if phase in (_Phase.WAITING, _Phase.SENDING):"),
    ),
    Mutant(
        "no deadline over the whole answer",
        WITHOUT_END,
        Edit(HTTP, "asyncio.timeout(self._deadline), self._place()", "asyncio.timeout(None), self._place()"),
    ),
    Mutant(
        "no cap on the length of an answer",
        "tests/services/test_provider_questions.py::test_a_body_over_its_cap_is_not_read_to_the_end",
        Edit(HTTP, "        if len(body) > cap:\n", "        if False:\n"),
    ),
    Mutant(
        "the key comes back in with error pages",
        "tests/services/test_provider.py::test_the_evidence_is_the_answer_without_the_key_and_at_most_2_kb",
        Edit(HTTP, 'body = body.replace(form.encode(), b"***")', "body = bytes(body)"),
    ),
]
