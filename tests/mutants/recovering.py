"""Breaks of maintenance, backups and what follows when one is brought back."""

from tests.mutants.mutant import Edit, Mutant

QUOTES = "services/quotes.py"
SWITCHES = "services/switches.py"
MAINTAINED = (
    "tests/services/test_maintenance.py::test_while_it_is_on_customers_order_nothing_and_what_was_ordered_goes_on"
)
BY_ITSELF = "tests/services/test_maintenance.py::test_the_shop_itself_orders_no_rest_and_offers_none_while_it_is_on"

MUTANTS = [
    Mutant(
        "maintenance keeps no customer from buying",
        MAINTAINED,
        Edit(QUOTES, "if not (row.sales and (row.ordering or staff)):", "if not row.sales:"),
    ),
    Mutant(
        "the shop orders by itself under maintenance",
        BY_ITSELF,
        Edit(SWITCHES, "select(and_(stands(SALES), stands(ORDERING)))", "select(and_(stands(SALES)))"),
    ),
]
