"""Words that compare equal where people mean the same, in whatever script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.rank.sources.tokens import phrase_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Björk", ["bjork"]),
        ("AC/DC, Motörhead", ["ac", "dc", "motorhead"]),
        ("Straße", ["strasse"]),
        ("Σωκράτης ΣΩΚΡΆΤΗΣ", ["σωκρατησ"] * 2),
        ("Ёлка йод", ["елка", "иод"]),
        ("İstanbul", ["istanbul"]),
        ("हिन्दी", ["हिन्दी"]),
        ("தமிழ் இசை", ["தமிழ்", "இசை"]),
        ("موسيقى عربية", ["موسيقى", "عربية"]),
        ("아이유 밤편지", ["아이유", "밤편지"]),
        ("東京事変", ["東京", "京事", "事変"]),
        ("がっこう", ["がっ", "っこ", "こう"]),
        ("歌", ["歌"]),
        ("best of 久石譲 2", ["best", "of", "久石", "石譲", "2"]),
        ("ﾊﾟﾌｭｰﾑ", ["パフ", "フュ", "ュー", "ーム"]),
        ("₂ ﬁ Ⅳ", ["2", "fi", "iv"]),
        ("", []),
        ("— ?! 🎷", []),
    ],
)
def test_words_by_hand(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(st.text(max_size=30))
def test_what_was_folded_is_folded(text: str) -> None:
    """Words of a phrase are the words of the text, however it was written."""
    phrase = phrase_of(text)
    assert phrase_of(phrase) == phrase
    assert words_of(phrase) == words_of(text)
    assert words_of(unicodedata.normalize("NFD", text)) == words_of(text)
    assert not any(word == "" or " " in word for word in words_of(text))


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd", "Zs"]), max_size=20))
def test_case_does_not_matter(text: str) -> None:
    assert words_of(text.casefold()) == words_of(text)
