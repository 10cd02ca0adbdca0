"""Breaks of what sites of resellers do with the panel API."""

from tests.mutants.mutant import Edit, Mutant

ORDERS = "services/panel_orders.py"
WORDS = "services/panel_words.py"
LAWS = "tests/services/test_panel_orders.py"
AFTER = "tests/services/test_panel_aftercare.py"

MUTANTS = [
    Mutant(
        "a request id orders as often as it comes",
        f"{LAWS}::test_the_same_request_orders_once_and_another_under_its_id_is_refused",
        Edit(ORDERS, "    if sale.request_id is not None and (", "    if sale.request_id == '' and ("),
    ),
    Mutant(
        "a request id answers with the order of another request",
        f"{LAWS}::test_the_same_request_orders_once_and_another_under_its_id_is_refused",
        Edit(ORDERS, "    if row.digest != digest:\n", "    if False:\n"),
    ),
    Mutant(
        "a key spends what it likes",
        f"{LAWS}::test_a_key_spends_no_more_than_its_limit_in_a_day",
        Edit(ORDERS, "    if key.limit is not None and ", "    if key.limit is None and "),
    ),
    Mutant(
        "no owner check on orders that a site asks about",
        f"{LAWS}::test_only_one_s_own_orders_are_found_all_in_one_go",
        Edit(ORDERS, "(sorted(order_ids)), Order.user_id == user_id)", "(sorted(order_ids)))"),
    ),
    Mutant(
        "no owner check on refills that a site asks about",
        f"{AFTER}::test_how_refills_stand_is_told_to_the_owner_of_their_orders_alone",
        Edit("services/panel_refilling.py", "(sorted(refill_ids)), Order.user_id == user_id)", "(sorted(refill_ids)))"),
    ),
    Mutant(
        "a site cancels the orders of others",
        f"{AFTER}::test_another_person_s_orders_are_not_canceled",
        Edit("services/canceling.py", "    if user_id is not None:\n", "    if False:\n"),
    ),
    Mutant(
        "what was given back whole reads as partial",
        "tests/unit/test_panel_words.py::test_of_which_nothing_is_kept_is_canceled_and_all_of_it_remains",
        Edit(WORDS, "order.kept and order.delivered else", "order.delivered else"),
    ),
]
