"""A Kivy app that embeds web3rec: a list that answers to every like; see docs/embedding.md.

python examples/kivy_embed/main.py
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kivy.app import App
from kivy.clock import Clock
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.button import Button

from web3rec import Batch, Event, Item, Options, Params, Recommender

TAGS = ("jazz", "raga", "dub", "choir")
ITEMS = [Item(f"trk:{n}", title=f"Track {n}", tags=(TAGS[n % 4],)) for n in range(40)]


def on_window(deliver: Callable[[], None]) -> None:
    """Run something on the window's thread; may be called from any."""
    Clock.schedule_once(lambda _elapsed: deliver())


class EmbedApp(App):  # type: ignore[misc]  # Kivy has no types
    """Five buttons: what is recommended, and why; a tap likes it."""

    def build(self) -> BoxLayout:
        self.rows = BoxLayout(orientation="vertical", padding="8dp", spacing="8dp")
        self.worker = ThreadPoolExecutor(1)  # the SDK may wait for the disk: never on this thread
        self.worker.submit(self.open, Path(self.user_data_dir) / "web3rec")
        return self.rows

    def open(self, store: Path) -> None:
        # Params() as given: a list within some ten ms of a like. The default tunes, for longer.
        self.rec = Recommender.open(store, Options(params=Params(), dispatcher=on_window))
        self.rec.add_items(ITEMS)
        self.rec.subscribe("recommendations_changed", self.changed)
        self.renew()

    def changed(self) -> None:  # on the window's thread, by the dispatcher
        self.worker.submit(self.renew)

    def renew(self) -> None:
        batch = self.rec.recommend(5, words=TAGS)  # words: for whoever has no history yet
        on_window(lambda: self.show(batch))

    def show(self, batch: Batch) -> None:
        self.rows.clear_widgets()
        for one in batch:
            row = Button(text=f"{one.item.title}\n{one.reason}", halign="center")
            row.bind(on_release=lambda _row, item=one.item.id: self.like(item, batch.id))
            self.rows.add_widget(row)

    def like(self, item: str, batch: str) -> None:
        self.worker.submit(self.rec.record, Event.LIKE, item, batch=batch)

    def on_pause(self) -> bool:
        return True  # what was recorded is on the disk; the process may die now

    def on_stop(self) -> None:
        self.worker.submit(lambda: self.rec.close())  # noqa: PLW0108 - it may not have opened


if __name__ == "__main__":
    EmbedApp().run()
