## How the shop is set up, and its own words.

staff-settings = How the shop is set up, and its own words
usage-settings = <code>/settings</code> shows how the shop is set up.

shop-settings-title = ⚙️ <b>{ $shop }</b>
shop-settings-currency = Currency { $currency }; more than { $amount } by hand takes two people
shop-settings-undo = One-tap orders can be taken back for { $seconds } seconds
shop-settings-providers = { $count ->
    [0] No provider is set up
    [one] One provider
   *[other] { $count } providers
}
shop-settings-where = These are set in <code>.env</code>; <code>.env.example</code> explains each.

shop-words-title = <b>The shop's own words</b>
shop-words-line = • { $name ->
    [welcome] Welcome, under the greeting
    [rules] Rules, under Help
    [support] Support contact
   *[terms] Terms, under Help
}: { $count ->
    [0] as the shop says it by itself
    [one] written in one language
   *[other] written in { $count } languages
}
shop-words-head = { $name ->
    [welcome] 👋 <b>Welcome</b>
    [rules] 📜 <b>Rules</b>
    [support] 💬 <b>Support contact</b>
   *[terms] ⚖️ <b>Terms</b>
}
shop-words-none = Nothing of your own: the shop says it by itself.
shop-words-plain = { $text }
shop-words-ask = { $name ->
    [support] Send the contact: @name, an https:// address or plain words.
   *[other] Send the words as they should look, bold and links included.
} Language: { $language }. At most { $most } characters.
shop-words-done = ✅ It stands ({ $language }). Customers read it from now on.
ask-words = Shall this stand as { $name ->
    [welcome] the welcome
    [rules] the rules
    [support] the support contact
   *[terms] the terms
} ({ $language })?
log-words = new words for { $name } ({ $language })
log-words-undo = words for { $name } ({ $language }) as they were before
log-words-clear = words for { $name } ({ $language }) left to the shop

button-my-settings = 🌙 My own settings
button-shop-words = { $name ->
    [welcome] 👋 Welcome
    [rules] 📜 Rules
    [support] 💬 Support contact
   *[terms] ⚖️ Terms
}
button-words-write = ✏️ Write ({ $language })
button-words-undo = ↩️ As before
button-words-clear = Leave it to the shop
button-rules = 📜 Rules
button-terms = ⚖️ Terms
