"""Breaks of goals that the shop finishes by itself."""

from tests.mutants.mutant import Edit, Mutant

LISTED = "Finishing.goal_id == goal_id, Finishing.is_on.is_(true()), text(DUE), "
FINISHING = "services/finishing.py"
LIMITS = "tests/services/test_finishing_limits.py"
TESTS = "tests/services/test_finishing.py"
STOPPED = "await finishing.off(session, [order.goal_id for order in unsure])"

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
        Edit(FINISHING, LISTED, "Finishing.goal_id == goal_id, text(DUE), "),
    ),
    Mutant(
        "it goes on with a goal that it has ended",
        f"{TESTS}::test_a_dead_link_ends_it_at_once",
        Edit(FINISHING, "await write.run(mine.values(is_on=False))", "pass"),
    ),
    Mutant(
        "a link that a server refused is sent to the next",
        f"{TESTS}::test_a_refused_link_is_not_tried_on_the_next_server",
        Edit("services/closing.py", '_NOT_WANTED | {"bad_link"}', "_NOT_WANTED"),
    ),
    Mutant(
        "what nobody could verify is ordered elsewhere",
        f"{LIMITS}::test_what_nobody_could_verify_is_never_ordered_elsewhere_by_itself",
        Edit("services/closing.py", '{"unverified", CALLED_OFF}', "{CALLED_OFF}"),
    ),
    Mutant(
        "what nobody could verify is ordered elsewhere with more of its goal",
        f"{LIMITS}::test_nor_is_a_rest_that_nobody_could_verify_when_more_of_its_goal_turns_out_to_be_missing",
        Edit("services/closing.py", STOPPED, "pass"),
    ),
    Mutant(
        "what was taken back is ordered again",
        f"{LIMITS}::test_whoever_takes_a_rest_back_has_no_other_ordered_in_this_goal",
        Edit("services/orders.py", "    if order.replaces_id is not None:  # who", "    if False:  # who"),
    ),
    Mutant(
        "the wallet of a banned person is spent",
        f"{LIMITS}::test_the_wallet_of_a_banned_person_is_left_alone",
        Edit(FINISHING, ", text(DUE), User.banned.is_(false()))", ", text(DUE))"),
    ),
    Mutant(
        "a page that says nothing wipes out what was seen",
        f"{LIMITS}::test_what_was_seen_of_a_link_is_not_forgotten_over_a_page_that_says_nothing",
        Edit(FINISHING, '    if page == "unclear":\n', "    if False:\n"),
    ),
]
