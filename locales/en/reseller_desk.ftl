## Applying to sell on, the reseller's desk, and what their chats hear.

# Asking to sell on, and what becomes of it.

reseller-intro =
    🏪 <b>Sell our services on your own site</b>

    Your site orders here by itself through the panel API that most scripts speak. You pay the wholesale price from your wallet and set your own.

    • If a server stops half-way, the money for the rest is back in your wallet at once.
    • Your site hears of it in the same moment and can credit your customer by itself.
    • Status notices in Telegram, in as many groups as you like.
reseller-standing = { $state ->
    [applied] ⏳ Your application is being looked at. You will hear here as soon as it is decided.
    [refused] Your application was not accepted. You may apply again, and say more about where you sell.
   *[suspended] Your reseller account is suspended. Please write to support.
}
reseller-about-question = <b>Where do you sell, and what?</b>

    One message is enough: the address of your site or channel, the services, and about how many orders a day.
reseller-about-again = Please say it in { $least } to { $most } characters: where you sell, and what.
button-apply = ✍️ Apply
button-reseller = 🏪 Open my desk

application-title = 🏪 <b>{ $name } wants to sell on</b> (<code>{ $id }</code>)
application-username = @{ $username }
application-about = “{ $about }”
application-stands = { $state ->
    [approved] ✅ Approved by { $by }
    [refused] ✖️ Refused by { $by }
    [suspended] ⛔ Suspended by { $by }
   *[applied] A later application of theirs waits.
}
application-gone = There is no such application.
application-approved = ✅ <b>Welcome: you may sell on now.</b> Open your desk to make a key and connect your site.
application-refused = Your application to sell on was not accepted. You may apply again with /reseller.
button-application-approve = ✅ Approve
button-application-refuse = ✖️ Refuse

# The desk.

desk-title = 🏪 <b>Your reseller desk</b>
desk-balance = 👛 Balance: <b>{ $balance }</b>
desk-tier = 🏷 Tier { $tier }: { $off } % off
desk-no-tier = 🏷 No tier: the shop's prices
desk-keys = { $count ->
    [0] 🔑 No key yet
    [one] 🔑 { $count } key
   *[other] 🔑 { $count } keys
}
desk-used = The last call was { $span } ago.
desk-hook = { $state ->
    [none] 🔗 No webhook
    [on] 🔗 Webhook: on
    [off] 🔗 Webhook: off
    [failing] 🔗 Webhook: your site does not answer
   *[gone] 🔗 Webhook: your site said that it is gone
}
desk-chats = 🔔 { $level ->
    [every] Every change
    [ends] Partial and Canceled only
   *[digest] Once a day
}, { $count ->
    [0] in this chat
    [one] in one group
   *[other] in { $count } groups
}
desk-today = <b>Today</b>: orders: { $orders }, { $spent }
desk-ends = Completed: { $completed } · Partial: { $partial } · Canceled: { $canceled }
desk-refunded = Back in your wallet: { $refunded }
desk-calls = API calls: { $calls }, refused: { $refused }
desk-address = API: <code>{ $url }</code>
desk-help =
    <b>Connect your site in five minutes</b>

    1. Tap <b>Keys</b>, then <b>New key</b>. Copy it at once: it is shown once.
    2. In your panel script, add a provider of the type “API v2” (also called “Perfect Panel”): paste the API address and the key.
    3. Import the services there. Your prices are those of <b>Prices</b>.
    4. Fill up your wallet here: orders are paid from it.
    5. Under <b>Notices</b>, say what you want to hear, and add the bot to your team's group.
button-api-page = 📖 The API, with examples
button-desk-keys = 🔑 Keys
button-desk-prices = 🏷 Prices
button-desk-statement = 🧾 Statement
button-desk-hearing = 🔔 Notices
button-desk-usage = 📈 Usage

# How an order of a site fares, in the chats of its reseller; the statuses are the panel API's own words.

reseller-news-title = { $status ->
    [Completed] ✅
    [Partial] ⚠️
    [Canceled] ⚠️
   *[other] ⏳
} <b>Order #{ $order }: { $status }</b>
reseller-news-corrected = 💰 <b>More back from order #{ $order }: { $status }</b>
reseller-news-reference = Your reference: <code>{ $reference }</code>
reseller-news-count = Delivered: <b>{ $delivered }</b> of { $quantity } · remains: { $remains }
reseller-news-money = Refund: <b>{ $refund }</b> · kept: { $kept } of { $charge }
reseller-news-charge = Charge: { $charge }
reseller-day-title = 🏪 <b>Your site on { $day }</b>
reseller-day-orders = New orders: { $orders }, { $spent }
reseller-day-ends = Completed: { $completed } · Partial: { $partial } · Canceled: { $canceled }
reseller-day-refunded = Back in your wallet: <b>{ $refunded }</b>

# Keys.

keys-title = 🔑 <b>Keys of the API</b>
keys-none = You have no key yet. Make one, and paste it into your site.
keys-line = <code>{ $hint }…</code> · { $used }
key-used = used { $span } ago
key-unused = not used yet
key-title = 🔑 <b>Key <code>{ $hint }…</code></b>
key-made = Made { $at } UTC
key-ends = Another key took its place; this one works until { $at } UTC.
key-networks = May be used from: <code>{ $networks }</code>
key-anywhere = May be used from anywhere
key-limit = Orders of 24 hours: { $spent } of { $limit }
key-no-limit = Orders of 24 hours: { $spent }, no limit
key-shown = 🔑 <b>Your new key</b>
key-secret = <code>{ $secret }</code>
key-once = Copy it now. It is shown this once, and we keep no copy that anybody could read.
key-overlap = The old key works for { $hours } more hours: change it on your site in the meantime.
key-saved = Is it on your site? Then take it out of this chat, so that nobody reads it here.
key-ask-networks =
    From which addresses may <code>{ $hint }…</code> be used?

    Send the IP addresses or networks of your site, with spaces between them, such as 203.0.113.7 or 203.0.113.0/24.
key-ask-limit = How much may the orders of <code>{ $hint }…</code> cost in any 24 hours? Send an amount, such as 100.
key-ask-revoke = Revoke <code>{ $hint }…</code>? Sites that use it can order nothing from now on.
button-key = { $ends ->
    [yes] ⏳ { $hint }…
   *[no] 🔑 { $hint }…
}
button-key-new = ➕ New key
button-key-copy = 📋 Copy the key
button-key-forget = 🗑 Saved: remove it here
button-key-rotate = 🔄 Exchange for a new one
button-key-revoke = ⛔ Revoke
button-key-sure = ⛔ Yes, revoke it
button-key-networks = 🌐 Allowed addresses
button-key-anywhere = 🌐 Allow from anywhere
button-key-limit = 💰 Spending limit
button-key-unlimited = 💰 No limit
toast-key-revoked = Revoked: it opens nothing any more.
toast-key-changed = Changed.
toast-forgotten = Removed from this chat.
toast-forget-by-hand = Telegram does not let me remove that message any more. Please delete it by hand.
reseller-no-amount = “{ $text }” is not an amount above zero. Send digits and a point, like 100 or 12.50.
reseller-no-percent = “{ $text }” is not a percentage from 0 to { $most }. Send digits, like 50 or 12.5.
