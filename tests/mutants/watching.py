"""Breaks of what the staff sees of the shop: figures, files, warnings."""

from tests.mutants.mutant import Edit, Mutant

REPORTS = "services/reports.py"
LOOKOUT = "services/lookout.py"
TOLD = "tests/services/test_reports.py"
WARNED = "tests/services/test_lookout.py"
MUTE = (
    "tests/services/test_alarms_at_work.py::test_a_provider_that_says_nothing_about_orders_alone_is_told_until_it_does"
)

MUTANTS = [
    Mutant(
        "a correction takes nothing off what was kept",
        f"{TOLD}::test_a_correction_counts_on_the_day_it_came",
        Edit(REPORTS, "(Transfer.src == account, -amount)", "(Transfer.src == account, 0)"),
    ),
    Mutant(
        "midnight belongs to two days",
        f"{TOLD}::test_a_day_ends_where_the_next_begins",
        Edit(REPORTS, "moment < period.until", "moment <= period.until"),
    ),
    Mutant(
        "refunds of closed orders are no refunds",
        f"{TOLD}::test_no_transfer_is_missed",
        Edit(REPORTS, 'Transfer.code == "refund")', 'Transfer.code == "refund", Transfer.src != "revenue")'),
    ),
    Mutant(
        "a provider that says nothing about orders is no news",
        MUTE,
        Edit("services/fulfilment.py", "client.mute_since = client.mute_since or now", "client.mute_since = None"),
    ),
    Mutant(
        "a provider that tells of orders again is mute for ever",
        MUTE,
        Edit("services/fulfilment.py", "        client.mute_since = None\n", ""),
    ),
    Mutant(
        "what lasts is told at every look",
        f"{WARNED}::test_a_balance_below_a_days_spending_is_told_once",
        Edit(LOOKOUT, "now - known.told_at < DAY", "now < known.told_at"),
    ),
    Mutant(
        "what is over is not forgotten",
        f"{WARNED}::test_a_balance_that_was_filled_up_and_runs_out_again_is_told_again",
        Edit(LOOKOUT, "    if over:\n", "    if not over:\n"),
    ),
    Mutant(
        "what hovers about its line is over each time",
        f"{WARNED}::test_a_balance_that_hovers_about_the_line_is_not_told_again",
        Edit(LOOKOUT, "policy.balance_for * 1.25", "policy.balance_for"),
    ),
    Mutant(
        "a broadcast makes the outbox late",
        f"{WARNED}::test_broadcasts_and_cards_keep_nobody_waiting",
        Edit(LOOKOUT, "Notice.priority < outbox.BROADCAST", "Notice.priority <= outbox.BROADCAST"),
    ),
    Mutant(
        "what never left counts as spent",
        f"{WARNED}::test_what_was_spent_yesterday_and_what_never_left_is_no_spending_of_today",
        Edit("services/purses.py", ", Order.placed_at.is_not(None)", ""),
    ),
    Mutant(
        "a stranger's name is a formula",
        "tests/handlers/test_export.py::test_no_cell_begins_as_a_formula",
        Edit("handlers/tables.py", """f"'{value}" if""", "value if"),
    ),
    Mutant(
        "the chart is drawn while everybody waits",
        "tests/handlers/test_stats.py::test_the_chart_is_a_picture_of_the_right_size_drawn_beside_the_loop",
        Edit("handlers/admin/stats.py", "await asyncio.to_thread(chart.draw, ", "(chart.draw)("),
    ),
    Mutant(
        "the next page of an export begins where the last one did",
        "tests/services/test_exports.py::test_each_row_is_there_once_however_long_the_pages_are",
        Edit("services/exports.py", "_after(after[0], after[1])", '_after(after[0], "")'),
    ),
    Mutant(
        "an audit is answered each time there is one",
        "tests/services/test_auditing.py::test_who_asks_for_an_audit_hears_its_verdict_once_and_in_place",
        Edit("services/auditing.py", ", ~answered)", ")"),
        Edit("services/auditing.py", 'return f"{_KEY}{self.id}"', 'return f"{_KEY}{self.id}:{id(self)}"'),
    ),
    Mutant(
        "a provider that fails for another minute has just begun to",
        "tests/services/test_alarms_at_work.py::test_since_when_a_provider_fails_is_remembered_until_it_answers",
        Edit("bot/upstream.py", "before is None or before.failing != failing", "before is not None"),
    ),
]
