"""The app's own widgets, which all take their colours and sizes from the look in force."""

from mobile.widgets.buttons import Button, IconButton
from mobile.widgets.choice import Choice
from mobile.widgets.controls import Bar, Level, Toggle
from mobile.widgets.cover_art import CoverArt
from mobile.widgets.field import Field
from mobile.widgets.holding import Listing, hold
from mobile.widgets.house import House
from mobile.widgets.icons import ICONS, Icon
from mobile.widgets.layout import Card, Column, Flow, Gap, Hairline, Strip
from mobile.widgets.look import LOOK, Dressed, colour, grown
from mobile.widgets.page import Page, Pair, RowLine, Section
from mobile.widgets.pressing import Pressable
from mobile.widgets.row_list import Row, RowList
from mobile.widgets.scrolling import Scroller
from mobile.widgets.sheet import Question, Sheet
from mobile.widgets.tag import Tag
from mobile.widgets.text import Text

__all__ = [
    "ICONS",
    "LOOK",
    "Bar",
    "Button",
    "Card",
    "Choice",
    "Column",
    "CoverArt",
    "Dressed",
    "Field",
    "Flow",
    "Gap",
    "Hairline",
    "House",
    "Icon",
    "IconButton",
    "Level",
    "Listing",
    "Page",
    "Pair",
    "Pressable",
    "Question",
    "Row",
    "RowLine",
    "RowList",
    "Scroller",
    "Section",
    "Sheet",
    "Strip",
    "Tag",
    "Text",
    "Toggle",
    "colour",
    "grown",
    "hold",
]
