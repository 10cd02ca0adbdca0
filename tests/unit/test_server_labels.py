"""Servers are known by letters: found in names, given out without ever giving one twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import server_labels

LABELS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=2)


@pytest.mark.parametrize(
    ("name", "left", "letters"),
    [
        ("Instagram Likes | Real | Server A", "Instagram Likes | Real", "A"),
        ("Instagram Likes | Server B | Real", "Instagram Likes | Real", "B"),
        ("Server C - Instagram Likes", "Instagram Likes", "C"),
        ("[Server D] Likes", "Likes", "D"),
        ("Likes (SERVER e)", "Likes", "E"),
        ("Likes ~ server-F", "Likes", "F"),
        ("Likes | Server AB", "Likes", "AB"),
        ("Likes | Server 3 | 30-60 days", "Likes | 30-60 days", None),
        ("Likes | Server A+", "Likes | +", "A"),
        ("Server A", "", "A"),
        ("Likes | 30-60 days", "Likes | 30-60 days", None),
        ("Server is fast", "Server is fast", None),
        ("Observer A", "Observer A", None),
        ("Likes | Server", "Likes | Server", None),
        ("Likes | Server Abc", "Likes | Server Abc", None),
    ],
)
def test_the_server_word_leaves_the_name_and_its_letters_are_kept(name: str, left: str, letters: str | None) -> None:
    assert server_labels.read(name) == (left, letters)


def test_wishes_come_first_and_everybody_else_gets_the_next_free_letter() -> None:
    taken = {"C"}
    wishes = [("none", None), ("b", "B"), ("late b", "B"), ("taken", "C"), ("a", "A")]
    assert server_labels.assign(wishes, taken) == {"b": "B", "a": "A", "none": "D", "late b": "E", "taken": "F"}
    assert taken == set("ABCDEF")


def test_after_z_comes_aa() -> None:
    given_out = server_labels.assign([(str(number), None) for number in range(28)], set())
    assert [given_out[str(number)] for number in (0, 25, 26, 27)] == ["A", "Z", "AA", "AB"]


@given(st.lists(st.none() | LABELS, max_size=40), st.sets(LABELS, max_size=40))
def test_nobody_shares_a_letter(wishes: list[str | None], taken: set[str]) -> None:
    before = set(taken)
    asked = [(str(place), wish) for place, wish in enumerate(wishes)]
    given_out = server_labels.assign(asked, taken)
    assert set(given_out) == {key for key, _ in asked}
    assert len(set(given_out.values())) == len(given_out)
    assert before.isdisjoint(given_out.values())
    assert taken == before | set(given_out.values())


@given(LABELS, LABELS)
def test_ranks_order_shorter_labels_first_and_then_by_the_alphabet(one: str, other: str) -> None:
    ranks = (server_labels.rank(one), server_labels.rank(other))
    assert (ranks[0] < ranks[1]) == ((len(one), one) < (len(other), other))
    assert server_labels.rank("A") == 1
