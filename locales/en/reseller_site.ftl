## The webhook of a reseller's site, and the messages to it.

hook-title = 🔗 <b>Your site's webhook</b>
hook-none =
    No site is connected yet.

    A connected site hears of each change of its orders in the moment it happens: what was delivered, what remains, what came back to your wallet and what to give back to your customer. It can credit them by itself.

    Messages are signed by the Standard Webhooks specification, so your site knows that they are ours.
hook-address = Address: <code>{ $url }</code>
hook-state = { $state ->
    [on] 🟢 Messages are sent.
    [failing] 🔴 Your site does not take the messages. We go on trying, each for three days.
    [gone] ⚪️ Your site answered that it wants no more messages. Turn them on again when it does.
   *[off] ⚪️ Messages are turned off. What becomes of orders meanwhile is not told later; the prices are, once you turn them on.
}
hook-failing = Since: { $at } UTC
hook-overlap = The old secret signs beside the new one until { $at } UTC.
hook-figures = In 24 hours: { $taken } taken, { $failed } given up · waiting: { $waiting }
hook-connected = ✅ <b>Connected.</b> Now copy the secret into your site, then send a test.
hook-moved = ✅ <b>Messages go to this address now.</b> The secret is the same as before.
hook-secret = 🔑 <b>The secret of your webhook</b>
hook-rotated = The old secret signs beside the new one for { $hours } hours: change it on your site in the meantime.
hook-ask-address = At which address does your site take messages? Send it, such as https://shop.example.com/webhook.
hook-ask-rotate = Make a new secret? For 24 hours messages carry both signatures, so none is lost while you change it on your site. Did you make one in the last 24 hours already? Then the one that your site had before it goes on signing, and that newer one ends now.
hook-ask-drop = Disconnect your site? It hears of nothing more, and its messages, also those that wait, are forgotten. Your keys stay.
button-hook-connect = ➕ Connect my site
button-hook-secret = 🔑 Show the secret
button-hook-rotate = 🔄 New secret
button-hook-fresh = 🔄 Yes, a new secret
button-hook-ping = 📨 Send a test
button-hook-messages = 📜 Messages
button-hook-address = ✏️ Other address
button-hook-on = ▶️ Turn on
button-hook-off = ⏸ Turn off
button-hook-drop = ✖️ Disconnect
button-hook-sure = ✖️ Yes, disconnect
toast-hook-on = Messages are sent from now on.
toast-hook-off = No more messages.
toast-hook-sure = Disconnected.

messages-title = 📜 <b>Messages to your site</b>
messages-kept = The last 30 days, the newest first. Tap one to see what it says and what your site answered, and to send it again.
messages-none = Nothing was sent yet.
button-message = { $state ->
    [done] ✅
    [failed] ❌
   *[waiting] ⏳
} { $kind }{ $about ->
    [order] { " " }#{ $order }
   *[shop] { "" }
} · { $span } ago
button-message-again = 🔁 Send again
toast-message-again = On its way, under the same id.
message-title = 📨 <b>{ $kind }</b>
message-key = Id: <code>{ $key }</code>
message-order = Order: #{ $order }
message-written = Written: { $at } UTC
message-state = { $state ->
    [done] ✅ Your site took it: { $at } UTC
    [failed] ❌ Given up: { $at } UTC
   *[waiting] ⏳ Next try: { $at } UTC
}
message-tries = Tries: { $tries }
message-body = <pre>{ $body }</pre>
