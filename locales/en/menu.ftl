## The menu, help, commands and the buttons that many screens share.

# The bot's profile, shown before it speaks.
bot-description =
    { $shop }: likes, followers, views and more for your social networks.

    A prepaid wallet, exact prices, and you pay only for what is delivered.
bot-short-description = { $shop }: you pay only for what is delivered.

menu-greeting = 👋 Hi, <b>{ $name }</b>! Welcome to { $shop }.
menu-title = <b>{ $shop }</b>
menu-balance = Balance: <b>{ $balance }</b>
menu-question = What would you like to do?
menu-unknown = Sorry, I did not understand that. Here is what I can do.
menu-outdated = That button was out of date, so here is a fresh menu.

help =
    <b>How it works</b>

    1. Tap <b>New order</b>, pick a service and send your link.
    2. Choose how many. You see the exact price before anything is paid.
    3. Confirm. One card in this chat follows the order until it is done.

    <b>If a server stops half-way</b>
    You pay only for what was delivered. The money for the rest is back in your wallet at once, and one tap orders the rest on another server.

    <b>Commands</b>
    /new – order something
    /orders – your orders
    /wallet – balance and statement
    /finish – finish for me: we order what a server leaves undone
    /settings – quiet hours
    /reseller – sell our services on your own site
    /cancel – stop the order you are making

    Your id: <code>{ $id }</code>
help-support = Questions? Write to { $contact } and give your id.

help-staff = <b>For you who run the shop</b>
help-command = /{ $name } – { $what }

leave-done = Cancelled. Nothing was ordered and nothing was charged.
leave-question = Left as it was: that question is closed, and nothing was changed.
leave-nothing = There is nothing to cancel.

command-start = Open the menu
command-new = Order something
command-orders = Your orders
command-wallet = Balance and statement
command-finish = Finish for me: what a server leaves undone
command-settings = Quiet hours
command-reseller = Sell our services on your own site
command-cancel = Stop the order you are making
command-help = How the shop works

button-new = 🛒 New order
button-orders = 📦 My orders
button-wallet = 👛 Wallet
button-settings = ⚙️ Settings
button-help = ❓ Help
button-menu = 🏠 Menu
button-back = ‹ Back
button-cancel = Cancel
button-support = 💬 Contact support
button-previous = ‹ Page { $page }
button-next = Page { $page } ›

toast-outdated = This button is out of date. Here is a fresh menu.

# A link, short to read and whole to open.
link = <a href="{ $url }">{ $shown }</a>
