"""Text into words that compare equal where people mean the same, in any script.

Unicode's compatibility forms are unified (NFKC) and case is folded. Words are runs of letters,
marks and digits: marks belong to them, else the vowels of Devanagari or Tamil would cut words.
Accents of Latin, Greek and Cyrillic letters are dropped, because people leave them out when they
type; the marks of other scripts are letters in their own right and stay. Scripts that put no
spaces between words are cut into overlapping pairs of characters, as search engines do.
"""

import re
import unicodedata
from typing import Final

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_UNSPACED: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U000323af]+)"
)
"""Thai, Lao, Burmese, Khmer, kana and Han; Korean has spaces."""


def words_of(text: str) -> list[str]:
    """The words of a text, in order, repeated where they are.

    >>> words_of("Beyoncé & JAY-Z: ＡＰＥＳＨＩＴ (2018)")
    ['beyonce', 'jay', 'z', 'apeshit', '2018']
    >>> words_of("हिन्दी संगीत, 日本語")
    ['हिन्दी', 'संगीत', '日本', '本語']

    Cost: O(characters).
    """
    found: list[str] = []
    for run in _spaced(text).split():
        for at, piece in enumerate(_UNSPACED.split(run)):
            if at % 2 == 0:
                found += [piece] if piece else []
            elif len(piece) == 1:
                found.append(piece)
            else:
                found += [piece[n : n + 2] for n in range(len(piece) - 1)]
    return found


def phrase_of(text: str) -> str:
    """A text as one term, so that a whole tag or title can be told from its words; "" if wordless.

    >>> phrase_of("  Female   VOCALISTS")
    'female vocalists'
    """
    return " ".join(_spaced(text).split())


def _spaced(text: str) -> str:
    """Folded, and a space for everything that is in no word."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    whole = unicodedata.normalize("NFKC", bare).casefold()
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in whole)
