"""What is around the screens: title and chip, navigation, player, notice, sheets, the back key.

A screen is made when it is first shown; it is told every State while it is in front, and the latest
one when it comes to the front.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Protocol

from kivy.graphics import Color, Rectangle
from kivy.metrics import dp
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from mobile.theme import GAP, MARGIN, READING, WIDE, Role, Theme
from mobile.viewmodel import Phase, State, Wishes
from mobile.widgets import Button, Column, Dressed, House, Icon, Page, Question, Sheet, Text, colour
from mobile.widgets.navigation import Navigation
from mobile.widgets.notice_bar import NoticeBar
from mobile.widgets.top_bar import TopBar

HOME: Final = "for you"

ENTRIES: Final = (
    ("for you", "star-four-points-outline", "For you"),
    ("library", "music-box-multiple-outline", "Library"),
    ("network", "account-group-outline", "Network"),
    ("privacy", "shield-lock-outline", "Privacy"),
    ("settings", "cog-outline", "Settings"),
)
"""Name, sign and word of every screen, in their order"""

FLAT: Final = 560.0
"""dp: in a window that is wider than high and lower than this, navigation stands at the left"""


class Showing(Protocol):
    """A screen, a bar or what opens a sheet: shows a State."""

    def show(self, state: State) -> None: ...


Make = Callable[[Wishes, House], Any]
"""Makes a widget that is `Showing`"""


@dataclass(frozen=True, slots=True)
class Insets:
    """Pixels at the window's edges that belong to the system: its bars, a notch."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


@dataclass(frozen=True, slots=True)
class Parts:
    """How the screens are made; tests put their own in."""

    screens: Mapping[str, Make]
    """By name"""
    why: Make
    """No widget: opens and closes the sheet as the states say"""
    player: Make


def _of(module: str, name: str) -> Make:
    """Imported when it is first wanted, for the first frame's sake."""

    def make(wishes: Wishes, house: House) -> Any:
        return getattr(import_module(f"mobile.screens.{module}"), name)(wishes, house)

    return make


PARTS: Final = Parts(
    screens={
        "for you": _of("for_you", "ForYouScreen"),
        "library": _of("library", "LibraryScreen"),
        "network": _of("network", "NetworkScreen"),
        "privacy": _of("privacy", "PrivacyScreen"),
        "settings": _of("settings", "SettingsScreen"),
    },
    why=_of("why", "WhySheet"),
    player=_of("player", "PlayerBar"),
)


class Shell(Dressed, FloatLayout):
    """The root widget; it is the screens' `House`.

    Args:
        wishes: given on to the screens; told about notices.
        first: shown at once.
        parts: how screens are made.
    """

    def __init__(self, wishes: Wishes, first: State, parts: Parts = PARTS) -> None:
        self._wishes = wishes
        self._parts = parts
        self._state = first
        self._insets = Insets()
        self._made: dict[str, Any] = {}
        self._unseen: list[str] = []
        self._player: Any = None
        self._why: Any = None
        self._sheet: Sheet | None = None
        self._question: Sheet | None = None
        self._notice: NoticeBar | None = None
        self._notice_seen = -1
        super().__init__()
        with self.canvas.before:
            self._paint = Color()
            self._ground = Rectangle()
        self._bar = TopBar(lambda: self.go("network"))
        self._place_for_screen = BoxLayout()
        self._place_for_player = Column(gap=0)
        self._column = BoxLayout(orientation="vertical")
        self._navigation = Navigation(ENTRIES, self.go)
        self._body = BoxLayout()
        self._failure = _Failure(wishes.refresh)
        for widget in (self._bar, self._place_for_screen, self._place_for_player):
            self._column.add_widget(widget)
        self.add_widget(self._body)
        self.bind(pos=self._place, size=self._place)
        self._place_for_player.bind(height=self._place_notice)
        self.wear()
        self.go(HOME)
        self.show(first)

    # -- state ------------------------------------------------------------------------------------

    def show(self, state: State) -> None:
        """Show a State. Cost: that of what changed in what can be seen."""
        self._state = state
        if state.failure:
            self._fail(state.failure)
            return
        if self._failure.parent is not None:
            self.remove_widget(self._failure)
            self._place()
        self._bar.show(state.chip)
        self._screen(self._navigation.here).show(state)
        self._show_player(state)
        self._show_why(state)
        self._show_notice(state)

    @property
    def here(self) -> str:
        """The name of the screen in front."""
        return self._navigation.here

    @property
    def screen(self) -> Any:
        """The screen in front."""
        return self._screen(self.here)

    @property
    def sheet(self) -> Sheet | None:
        """The sheet on top."""
        return self._question if self._question is not None else self._sheet

    # -- the screens' house -----------------------------------------------------------------------

    def go(self, screen: str) -> None:
        """Show a screen."""
        title = next((word for name, _, word in ENTRIES if name == screen), None)
        if title is None:
            raise KeyError(f"there is no screen {screen!r}; there are {[e[0] for e in ENTRIES]}")
        if screen == self._navigation.here and self._place_for_screen.children:
            again = getattr(self._screen(screen), "again", None)
            if again is not None:  # pressed again: screens may go to their beginning
                again()
            return
        self._navigation.here = screen
        self._bar.title = title
        self._place_for_screen.clear_widgets()
        self._place_for_screen.add_widget(self._screen(screen))
        if not self._state.failure:
            self._screen(screen).show(self._state)

    def prepare(self) -> bool:
        """Go a step towards having all screens made; False if there is nothing left to do.

        A step is a screen made, or shown its first State out of sight. Nothing is done before the
        store is open. Cost: tens of ms a step, so only while nothing moves.
        """
        if self._state.failure or self._state.for_you.phase is Phase.LOADING:
            return False
        for name, _, _ in ENTRIES:
            if name not in self._made:
                made = self._screen(name)
                made.size = self._place_for_screen.size
                self._unseen.append(name)
                return True
        if self._unseen:
            self._screen(self._unseen.pop()).show(self._state)
            return True
        return False

    def open_sheet(self, content: Widget, on_closed: Callable[[], object] | None = None) -> None:
        """Show a sheet over everything, instead of the one there may be."""
        replaces = self._sheet is not None
        self.close_sheet()

        def closed() -> None:
            self._sheet = None
            if on_closed is not None:
                on_closed()

        self._sheet = self._raise(content, closed, at_once=replaces)

    def close_sheet(self) -> None:
        """Take away the sheet, and a question over it."""
        self._drop_question()
        if self._sheet is not None:
            sheet, self._sheet = self._sheet, None
            sheet.leave()

    def confirm(
        self,
        title: str,
        text: str,
        action: str,
        on_yes: Callable[[], object],
        *,
        danger: bool = False,
    ) -> None:
        """Ask before something is done."""

        def yes() -> None:
            self._drop_question()
            on_yes()

        self._drop_question()
        question = Question(title, text, action, yes, self._drop_question, danger=danger)
        self._question = self._raise(question, self._drop_question, at_once=False)

    def back(self) -> bool:
        """The back key: closes the sheet on top, or goes home; False if there is neither to do."""
        if self.sheet is not None:
            self.sheet.close()
            return True
        if self.here != HOME and not self._state.failure:
            self.go(HOME)
            return True
        return False

    def _raise(self, content: Widget, closed: Callable[[], None], *, at_once: bool) -> Sheet:
        sheet = Sheet(content, on_closed=closed)
        sheet.bottom = self._insets.bottom
        self.add_widget(sheet)
        sheet.rise(at_once=at_once)
        return sheet

    def _drop_question(self) -> None:
        if self._question is not None:
            question, self._question = self._question, None
            question.leave()

    # -- parts ------------------------------------------------------------------------------------

    def _screen(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._parts.screens[name](self._wishes, self)
        return self._made[name]

    def _show_player(self, state: State) -> None:
        if self._player is None:
            if not state.player.item:
                return
            self._player = self._parts.player(self._wishes, self)
            self._place_for_player.add_widget(self._player)
        self._player.show(state)

    def _show_why(self, state: State) -> None:
        if self._why is None:
            if state.why is None:
                return
            self._why = self._parts.why(self._wishes, self)
        self._why.show(state)

    def _show_notice(self, state: State) -> None:
        notice = state.notice
        shown = self._notice.notice if self._notice is not None else None
        if notice is shown:
            return
        if self._notice is not None:
            self._notice.leave()
            self._notice = None
        if notice is None or notice.id <= self._notice_seen:
            return
        self._notice = NoticeBar(notice, self._undo, self._notice_over)
        self._notice.bind(height=self._place_notice)
        self.add_widget(self._notice)
        self._place_notice()

    def _undo(self, notice: int) -> None:
        self._notice, self._notice_seen = None, notice
        self._wishes.undo(notice)

    def _notice_over(self, notice: int) -> None:
        self._notice, self._notice_seen = None, notice
        self._wishes.dismiss(notice)

    def _fail(self, text: str) -> None:
        self._body.clear_widgets()
        self.close_sheet()
        self._failure.say(text)
        if self._failure.parent is None:
            self.add_widget(self._failure)

    # -- places -----------------------------------------------------------------------------------

    @property
    def insets(self) -> Insets:
        return self._insets

    @insets.setter
    def insets(self, insets: Insets) -> None:
        self._insets = insets
        self._place()

    def dress(self, theme: Theme) -> None:
        self._paint.rgba = colour(theme, "background")
        self._place()

    @property
    def _flat(self) -> bool:
        return bool(self.width > self.height and self.height < dp(FLAT))

    def _place(self, *_: object) -> None:
        self._ground.pos, self._ground.size = self.pos, self.size
        insets, flat = self._insets, self._flat
        if not self._state.failure:
            order = [self._navigation, self._column] if flat else [self._column, self._navigation]
            if self._body.children[::-1] != order:
                self._body.clear_widgets()
                for widget in order:
                    self._body.add_widget(widget)
        self._body.orientation = "horizontal" if flat else "vertical"
        self._navigation.stand(upright=flat, inset=insets.left if flat else insets.bottom)
        left, right = (0.0, insets.right) if flat else (insets.left, insets.right)
        self._body.padding = [left, insets.top, right, insets.bottom if flat else 0.0]
        self._failure.padding = [insets.left, insets.top, insets.right, insets.bottom]
        for sheet in (self._sheet, self._question):
            if sheet is not None:
                sheet.bottom = insets.bottom
        self._place_notice()

    def _place_notice(self, *_: object) -> None:
        notice = self._notice
        if notice is None:
            return
        insets = self._insets
        left = self._navigation.width if self._flat else insets.left
        below = insets.bottom if self._flat else self._navigation.height
        below += self._place_for_player.height
        room = self.width - left - insets.right
        notice.width = min(room - 2 * dp(GAP), dp(READING))
        notice.pos = (
            round(self.x + left + (room - notice.width) / 2),
            round(self.y + below + dp(GAP)),
        )


class _Failure(BoxLayout):
    """The page that stands instead of everything when the app cannot work."""

    def __init__(self, on_again: Callable[[], object]) -> None:
        super().__init__()
        self._text = Text()
        again = Button("Try again", icon="refresh", on_press=on_again)
        sign = Icon("alert-circle-outline", colour="danger", size=44)
        title = Text("web3rec cannot go on", role=Role.TITLE)
        words = Column(sign, title, self._text, again, gap=MARGIN, padding=(0, WIDE, 0, WIDE))
        self.add_widget(Page(words))

    def say(self, text: str) -> None:
        self._text.text = text
