# Those who sell on: the panel API, webhooks, and what they hear in the chat.

error-not-reseller = { $state ->
    [applied] Your application is being looked at. You will hear as soon as it is decided.
    [refused] Your application was not accepted. Write to support, or apply again with /reseller.
    [suspended] Your reseller account is suspended. Write to support.
   *[stranger] This is for resellers. Apply with /reseller.
}
error-key-gone = This key is no longer in use. Open /reseller and make a new one.
error-keys = You have { $maximum } keys already. Revoke one that you do not need, then make a new one.
error-parameter = The parameter { $name } { $reason ->
    [missing] is missing.
    [whole] is no whole number.
    [amount] is no amount of money.
    [currency] is not the three letters of a currency.
    [long] has signs that cannot be used, or more than { $maximum } of them.
   *[unsupported] is not possible here.
}
error-key-limit = The orders of this key would cost more than the { $limit } that you let it spend in 24 hours.
error-request-taken = This request id stands for another order.
error-type = Orders of the type { $type } cannot be taken.
error-network = <code>{ $text }</code> is neither an IP address nor a network. Write addresses such as 203.0.113.7 or 203.0.113.0/24, with spaces between them.
error-site = { $reason ->
    [empty] Send the address that your site takes messages at, such as https://shop.example.com/webhook.
    [long] This address is too long: at most { $longest } characters.
    [letters] Write the address in plain letters, digits and signs. Other letters of a name have a spelling that begins with xn--.
    [scheme] The address must begin with https://.
    [user] Leave user and password out of the address: messages are signed instead.
    [port] Leave the port out: messages come to the usual one of https, 443.
    [inside] This name is not one of the public internet.
   *[host] The address must name your site, such as https://shop.example.com/webhook; IP addresses will not do.
}
error-no-site = No site is connected yet. Open /reseller and connect one.
error-site-off = Messages to your site are turned off. Turn them on first.
error-delivery-gone = This message was forgotten, or it is on its way already.

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
