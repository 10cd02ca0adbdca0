"""Documents that no panel would send and any panel might."""

from hypothesis import strategies as st

KEYS = (
    *("error", "status", "order", "remains", "charge", "start_count", "1", "2", "cancel", "refill", "message"),
    *("data", "service", "name", "rate", "min", "max", "category", "balance", "currency"),
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["Partial", "Error", "1", "-1", "Unknown", "", "<b>", "1e9"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=12,
)
"""Any JSON as `panel_values.load` gives it, in the words of the panel API."""
