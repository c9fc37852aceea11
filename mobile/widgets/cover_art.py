"""Covers: a ground, a pattern and letters, drawn of a few shapes; nobody's artwork."""

import colorsys
from collections.abc import Callable
from typing import Any

from kivy.graphics import (
    Color,
    Ellipse,
    Line,
    PopMatrix,
    PushMatrix,
    RoundedRectangle,
    StencilPop,
    StencilPush,
    StencilUnUse,
    StencilUse,
    Translate,
    Triangle,
)
from kivy.metrics import dp
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from mobile.theme import Theme
from mobile.viewmodel import Cover
from mobile.widgets.look import Dressed


class CoverArt(Dressed, Widget):
    """The generated cover of an item.

    Args:
        cover: what it is drawn from; None for an empty ground (while something loads).
        size: dp of a side.
    """

    def __init__(self, cover: Cover | None = None, *, size: float = 64, **kwargs: Any) -> None:
        self._cover = cover
        self._dp = size
        self._dark = False
        super().__init__(size_hint=(None, None), **kwargs)
        self._letters = Label(bold=True)
        self._place = Translate()
        self.add_widget(self._letters)
        self.bind(pos=self._move, size=self._draw)
        self.wear()

    @property
    def cover(self) -> Cover | None:
        return self._cover

    @cover.setter
    def cover(self, cover: Cover | None) -> None:
        if cover != self._cover:
            self._cover = cover
            self._look_changed()

    def dress(self, theme: Theme) -> None:
        self._dark = theme.dark
        self._empty = theme.raised
        self.size = (dp(self._dp), dp(self._dp))
        self._draw()

    def _move(self, *_: object) -> None:
        """While a list scrolls covers only move: nothing is drawn anew."""
        self._place.xy = self.pos
        self._letters.pos = self.pos

    def _draw(self, *_: object) -> None:
        cover, side = self._cover, self.width
        whole = {"pos": (0, 0), "size": self.size, "radius": [min(dp(12), side * 0.18)]}
        self.canvas.before.clear()
        with self.canvas.before:
            PushMatrix()
            self._place = Translate()
            if cover is None:
                Color(*self._empty)
                RoundedRectangle(**whole)
            else:
                StencilPush()
                RoundedRectangle(**whole)
                StencilUse()
                Color(*ground(cover, dark=self._dark))
                RoundedRectangle(**whole)
                Color(*figure(cover, dark=self._dark))
                _PATTERNS[cover.pattern % len(_PATTERNS)](side)
                StencilUnUse()
                RoundedRectangle(**whole)
                StencilPop()
            PopMatrix()
        self._letters.text = cover.letters if cover is not None else ""
        self._letters.font_size = round(side * 0.36)
        self._letters.color = (1, 1, 1, 0.95)
        self._letters.size = self.size
        self._move()


def ground(cover: Cover, *, dark: bool) -> tuple[float, float, float]:
    """Its ground: dark enough for white letters at any hue."""
    red, green, blue = colorsys.hls_to_rgb(cover.hue, 0.34 if not dark else 0.29, 0.42)
    return red, green, blue


def figure(cover: Cover, *, dark: bool) -> tuple[float, float, float]:
    """Its pattern's colour: mixed with the ground, and opaque.

    Kivy draws see-through lines with a stencil of its own, which would undo ours.
    """
    share = 0.45 if dark else 0.55
    over = colorsys.hls_to_rgb(cover.second, 0.52, 0.5)
    red, green, blue = (
        share * high + (1 - share) * low
        for high, low in zip(over, ground(cover, dark=dark), strict=True)
    )
    return red, green, blue


def _sun(side: float) -> None:
    Ellipse(pos=(side * 0.45, side * 0.4), size=(side * 0.8, side * 0.8))


def _hill(side: float) -> None:
    Ellipse(pos=(-side * 0.3, -side * 0.75), size=(side * 1.6, side * 1.2))


def _slope(side: float) -> None:
    Triangle(points=(0, 0, side, 0, side, side * 0.8))


def _ring(side: float) -> None:
    Line(circle=(side * 0.2, side * 0.2, side * 0.5), width=side * 0.07)


def _stripes(side: float) -> None:
    for at in (0.12, 0.42, 0.72):
        RoundedRectangle(
            pos=(side * at, -side * 0.1),
            size=(side * 0.14, side * (0.35 + at)),
            radius=[side * 0.07],
        )


def _peaks(side: float) -> None:
    Triangle(points=(-side * 0.2, 0, side * 0.3, side * 0.6, side * 0.8, 0))
    Triangle(points=(side * 0.3, 0, side * 0.75, side * 0.4, side * 1.2, 0))


_PATTERNS: tuple[Callable[[float], None], ...] = (
    _sun,
    _hill,
    _slope,
    _ring,
    _stripes,
    _peaks,
)
