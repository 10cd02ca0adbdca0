"""Breaks of what the people who run the shop may do."""

from tests.mutants.mutant import Edit, Mutant

GATE = "handlers/admin/gate.py"
APPROVALS = "services/approvals.py"
STAFF = "tests/services/test_staff.py"

CASTS = "tests/services/test_broadcasts.py"

MUTANTS = [
    Mutant(
        "a pause leaves out whom it took back",
        f"{CASTS}::test_a_pause_takes_back_what_nobody_has_in_hand_and_goes_on_from_there",
        Edit("services/broadcasts.py", "values(fed_to=first - 1)", "values(fed_to=first)"),
    ),
    Mutant(
        "a message to many goes to those who want none",
        f"{CASTS}::test_nobody_is_meant_who_is_banned_gone_or_wants_no_news",
        Edit("services/audiences.py", "        User.news,\n", ""),
    ),
    Mutant(
        "a message to many counts as sent when it is",
        "tests/e2e/test_broadcast.py::test_each_message_counts_as_sent_before_it_leaves",
        Edit("bot/sender.py", "            if parcel.at_most_once:\n", "            if False:\n"),
    ),
    Mutant(
        "every role may do everything",
        "tests/handlers/test_gate.py::test_a_command_answers_whom_it_is_for_and_refuses_the_others",
        Edit(GATE, "        acting.require(least)\n", ""),
    ),
    Mutant(
        "whoever wants in comes in",
        "tests/handlers/test_gate.py::test_a_button_refuses_whom_it_is_not_for",
        Edit(GATE, "        return user.role is not None\n", "        return True\n"),
    ),
    Mutant(
        "who asked for a large step confirms it",
        f"{STAFF}::test_a_large_step_takes_a_second_person",
        Edit(APPROVALS, "or_(~Approval.second, Approval.asked_by != by)", "Approval.asked_by > 0"),
    ),
    Mutant(
        "a step is taken as often as somebody says yes",
        f"{STAFF}::test_a_step_is_taken_once",
        Edit(APPROVALS, '        Approval.state == "waiting",\n', ""),
    ),
    Mutant(
        "the support confirms what it may not do",
        "tests/handlers/test_confirm.py::test_a_large_credit_takes_two_people",
        Edit("handlers/admin/confirm.py", "        acting.require(step.least)\n", ""),
    ),
    Mutant(
        "a debit leaves a debt",
        "tests/services/test_wallet.py::test_a_debit_counts_once_for_each_key_and_takes_no_more_than_there_is",
        Edit("services/ledger.py", "    _weigh(accounts, fresh)\n", ""),
    ),
]
