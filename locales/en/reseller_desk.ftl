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
reseller-told = { $how ->
    [approved] ✅ <b>Welcome: you may sell on now.</b> Open your desk to make a key and connect your site.
    [again] ✅ <b>You may sell on again.</b> Your keys open the panel API as before.
    [suspended] ⛔ <b>Your reseller account was suspended.</b> Your keys open nothing any more. Orders that are under way go on, your site still hears how those end, and your money stays yours. To find out why, write to support: Help says how.
   *[refused] Your application to sell on was not accepted. You may apply again with /reseller.
}
button-application-approve = ✅ Approve
button-application-refuse = ✖️ Refuse

# The desk.

desk-title = 🏪 <b>Your reseller desk</b>
desk-balance = 👛 Balance: <b>{ $balance }</b>
desk-tier = 🏷 Tier { $tier }: { $off } % off for orders of your site
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
desk-page = What it takes and answers, with programs: <code>{ $url }</code>
desk-help =
    <b>Connect your site in five minutes</b>

    1. Tap <b>Keys</b>, then <b>New key</b>. Copy it at once: it is shown once.
    2. In your panel script, add a provider of the type “API v2” (also called “Perfect Panel”): paste the API address and the key.
    3. Import the services there. Your prices are those of <b>Prices</b>.
    4. Under <b>Webhook</b>, give the address at which your site takes messages: a Partial is credited to your customer by itself.
    5. Fill up your wallet here: orders are paid from it.
    6. Under <b>Notices</b>, say what you want to hear, and add the bot to your team's group.
button-api-page = 📖 The API, with examples
button-desk-keys = 🔑 Keys
button-desk-hook = 🔗 Webhook
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
reseller-several-title = { $count ->
    [one] 🏪 <b>{ $count } change of your site's orders</b>
   *[other] 🏪 <b>{ $count } changes of your site's orders</b>
}
reseller-several-count = { $status }: { $count }
reseller-several-line = { $corrected ->
    [yes] 💰
   *[no] { $status ->
        [Completed] ✅
        [Partial] ⚠️
        [Canceled] ⚠️
       *[other] ⏳
    }
} <b>#{ $order }</b>{ $named ->
    [yes] {" "}<code>{ $reference }</code>
   *[no] {""}
}: { $status } · { $delivered } of { $quantity }{ $credited ->
    [yes] {" "}· <b>{ $refund }</b> { $corrected ->
        [yes] more back
       *[no] back
    }
   *[no] {""}
} · { $service } · Server { $server }
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
key-once = Copy it now. It is shown this once, and we keep no copy that anybody could read.
key-overlap = The old key works for { $hours } more hours: change it on your site in the meantime.
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
button-key-rotate = 🔄 Exchange for a new one
button-key-revoke = ⛔ Revoke
button-key-sure = ⛔ Yes, revoke it
button-key-networks = 🌐 Allowed addresses
button-key-anywhere = 🌐 Allow from anywhere
button-key-limit = 💰 Spending limit
button-key-unlimited = 💰 No limit
toast-key-revoked = Revoked: it opens nothing any more.
toast-key-changed = Changed.
reseller-no-amount = “{ $text }” is not an amount above zero. Send digits with no sign between thousands, like 1000 or 12.50.
reseller-no-percent = “{ $text }” is not a percentage from 0 to { $most }. Send digits, like 50 or 12.5.

# What is secret: a key, or what messages are signed with.

secret-shown = <code>{ $secret }</code>
secret-saved = Is it on your site? Then take it out of this chat, so that nobody reads it here.
button-copy-secret = 📋 Copy
button-forget = 🗑 Saved: remove it here
toast-forgotten = Removed from this chat.
toast-forget-by-hand = Telegram does not let me remove that message any more. Please delete it by hand.

# Prices, statement, notices, usage.

prices-title = 🏷 <b>Your prices</b>
prices-off = For orders of your site you pay { $off } % less than the shop's prices, which you pay in this chat.
prices-none-off = You pay the shop's prices.
prices-apart = { $count ->
    [one] { $count } service has a discount of its own.
   *[other] { $count } services have a discount of their own.
}
prices-markup = Your markup: <b>{ $markup } %</b>
prices-text = The list holds every service with what you pay for orders of your site and what you sell it for at your markup. Where an order names no price for your customer, refunds for them are worked out from it, too.
prices-markup-question = How many percent above our prices do you sell? Send a number from 0 to 1000.
prices-file = { $count ->
    [one] { $count } service
   *[other] { $count } services
}, prices per 1000 (or per package) in { $currency }
button-prices-csv = 📄 CSV for a spreadsheet
button-prices-json = 📄 JSON
button-prices-markup = ✏️ Change my markup

account-question = 🧾 <b>Statement</b>

    Everything that went into your wallet and out of it, with the number of each order and your own reference. Which days (UTC)?
account-file = { $count ->
    [one] { $count } movement
   *[other] { $count } movements
}, { $first } to { $last } (UTC)
button-account = { $period ->
    [today] Today
    [yesterday] Yesterday
    [last-7d] 7 days
    [last-30d] 30 days
   *[month] This month
}

hearing-title = 🔔 <b>Notices of your site's orders</b>
hearing-level = { $level ->
    [every] You hear: <b>every change</b>
    [ends] You hear: <b>Partial and Canceled only</b>
   *[digest] You hear: <b>a summary once a day</b>
}
hearing-here = In this chat, until you add a group
hearing-rooms = { $count ->
    [one] In { $count } group:
   *[other] In { $count } groups:
}
hearing-room = • { $title }
hearing-low = You are warned when your wallet falls below <b>{ $limit }</b>.
hearing-no-low = No warning for a low balance
hearing-how = To add a group, tap the button below and choose it, or add me there and write <code>/reseller here</code>. <code>/reseller away</code> ends it. Write under your own name: from an anonymous admin I cannot tell that it is you.
hearing-low-question = Below which balance shall I warn you? Send an amount, such as 50.
button-level = { $chosen ->
    [yes] ● { $level ->
        [every] Every change
        [ends] Partial and Canceled only
       *[digest] Once a day
    }
   *[no] ○ { $level ->
        [every] Every change
        [ends] Partial and Canceled only
       *[digest] Once a day
    }
}
button-room-add = ➕ Add a group
button-room-drop = ✖️ { $title }
button-low-balance = 🪫 Low balance
button-low-off = 🪫 No warning

asked-title = { $span ->
    [day] 📈 <b>Today</b> (UTC)
   *[week] 📈 <b>The last 7 days</b> (UTC)
}
asked-orders = Orders: { $orders }, { $spent }
asked-partial = Stopped half-way: { $percent } % of those that ended
asked-asked = <code>{ $action }</code>: { $calls }, refused: { $refused }
asked-none = Your site has not called the API.
button-usage-day = Today
button-usage-week = 7 days

reseller-low-title = 🪫 <b>Your wallet holds { $balance }</b>, less than { $limit }
reseller-low-text = Fill it up, so that your site's orders go on.

group-lost-title = 🔕 <b>“{ $title }” hears nothing of your site's orders any more</b>
group-lost-text = I may not write in this group. Add me to it and let me send messages, then write <code>/reseller here</code> there. Until then you hear of your orders { $left ->
    [0] in this chat.
    [one] in your other group.
   *[other] in your { $left } other groups.
}

# In groups.

group-here = 🔔 This group hears how the orders of your site fare: { $level ->
    [every] every change
    [ends] Partial and Canceled only
   *[digest] a summary once a day
}. <code>/reseller away</code> ends it.
group-away = 🔕 This group hears nothing of your site's orders any more.
