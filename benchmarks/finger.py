"""A finger for benchmarks of the app: touches that Kivy takes for real ones."""

from typing import Any


def finger(x: float, y: float) -> Any:
    """A touch at a place in pixels. Kivy's own for tests imports half a test suite meanwhile."""
    from kivy.base import EventLoop
    from kivy.core.window import Window
    from kivy.input.motionevent import MotionEvent

    def part(x: float, y: float) -> dict[str, float]:
        return {"x": x / (Window.width - 1.0), "y": y / (Window.height - 1.0)}

    class Finger(MotionEvent):  # type: ignore[misc]  # Kivy has no types
        def depack(self, args: dict[str, float]) -> None:
            self.sx, self.sy = args["x"], args["y"]
            self.profile = ["pos"]
            super().depack(args)

        def touch_down(self) -> None:
            EventLoop.post_dispatch_input("begin", self)

        def touch_move(self, x: float, y: float) -> None:
            self.move(part(x, y))
            EventLoop.post_dispatch_input("update", self)

        def touch_up(self) -> None:
            EventLoop.post_dispatch_input("end", self)

    return Finger("finger", 1, part(x, y), is_touch=True, type_id="touch")
