"""Breaks of the outbox."""

from tests.mutants.mutant import Edit, Mutant

OUTBOX = "services/outbox.py"
SENDER = "bot/sender.py"
INBOX = "bot/inbox.py"

MUTANTS = [
    Mutant(
        "a database that is away counts as a notice without words",
        "tests/e2e/test_sender.py::test_between_its_claim_and_telegram_a_notice_needs_no_database",
        Edit(
            SENDER,
            "            screen = parcel.screen(",
            "            async with self._db.read() as session:\n"
            "                await users.find(session, parcel.chat_id)\n"
            "            screen = parcel.screen(",
        ),
    ),
    Mutant(
        "a reader is looked up when the try counts already",
        "tests/e2e/test_sender.py::test_a_database_that_is_away_costs_a_notice_none_of_its_tries",
        Edit(
            SENDER,
            "                readers = await users.readers(",
            "            async with self._db.write() as session:\n                readers = await users.readers(",
        ),
    ),
    Mutant(
        "taps are set aside while the database is away",
        "tests/e2e/test_inbox.py::test_a_database_that_is_away_keeps_taps_waiting_and_in_order",
        Edit(INBOX, "        tries = item.tries - item.blinks\n", "        tries = item.tries\n"),
        Edit(INBOX, "        if passing(failure):\n            item", "        if False:\n            item"),
    ),
    Mutant(
        "a notice may be put twice",
        "tests/services/test_outbox.py::test_a_key_is_put_once_for_ever",
        Edit(OUTBOX, '        "key": item.key,\n', '        "key": f"{item.key}:{now.timestamp()}:{id(item)}",\n'),
    ),
    Mutant(
        "a card replaced while it was being sent is lost",
        "tests/services/test_outbox.py::test_a_card_replaced_while_it_was_being_sent_goes_out_again",
        Edit(OUTBOX, 'state=case((current, "sent"), else_="queued"),', 'state="sent",'),
    ),
    Mutant(
        "a card keeps its first content",
        "tests/services/test_outbox.py::test_a_card_is_replaced_before_it_went_out",
        Edit(OUTBOX, '                "payload": insert.excluded.payload,\n', ""),
    ),
    Mutant(
        "a notice may be claimed while another has it",
        "tests/services/test_outbox.py::test_a_lease_is_respected_until_it_ends",
        Edit(
            OUTBOX,
            "Notice.due_at <= now, or_(Notice.lease_until.is_(None), Notice.lease_until < now))",
            "Notice.due_at <= now)",
        ),
    ),
    Mutant(
        "what a dead sender had claimed is never sent",
        "tests/services/test_outbox.py::test_a_lease_is_respected_until_it_ends",
        Edit(OUTBOX, "or_(Notice.lease_until.is_(None), Notice.lease_until < now))", "Notice.lease_until.is_(None))"),
    ),
    Mutant(
        "purging forgets what still waits",
        "tests/services/test_outbox.py::test_purging_forgets_old_ends_and_keeps_what_waits",
        Edit(OUTBOX, 'and_(Notice.state != "queued", Notice.created_at < before)', "and_(Notice.created_at < before)"),
    ),
    Mutant(
        "of a digest only the first notice is recorded",
        "tests/e2e/test_digest.py::test_twenty_orders_that_end_at_once_are_one_message_and_twenty_records",
        Edit(
            "bot/parcels.py", "message_id) for notice in self.notices]", "message_id) for notice in self.notices[:1]]"
        ),
    ),
    Mutant(
        "what a digest has told is told once more alone",
        "tests/e2e/test_digest.py::test_twenty_orders_that_end_at_once_are_one_message_and_twenty_records",
        Edit(SENDER, "for held in self._held if held not in packed]", "for held in self._held if held is not ready]"),
    ),
    Mutant(
        "of a digest that was not taken only the first notice is tried again",
        "tests/e2e/test_digest.py::test_a_digest_that_was_not_taken_is_sent_whole_and_once",
        Edit(SENDER, "outbox.later(session, parcel.ids, due", "outbox.later(session, parcel.ids[:1], due"),
    ),
    Mutant(
        "a digest on its way is sent again when its leases end",
        "tests/e2e/test_digest.py::test_a_digest_whose_lease_ends_on_its_way_is_sent_once",
        Edit(
            SENDER,
            "for parcel in on_their_way for notice in parcel.notices}",
            "for parcel in on_their_way for notice in parcel.notices[:1]}",
        ),
    ),
    Mutant(
        "a digest that telegram refuses is given up whole",
        "tests/e2e/test_digest.py::test_notices_that_telegram_refuses_together_are_told_one_by_one",
        Edit(SENDER, "        if len(parcel.notices) > 1:\n", "        if False:\n"),
    ),
    Mutant(
        "a digest that telegram refuses is offered for ever",
        "tests/e2e/test_digest.py::test_notices_that_telegram_refuses_together_are_told_one_by_one",
        Edit(SENDER, "            self._alone.update(parcel.ids)\n", ""),
    ),
    Mutant(
        "an alert that asks for a decision vanishes in a digest",
        "tests/e2e/test_digest.py::test_alerts_and_credits_stay_messages_of_their_own",
        Edit("bot/parcels.py", "        and _about(other.notice.notice) == about\n", ""),
        Edit(
            "bot/parcels.py",
            "    if about is None or notice.id in alone:",
            "    if False:",
        ),
        Edit("handlers/digest.py", "    if len(notices) != len(told):\n", "    if False:\n"),
    ),
    Mutant(
        "one tap in a digest takes the other rests away",
        "tests/handlers/test_digest.py::test_one_tap_in_a_digest_buys_one_rest_and_leaves_the_others",
        Edit("handlers/customer/rest.py", "return (tapped,) if tapped.among else _MONEY", "return _MONEY"),
    ),
    Mutant(
        "what happens in quiet hours is not silent",
        "tests/e2e/test_quiet.py::test_in_quiet_hours_a_notice_comes_at_once_and_without_a_sound",
        Edit(SENDER, "reply_markup=keyboard, disable_notification=silent", "reply_markup=keyboard"),
    ),
    Mutant(
        "an alert about money at risk makes no sound",
        "tests/e2e/test_quiet.py::test_an_alert_and_a_reply_ring_in_quiet_hours",
        Edit("bot/parcels.py", " and first.notice.kind != ALERT", ""),
    ),
    Mutant(
        "nobody tells a customer that a count is being clarified",
        "tests/services/test_following.py::test_a_customer_hears_once_that_the_count_is_being_clarified",
        Edit(
            "services/fulfilment.py",
            "        if settlement.UNREADABLE in outcome.alerts and not after.by_api:\n",
            "        if False:\n",
        ),
    ),
]
