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
            "            screen = notices.render(",
            "            async with self._db.read() as session:\n"
            "                await users.find(session, notice.chat_id)\n"
            "            screen = notices.render(",
        ),
    ),
    Mutant(
        "a reader is looked up when the try counts already",
        "tests/e2e/test_sender.py::test_a_database_that_is_away_costs_a_notice_none_of_its_tries",
        Edit(
            SENDER,
            "                readers = await users.languages(",
            "            async with self._db.write() as session:\n                readers = await users.languages(",
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
]
