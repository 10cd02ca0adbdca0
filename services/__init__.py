"""The shop: rules, money, storage and providers, with no Telegram, web server or human language in it."""
