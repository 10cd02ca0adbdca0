"""Breaks of goals that the shop finishes by itself."""

from tests.mutants.mutant import Edit, Mutant

LISTED = "Finishing.goal_id == goal_id, Finishing.is_on.is_(true()), text(DUE)"
FINISHING = "services/finishing.py"
TESTS = "tests/services/test_finishing.py"

MUTANTS = [
    Mutant(
        "a dead link is ordered for all the same",
        f"{TESTS}::test_a_dead_link_ends_it_at_once",
        Edit(FINISHING, "(None, page) if page in DEAD else await", "await"),
    ),
    Mutant(
        "the extra cost that is allowed is exceeded",
        f"{TESTS}::test_the_extra_cost_that_is_allowed_is_kept_to_the_micro_unit",
        Edit(
            FINISHING, "goal.paid + plan.price - goal.first.charge <= limit", "plan.price <= goal.first.charge + limit"
        ),
    ),
    Mutant(
        "the orders that are allowed are exceeded",
        f"{TESTS}::test_the_orders_that_are_allowed_are_not_exceeded",
        Edit(FINISHING, "len(plan.portions) <= left", "left is not None"),
    ),
    Mutant(
        "nobody counts the orders that the shop makes",
        f"{TESTS}::test_the_orders_that_are_allowed_are_not_exceeded",
        Edit(FINISHING, "used = row.used + len(made)", "used = row.used"),
    ),
    Mutant(
        "it goes on without being asked to",
        f"{TESTS}::test_it_is_off_until_it_is_turned_on",
        Edit(FINISHING, "Order.id.in_(goal_ids), User.finish_all.is_(true())", "Order.id.in_(goal_ids)"),
    ),
    Mutant(
        "a goal that was left out is finished with the others",
        f"{TESTS}::test_one_goal_may_be_left_out",
        Edit(FINISHING, ".where(Finishing.goal_id.in_(goal_ids), Finishing.is_on.is_(true()))", ".where(true())"),
        Edit(FINISHING, LISTED, "Finishing.goal_id == goal_id, text(DUE)"),
    ),
    Mutant(
        "it goes on with a goal that it has ended",
        f"{TESTS}::test_a_dead_link_ends_it_at_once",
        Edit(FINISHING, "await write.run(mine.values(is_on=False))", "pass"),
    ),
    Mutant(
        "a link that a server refused is sent to the next",
        f"{TESTS}::test_a_refused_link_is_not_tried_on_the_next_server",
        Edit("services/closing.py", ' and stop.reason != "bad_link"', ""),
    ),
]
