"""Breaks of the catalogue by hand: what a sync must leave as it was set, and what must not be sold at a loss."""

from tests.mutants.mutant import Edit, Mutant

STOCK, TERMS, MARGINS = "services/stock.py", "services/own_terms.py", "services/margins.py"
OVERRIDES, PRICES = "services/overrides.py", "services/coming_prices.py"
KEPT, GUARDED = "tests/services/test_overrides.py", "tests/services/test_margins.py"
COMING = "tests/services/test_coming_prices.py"
MARKUPS, AHEAD = "services/coming_markups.py", "tests/services/test_coming_markups.py"

_TOLD = "    async with service_news.told(write, now, Service.id == service_id):\n"
_PUT = 'await own_terms.put(write, service_id, rate=rate, markup=None if percent is None else f"{percent:f}")\n'
PUT_WITHIN, PUT_BEFORE = f"{_TOLD}        {_PUT}", f"    {_PUT}{_TOLD}"

MUTANTS = [
    Mutant(
        "what was hidden is on sale after the next sync",
        f"{KEPT}::test_a_hidden_service_stays_hidden_sync_after_sync_until_it_is_shown",
        Edit(STOCK, "hidden = own.hidden or category_id in places.shut", "hidden = category_id in places.shut"),
    ),
    Mutant(
        "what comes new into a hidden category is on sale",
        f"{KEPT}::test_a_hidden_category_is_gone_with_all_that_is_in_it_and_all_that_comes_into_it",
        Edit(STOCK, "hidden = own.hidden or category_id in places.shut", "hidden = own.hidden"),
    ),
    Mutant(
        "a sync gives a service back its provider's name",
        f"{KEPT}::test_a_name_of_ours_stands_whatever_its_provider_renames_and_theirs_is_back_without_it",
        Edit(STOCK, "name=own.name or service.name,", "name=service.name,"),
    ),
    Mutant(
        "what the provider says by now is not what is back",
        f"{KEPT}::test_a_name_of_ours_stands_whatever_its_provider_renames_and_theirs_is_back_without_it",
        Edit(STOCK, 'changes["their_name"] = service.name', "pass"),
    ),
    Mutant(
        "a sync prices by the markup what has a price of its own",
        f"{KEPT}::test_a_price_of_ours_stands_and_the_markup_counts_again_without_it",
        Edit(TERMS, "    if own.rate is not None:\n        return own.rate\n", ""),
    ),
    Mutant(
        "a sync puts services back into the order of their letters",
        f"{KEPT}::test_services_change_places_and_stay_there",
        Edit(
            STOCK,
            "own.position if stays and own.position is not None else server_labels.rank(server)",
            "server_labels.rank(server)",
        ),
    ),
    Mutant(
        "a sync goes by the markup of the settings, whatever was set since",
        "tests/services/test_markups.py::test_a_markup_prices_all_but_what_has_a_price_of_its_own_and_survives_every_sync",
        Edit(STOCK, "await own_terms.markup(session, provider, markup_percent)", "markup_percent"),
    ),
    Mutant(
        "a sync makes a renamed category once more",
        f"{KEPT}::test_a_renamed_category_is_still_found_by_its_providers_and_still_of_its_platform",
        Edit(STOCK, " | {row.known_as.casefold(): row.id for row in rows}", ""),
    ),
    Mutant(
        "a renamed category takes links from anywhere",
        f"{KEPT}::test_a_renamed_category_is_still_found_by_its_providers_and_still_of_its_platform",
        Edit("services/catalog.py", "platform_of(self.known_as or self.category)", "platform_of(self.category)"),
    ),
    Mutant(
        "what costs more than it is sold for goes on being sold",
        f"{GUARDED}::test_a_service_that_got_dearer_than_its_own_price_is_hidden_and_told_once",
        Edit(MARGINS, "if rate >= cost:", "if rate >= 0:"),
    ),
    Mutant(
        "the margin guard tells of the same service with every sync",
        f"{GUARDED}::test_a_service_that_got_dearer_than_its_own_price_is_hidden_and_told_once",
        Edit(STOCK, " and row.rate >= row.cost", ""),
    ),
    Mutant(
        "the margin guard tells nobody",
        f"{GUARDED}::test_a_service_that_got_dearer_than_its_own_price_is_hidden_and_told_once",
        Edit(STOCK, "    await margins.tell(session, provider, plan.losses, policy.admins, now)\n", ""),
    ),
    Mutant(
        "what was repriced has its old price again with the next sync",
        f"{GUARDED}::test_by_the_other_rule_it_is_repriced_at_once_and_follows_the_markup_from_then_on",
        Edit(STOCK, 'changes |= {"rate": None, "markup": None}', "changes |= {}"),
    ),
    Mutant(
        "what is repriced is repriced below its cost",
        f"{GUARDED}::test_where_the_providers_own_markup_loses_money_nothing_is_repriced_by_it",
        Edit(MARGINS, "rule == REPRICE and usual >= cost", "rule == REPRICE"),
    ),
    Mutant(
        "a service is shown again at a loss",
        f"{GUARDED}::test_what_is_hidden_by_hand_is_left_alone_and_cannot_be_shown_at_a_loss",
        Edit(OVERRIDES, "if not hidden and row.rate < row.cost:", "if not hidden and row.rate < Money(0):"),
        Edit(TERMS, "        Service.rate >= Service.cost,\n", ""),
    ),
    Mutant(
        "a category is shown again with what loses money",
        f"{GUARDED}::test_a_category_that_is_shown_again_shows_nothing_at_a_loss",
        Edit(TERMS, "        Service.rate >= Service.cost,\n", ""),
    ),
    Mutant(
        "an admin sets a price below the cost",
        f"{KEPT}::test_nothing_is_priced_below_its_cost_or_beyond_all_money",
        Edit(OVERRIDES, "if fresh < row.cost:", "if fresh < Money(0):"),
    ),
    Mutant(
        "a sync overwrites the price that was set while it was at work",
        f"{GUARDED}::test_a_price_set_while_a_sync_is_at_work_is_not_overwritten",
        Edit(OVERRIDES, "    await own_terms.in_turn(write)\n    return await _row(", "    return await _row("),
        engine="postgres",
    ),
    Mutant(
        "a tap that is handed in twice moves a service twice",
        "tests/handlers/test_stocking.py::test_a_tap_handed_in_twice_moves_once",
        Edit("handlers/admin/stocking.py", "if not await actions.taken(write, acting.key):", "if acting.key:"),
    ),
    Mutant(
        "a price that rises comes without notice",
        f"{COMING}::test_a_price_that_rises_waits_and_sites_hear_their_own_of_it_with_its_moment",
        Edit(PRICES, "return notice if on_sale and new > old", "return notice if on_sale and new < old"),
    ),
    Mutant(
        "what nobody can buy waits for its price",
        f"{COMING}::test_what_the_guard_has_hidden_is_priced_and_back_at_once",
        Edit(PRICES, "return notice if on_sale and new > old", "return notice if new > old"),
    ),
    Mutant(
        "an announced price comes before its moment",
        f"{COMING}::test_a_price_comes_when_it_is_due_and_the_log_says_who_set_it_and_when",
        Edit(
            PRICES,
            "    if scheduled is None or scheduled.effective_at > now:\n",
            "    if scheduled is None:\n",
        ),
        Edit("services/scheduled_prices.py", ".where(ScheduledPrice.effective_at <= now)", ""),
    ),
    Mutant(
        "a button calls off another price than the one it was under",
        f"{COMING}::test_a_tap_under_an_older_announcement_does_nothing_to_another",
        Edit(PRICES, " or scheduled.mark != mark", ""),
    ),
    Mutant(
        "a price set at once leaves the one that waited",
        f"{COMING}::test_a_price_that_does_not_rise_is_in_force_at_once_instead_of_what_waited",
        Edit(OVERRIDES, "        await scheduled_prices.drop(write, service_id)\n", ""),
    ),
    Mutant(
        "what was announced does not follow its cost",
        f"{COMING}::test_what_is_worked_out_from_the_cost_follows_it_and_sites_hear_what_comes_then",
        Edit(STOCK, "        await scheduled_prices.follow(session, provider, percent)\n", ""),
    ),
    Mutant(
        "no site hears that an announced price was called off",
        f"{COMING}::test_what_is_called_off_never_comes_and_sites_hear_that_the_rate_stays",
        Edit("services/service_news.py", " or (announced is not None and coming is None)", ""),
    ),
    Mutant(
        "what changes about a service silently takes back what was announced",
        "tests/services/test_service_news.py::test_what_waits_is_told_anew_with_whatever_else_changes",
        Edit("services/service_news.py", "(changed or coming != announced)", "coming != announced"),
    ),
    Mutant(
        "an announced markup: one that raises prices comes without notice",
        f"{AHEAD}::test_one_that_raises_prices_waits_and_sites_hear_their_own_of_it_with_its_moment",
        Edit(MARKUPS, "return notice if effect.raises else", "return notice if not effect.raises else"),
    ),
    Mutant(
        "an announced markup: a rise that rounds to nothing comes without notice",
        f"{AHEAD}::test_a_rise_too_small_to_be_told_in_percent_waits_too",
        Edit(MARKUPS, "return notice if effect.raises else", "return notice if effect.most > 0 else"),
    ),
    Mutant(
        "an announced markup comes before its moment",
        f"{AHEAD}::test_it_comes_once_when_it_is_due_and_the_log_says_who_set_it_and_when",
        Edit(
            MARKUPS,
            "    if scheduled is None or scheduled.effective_at > now:\n",
            "    if scheduled is None:\n",
        ),
        Edit("services/scheduled_markups.py", "ScheduledMarkup.effective_at <= now, ", ""),
    ),
    Mutant(
        "an announced markup: a button calls off another one than it was under",
        f"{AHEAD}::test_a_tap_under_an_older_announcement_does_nothing_to_another",
        Edit(MARKUPS, " or scheduled.mark != mark", ""),
    ),
    Mutant(
        "an announced markup waits on beside one set at once",
        f"{AHEAD}::test_one_that_raises_nothing_is_in_force_at_once_instead_of_what_waited",
        Edit("services/markups.py", "        await scheduled_markups.drop(write, provider)\n", ""),
    ),
    Mutant(
        "an announced markup is told of a service with a price of its own",
        f"{AHEAD}::test_services_with_a_price_of_their_own_are_told_of_nothing",
        Edit("services/service_news.py", "        ServiceOverride.rate.is_(None),\n", ""),
    ),
    Mutant(
        "an announced markup: no site hears that a price set by hand took its place",
        f"{AHEAD}::test_a_service_that_is_given_or_loses_a_price_of_its_own_meanwhile_is_told_anew",
        Edit(OVERRIDES, PUT_WITHIN, PUT_BEFORE),
    ),
]
