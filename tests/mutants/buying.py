"""Breaks of quotes, orders and rests."""

from tests.mutants.mutant import Edit, Mutant

ORDERS = "services/orders.py"
QUOTES = "services/quotes.py"
REORDER = "services/reorder.py"
RANKING = "services/ranking.py"
PURCHASES = "services/models/purchases.py"
REVISION = "services/migrations/first_orders.py"

MUTANTS = [
    Mutant(
        "no owner check on quotes",
        "tests/services/test_orders.py::test_another_persons_token_buys_nothing",
        Edit(QUOTES, "where(Quote.token == token, Quote.user_id == user_id)", "where(Quote.token == token)"),
    ),
    Mutant(
        "no owner check on what a token has bought",
        "tests/services/test_orders.py::test_another_persons_token_buys_nothing",
        Edit(ORDERS, "where(Order.token == token, Order.user_id == user_id)", "where(Order.token == token)"),
    ),
    Mutant(
        "no owner check on orders",
        "tests/services/test_orders.py::test_nobody_sees_or_undoes_somebody_elses_order",
        Edit(ORDERS, "where(Order.id == order_id, Order.user_id == user_id)", "where(Order.id == order_id)"),
    ),
    Mutant(
        "no owner check on goals",
        "tests/services/test_orders.py::test_nobody_sees_or_undoes_somebody_elses_order",
        Edit("services/goals.py", "Order.goal_id == goal_id, Order.user_id == user_id", "Order.goal_id == goal_id"),
    ),
    Mutant(
        "a token may buy twice",
        "tests/services/test_orders.py::test_taps_at_the_same_time_buy_once",
        Edit(PURCHASES, '        UniqueConstraint("token"),\n', ""),
        Edit(REVISION, '    sa.UniqueConstraint("token"),\n', ""),
        engine="postgres",
    ),
    Mutant(
        "a price that moved is taken as it is",
        "tests/services/test_quotes.py::test_a_price_that_moved_must_be_shown_before_it_is_paid",
        Edit(ORDERS, "    if rate != quoted.rate:\n", "    if False:\n"),
    ),
    Mutant(
        "a quote that was replaced still buys",
        "tests/services/test_quotes.py::test_a_quote_that_another_takes_the_place_of_buys_nothing",
        Edit(QUOTES, "    if instead_of not in (None, token):\n", "    if False:\n"),
    ),
    Mutant(
        "an answer worked once more takes the button away that was shown",
        "tests/services/test_quotes.py::test_the_same_again_keeps_the_button_that_was_shown",
        Edit(QUOTES, "values(created_at=now))\n    return True", "values(created_at=now))\n    return False"),
    ),
    Mutant(
        "what has bought is quoted again, and buys nothing more",
        "tests/services/test_quotes.py::test_the_same_again_keeps_the_button_that_was_shown",
        Edit(QUOTES, "Quote.token == token, ~bought", "Quote.token == token"),
    ),
    Mutant(
        "another quantity keeps the quote of the one before",
        "tests/services/test_quotes.py::test_a_quote_that_another_takes_the_place_of_buys_nothing",
        Edit(
            QUOTES,
            "if row is None or any(getattr(row, name) != value for name, value in priced.items()):",
            "if row is None:",
        ),
    ),
    Mutant(
        "the price of now is taken in place of the one shown",
        "tests/services/test_orders.py::test_an_order_keeps_the_terms_it_was_bought_on",
        Edit(ORDERS, "            charge=quoted.charge,\n", "            charge=quoted.charge + quoted.charge,\n"),
    ),
    Mutant(
        "the rest of an order may be bought by each of its buttons",
        "tests/services/test_orders.py::test_two_parts_of_one_rest_are_not_both_bought",
        Edit(PURCHASES, '            "part",\n            unique=True,\n', '            "part",\n'),
        Edit(REVISION, '        "part",\n        unique=True,\n', '        "part",\n'),
        Edit(ORDERS, " or await _taken(session, quoted):", ":"),
        engine="postgres",
    ),
    Mutant(
        "a rest of which some came may be bought whole again",
        "tests/services/test_orders.py::test_a_rest_of_which_some_came_is_not_offered_whole_again",
        Edit(PURCHASES, "(closed_at IS NULL OR delivered > 0)", "closed_at IS NULL"),
        Edit(REVISION, "(closed_at IS NULL OR delivered > 0)", "closed_at IS NULL"),
    ),
    Mutant(
        "an old button takes a goal beyond what was wanted",
        "tests/services/test_orders.py::test_no_old_button_takes_a_goal_beyond_what_was_wanted",
        Edit(ORDERS, "return int(promised) + quantity <= wanted", "return int(promised) <= wanted"),
    ),
    Mutant(
        "the database lets a part of a rest stand twice",
        "tests/services/test_guards.py::test_each_part_of_a_rest_stands_once",
        Edit(PURCHASES, '            "part",\n            unique=True,\n', '            "part",\n'),
        Edit(REVISION, '        "part",\n        unique=True,\n', '        "part",\n'),
        engine="postgres",
    ),
    Mutant(
        "of a rest that two share only half is bought",
        "tests/services/test_awkward_rests.py::test_a_rest_that_is_too_large_for_each_is_shared_by_two",
        Edit(ORDERS, "    if shared is not None:\n        second", "    if False:\n        second"),
    ),
    Mutant(
        "the second half of a rest takes the place of the first",
        "tests/services/test_awkward_rests.py::test_a_rest_that_is_too_large_for_each_is_shared_by_two",
        Edit(REORDER, "(wanted.part, wanted.next_part)", "(wanted.part, wanted.part)"),
    ),
    Mutant(
        "what a server takes at the least counts in full",
        "tests/services/test_awkward_rests.py::test_a_goal_is_full_and_never_more_than_full",
        Edit("services/plans.py", "candidate.min, wanted.remaining)", "candidate.min, candidate.min)"),
    ),
    Mutant(
        "a goal may be more than full",
        "tests/services/test_awkward_rests.py::test_a_goal_is_full_and_never_more_than_full",
        Edit("services/order_view.py", "return min(self.delivered, self.covers)", "return self.delivered"),
    ),
    Mutant(
        "a rest that is on its way is told to be had",
        "tests/services/test_waiting.py::test_who_ordered_meanwhile_is_not_told",
        Edit(REORDER, "for wanted in found if wanted.remaining > 0]", "for wanted in found]"),
        Edit(REORDER, "left = lacking - sum(standing.values())", "left = lacking"),
        Edit(REORDER, "remaining=min(order.lacking, room[order.goal_id])", "remaining=order.lacking"),
    ),
    Mutant(
        "who waits is told at every look",
        "tests/services/test_waiting.py::test_once_it_is_paid_in_one_message_brings_the_button_that_buys",
        Edit(
            "services/waiting.py",
            "delete(WaitingRest).where(WaitingRest.order_id.in_(over))",
            "select(WaitingRest).where(WaitingRest.order_id.in_(over))",
        ),
        Edit("services/waiting.py", "created_at.isoformat()}", "created_at.isoformat()}{now}"),
    ),
    Mutant(
        "the rest is offered on the service that stopped",
        "tests/unit/test_ranking.py::test_the_ranking",
        Edit(RANKING, "if candidate.id not in wanted.tried and order_types", "if order_types"),
    ),
    Mutant(
        "undo takes back what was sent",
        "tests/services/test_orders.py::test_after_the_undo_window_the_order_is_sent_and_undo_is_too_late",
        Edit(
            ORDERS,
            "Order.id == order_id, text(\"status = 'queued'\"), ~maybe_sent",
            "Order.id == order_id, text(\"status IN ('queued', 'placed')\")",
        ),
    ),
    Mutant(
        "undo keeps the money",
        "tests/services/test_orders.py::test_undo_gives_the_money_back_and_nothing_is_sent",
        Edit(
            ORDERS,
            "wallet.Settlement(order.id, user_id, order.charge, ZERO, order.charge, closing=True)",
            "wallet.Settlement(order.id, user_id, order.charge, ZERO, ZERO, closing=True)",
        ),
    ),
    Mutant(
        "the undo window is not waited for",
        "tests/services/test_orders.py::test_undo_gives_the_money_back_and_nothing_is_sent",
        Edit("services/placing.py", "where(Order.submit_at <= now, Order", "where(Order"),
    ),
]
