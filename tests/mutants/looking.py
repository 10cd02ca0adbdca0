"""Breaks of the check of a link: where it must not go, and what a page does not say."""

from tests.mutants.mutant import Edit, Mutant

CHECK = "services/link_check.py"
ADDRESSES = "services/public_addresses.py"
TESTS = "tests/services/test_link_check.py"
CAUSES = "tests/services/test_causes.py"
FULFILMENT = "services/fulfilment.py"

MUTANTS = [
    Mutant(
        "one public address of a name vouches for the others",
        f"{TESTS}::test_a_platforms_name_that_leads_inside_is_not_connected_to",
        Edit(ADDRESSES, "if not found or not all(map(", "if not found or not any(map("),
        Edit(ADDRESSES, "return found[0]", "return found[-1]"),
    ),
    Mutant(
        "a name is vetted, then looked up anew to be connected to",
        f"{TESTS}::test_a_name_that_leads_elsewhere_the_second_time_is_asked_for_once",
        Edit(ADDRESSES, "copy_with(host=address, port=HTTPS)", "copy_with(host=host, port=HTTPS)"),
    ),
    Mutant(
        "an address is spoken to by its number",
        f"{TESTS}::test_the_vetted_address_is_spoken_to_by_the_name",
        Edit(ADDRESSES, '"sni_hostname": host}', '"sni_hostname": address}'),
    ),
    Mutant(
        "addresses that carry another in them are public",
        "tests/unit/test_public_addresses.py::test_everything_else_is_not",
        Edit(ADDRESSES, "(found in _INTERNET_6 and found.scope_id is None)", "found.scope_id is None"),
    ),
    Mutant(
        "multicast is public",
        "tests/unit/test_public_addresses.py::test_everything_else_is_not",
        Edit(ADDRESSES, " or found.is_multicast or found.is_reserved", ""),
    ),
    Mutant(
        "a host that ends like a platform's is the platform's",
        f"{TESTS}::test_no_spelling_of_a_host_gets_past_the_list_of_platforms",
        Edit(CHECK, 'host.endswith(f".{domain}")', "host.endswith(domain)"),
    ),
    Mutant(
        "a redirect leads anywhere",
        f"{TESTS}::test_each_answer_has_its_code",
        Edit(CHECK, "if onward is None or onward.platform != page.platform:", "if onward is None:"),
    ),
    Mutant(
        "a page is read to its end",
        f"{TESTS}::test_what_lies_behind_the_cap_is_not_read",
        Edit(CHECK, "        if len(body) >= CAP:\n            break\n", ""),
    ),
    Mutant(
        "what was answered in time waits for what was not",
        f"{TESTS}::test_the_deadline_is_for_all_links_together_and_the_quick_ones_are_told",
        Edit(
            CHECK, "asyncio.timeout(self._deadline), asyncio.TaskGroup()", "asyncio.timeout(None), asyncio.TaskGroup()"
        ),
    ),
    Mutant(
        "nobody looks at the link of an order that stopped",
        f"{CAUSES}::test_the_first_notice_says_what_the_links_page_says",
        Edit(FULFILMENT, "if pages is None else _links_of_stopped(page, news, client)", "if True else {}"),
    ),
    Mutant(
        "whoever moves waits for the pages of whoever stopped",
        f"{CAUSES}::test_who_moves_is_told_before_anybody_is_looked_at",
        Edit(FULFILMENT, "for order, answer in news.items() if order not in links}", "for order, answer in ()}"),
        Edit(FULFILMENT, "stopped = {order: news[order] for order in links}", "stopped = news"),
    ),
    Mutant(
        "a link is looked at inside a transaction",
        f"{CAUSES}::test_the_page_is_looked_at_outside_of_any_transaction",
        Edit(
            FULFILMENT,
            "        codes = await pages.codes(set(links.values()))\n",
            "        async with db.write() as session:\n"
            "            await session.run(update(Order).values(delivered=Order.delivered))\n"
            "            codes = await pages.codes(set(links.values()))\n",
        ),
    ),
    Mutant(
        "the rest of what went to a dead link is offered",
        f"{CAUSES}::test_the_first_notice_says_what_the_links_page_says",
        Edit("services/closing.py", 'if cause.code == "target_gone"}', 'if cause.code == "nothing"}'),
    ),
    Mutant(
        "the rest goes to a link that is still private",
        "tests/handlers/test_rest.py::test_a_private_link_buys_nothing_until_it_is_public",
        Edit("handlers/customer/rest.py", 'if code in ("private", "gone"):', 'if code == "gone":'),
    ),
    Mutant(
        "what was seen of a link counts for ever",
        f"{CAUSES}::test_what_was_seen_long_ago_counts_no_more",
        Edit(
            "services/causes.py",
            "CheckedLink.link.in_(links), CheckedLink.checked_at >= now - JUST_NOW",
            "CheckedLink.link.in_(links)",
        ),
    ),
    Mutant(
        "any status is believed",
        "tests/unit/test_page_signs.py::test_any_other_status_says_nothing",
        Edit("services/page_signs.py", "if status != 200 or not headers", "if not headers"),
    ),
]
