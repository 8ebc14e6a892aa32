"""The quick search for texts alike by letters finds what comparing all with all finds."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from knowledge.rows import Row, RowKind
from knowledge.similarity import SAME_LETTERS, SHORTEST_FOR_LETTERS, _by_letters

letters = st.text(alphabet="甲乙丙丁", min_size=SHORTEST_FOR_LETTERS, max_size=60)


@st.composite
def families(draw):
    """A text and some with a few letters gone, new or other."""
    text = draw(letters)
    family = [text]
    for _ in range(draw(st.integers(1, 4))):
        changed = list(text)
        for _ in range(draw(st.integers(1, 4))):
            place = draw(st.integers(0, len(changed) - 1))
            changed[place : place + draw(st.integers(0, 1))] = draw(st.text(alphabet="甲戊己", max_size=1))
            changed = changed or ["甲"]
        family.append("".join(changed))
    return family


@settings(max_examples=200)
@given(st.lists(families(), min_size=1, max_size=4))
def test_every_pair_alike_by_letters_is_found(found):
    texts = list(dict.fromkeys(text for family in found for text in family))
    rows = [Row(entry=n, kind=RowKind.VARIANT, text=text, matched=text) for n, text in enumerate(texts)]

    pairs = {(left, right) for _, left, right in _by_letters(rows, range(len(rows)))}

    assert pairs == {
        (left, right)
        for right in range(len(texts))
        for left in range(right)
        if min(len(texts[left]), len(texts[right])) >= SHORTEST_FOR_LETTERS
        and fuzz.ratio(texts[left], texts[right]) >= SAME_LETTERS
    }
