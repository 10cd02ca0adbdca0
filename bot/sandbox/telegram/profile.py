"""The Bot API methods about the bot itself: its names, descriptions, commands and menu button."""

from collections.abc import Sequence
from functools import partial

from bot.sandbox.telegram.call import Call, Handler, Wire, bad_request
from bot.sandbox.telegram.chats import Chats, Person
from bot.sandbox.telegram.entities import utf16_length
from bot.sandbox.telegram.rules import read_commands, read_language

_LENGTHS = {"name": 64, "description": 512, "short_description": 120}
_WIDE_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
_CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}


class Profile:
    """What people see of the bot before it says anything, by language."""

    def __init__(self, bot: Wire, chats: Chats) -> None:
        self.bot = bot
        self.chats = chats
        self._commands: dict[tuple[str, str], list[Wire]] = {}  # by scope and language
        self._words: dict[str, dict[str, str]] = {"name": {"": bot["first_name"]}}
        self._menu_buttons: dict[int, Wire] = {}  # by chat, 0 for all

    def methods(self) -> dict[str, Handler]:
        """The Bot API methods of this part."""
        methods: dict[str, Handler] = {
            "getMe": self.get_me,
            "setMyCommands": self.set_commands,
            "getMyCommands": self.get_commands,
            "deleteMyCommands": self.delete_commands,
            "setChatMenuButton": self.set_menu_button,
            "getChatMenuButton": self.get_menu_button,
            "logOut": lambda call: True,
            "close": lambda call: True,
        }
        for what in _LENGTHS:
            name = what.title().replace("_", "")
            methods[f"setMy{name}"] = partial(self.set_words, what)
            methods[f"getMy{name}"] = partial(self.get_words, what)
        return methods

    def get_me(self, call: Call) -> Wire:
        """getMe."""
        return {
            **self.bot,
            "first_name": self.words("name", [""]),
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    # Names and descriptions

    def set_words(self, what: str, call: Call) -> bool:
        """setMyName, setMyDescription, setMyShortDescription; an empty text takes a language's own away."""
        words = call.text(what)
        if utf16_length(words) > _LENGTHS[what]:
            raise bad_request(f"{what.replace('_', ' ')} is too long")
        language = read_language(call)
        known = self._words.setdefault(what, {})
        if words:
            known[language] = words
        else:
            known.pop(language, None)
        return True

    def get_words(self, what: str, call: Call) -> Wire:
        """getMyName, getMyDescription, getMyShortDescription."""
        return {what: self.words(what, [read_language(call)])}

    def words(self, what: str, languages: Sequence[str]) -> str:
        """The bot's name or description in the first of these languages that has one of its own."""
        known = self._words.get(what, {})
        words = next((known[language] for language in languages if language in known), "")
        return words or (str(self.bot["first_name"]) if what == "name" else "")

    # Commands

    def set_commands(self, call: Call) -> bool:
        """setMyCommands."""
        commands = read_commands(call)
        return self._change(call, commands)

    def delete_commands(self, call: Call) -> bool:
        """deleteMyCommands: people see those of the next wider scope again."""
        return self._change(call, [])

    def get_commands(self, call: Call) -> list[Wire]:
        """getMyCommands: those of exactly this scope and language."""
        return self._commands.get((self._scope(call), read_language(call)), [])

    def _change(self, call: Call, commands: list[Wire]) -> bool:
        key = (self._scope(call), read_language(call))
        before = {person.id: self.commands_for(person) for person in self.chats.people.values()}
        if commands:
            self._commands[key] = commands
        else:
            self._commands.pop(key, None)
        for person in self.chats.people.values():
            if (now := self.commands_for(person)) != before[person.id]:
                self.chats.publish(person.id, {"type": "commands", "commands": now})
        return True

    def commands_for(self, person: Person) -> list[Wire]:
        """The commands a person is offered: the narrowest scope first, their language before everybody's."""
        language = person.language_code.partition("-")[0]
        for scope in (f"chat:{person.id}", "all_private_chats", "default"):
            for code in (language, ""):
                if (commands := self._commands.get((scope, code))) is not None:
                    return commands
        return []

    def _scope(self, call: Call) -> str:
        scope = call.decoded("scope", "BotCommandScope")
        if scope is None:
            return "default"
        if not isinstance(scope, dict):
            raise bad_request("can't parse BotCommandScope: BotCommandScope must be an Object")
        kind = str(scope.get("type", ""))
        if kind in _WIDE_SCOPES:
            return kind
        if kind not in _CHAT_SCOPES:
            raise bad_request("can't parse BotCommandScope: Unsupported type specified")
        chat_id = self.chats.addressed(Call(call.method, {"chat_id": scope.get("chat_id")}), writing=False)
        member = f":{scope.get('user_id')}" if kind == "chat_member" else ""
        return f"{kind}:{chat_id}{member}"

    # The button beside the text field

    def set_menu_button(self, call: Call) -> bool:
        """setChatMenuButton."""
        button = call.decoded("menu_button", "menu button") or {"type": "default"}
        if not isinstance(button, dict) or str(button.get("type")) not in {"default", "commands", "web_app"}:
            raise bad_request("can't parse menu button: MenuButton has unsupported type")
        chat_id = self.chats.addressed(call, writing=False) if call.text("chat_id") else 0
        self._menu_buttons[chat_id] = button
        return True

    def get_menu_button(self, call: Call) -> Wire:
        """getChatMenuButton."""
        everywhere = self._menu_buttons.get(0, {"type": "commands"})
        return self._menu_buttons.get(call.chat_id() or 0, everywhere)
