"""The chat and what the provider sees, told as one readable story while it happens."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.panel import PanelSimulator
from bot.sandbox.panel.simulator import Heard
from bot.sandbox.person import plain
from bot.sandbox.world import World

QUIET = {"sendChatAction", "setMyCommands", "setMyName", "setMyDescription", "setMyShortDescription", "getMe"}
FILES = {"sendPhoto": "(a photo)", "sendDocument": "(a document)"}
INDENT = " " * 10


class Transcript:
    """Prints a world's log through `write`, one happening a paragraph; `text` is all of it."""

    def __init__(self, world: World, write: Callable[[str], object]) -> None:
        self._world = world
        self._write = write
        self._names = {person.id: person.name for person in world.telegram.chats.people.values()}
        self._told = 0
        self._last: dict[tuple[int | None, int | None], str] = {}
        self.text = ""
        for panel in world.panels.panels.values():
            panel.listeners.append(self._heard)

    def catch_up(self) -> None:
        """Tell what has happened since."""
        for entry in self._world.telegram.chats.log:
            if entry["n"] > self._told:
                self._told = entry["n"]
                self._tell(entry)

    def line(self, words: str) -> None:
        """One line of the narrator's."""
        self.text += words + "\n"
        self._write(words)

    def _tell(self, entry: dict[str, Any]) -> None:
        who = self._names.get(entry["person"], "")
        match entry["what"]:
            case what if what in QUIET or entry["error"]:
                return
            case "say":
                self._say(who, entry["text"])
            case "press":
                return  # told by the button's words, see tapped
            case "answerCallbackQuery":
                if entry["text"]:
                    self._say("(toast)", entry["text"])
            case "sendMessage" | "editMessageText" | "editMessageReplyMarkup" | "sendPhoto" | "sendDocument" as what:
                self._bot(entry, FILES.get(what, ""), edited=what.startswith("edit"))

    def tapped(self, name: str, label: str) -> None:
        """Somebody tapped a button."""
        self.catch_up()
        self._say(name, f"[taps «{plain(label)}»]")

    def _bot(self, entry: dict[str, Any], file: str, *, edited: bool) -> None:
        rows = ["[" + "] [".join(plain(button) for button in row) + "]" for row in entry["buttons"]]
        words = "\n".join([*([file] if file else []), plain(entry["text"]), *rows]).strip()
        place = (entry["person"], entry["message_id"])
        if words and self._last.get(place) != words:
            self._last[place] = words
            self._say("Shop ✎" if edited else "Shop 🔕" if entry["silent"] else "Shop", words)

    def _say(self, who: str, words: str) -> None:
        first, *others = words.splitlines() or [""]
        self.line("\n".join([f"{who + ':':<{len(INDENT)}}{first}", *(INDENT + other for other in others)]))

    def _heard(self, panel: PanelSimulator, heard: Heard) -> None:
        if heard.action in ("add", "cancel", "refill") or "Partial" in heard.answer or "Cancel" in heard.answer:
            self.catch_up()
            asked = heard.summary.replace("\n", " ⏎ ")
            self.line(f"{INDENT}{INDENT}→ {panel.title}: {heard.action} {asked}  ← {heard.answer}")
