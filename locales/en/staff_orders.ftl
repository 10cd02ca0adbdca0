## Orders for those who run the shop: found, told whole, refreshed, refunded, called off, sent elsewhere.

staff-orders = The shop's orders, and your own
staff-order = Everything about one order
staff-unknown = Orders that nobody knows to be placed
staff-review = Orders that wait for a count by hand
staff-refund = Give money of an order back
staff-cancel = Cancel an order by its number, or stop the one you are making

usage-orders =
    Usage: <code>/orders [status] [whose]</code>
    Status: open, queued, placing, placed, unknown, rejected, completed, partial, canceled
    Whose: <code>@name</code>, <code>user 1001</code>, <code>service 12</code>, <code>provider north</code>
    Example: <code>/orders partial provider north</code>
usage-order =
    Usage: <code>/order &lt;what is known of it&gt;</code>
    Our number, the link, the customer (id or @name), or the provider's own number; <code>/order #12</code> is our number alone.
usage-unknown = Usage: <code>/unknown</code>
usage-review = Usage: <code>/review</code>
usage-refund =
    Usage: <code>/refund &lt;order&gt; [amount or all] &lt;reason&gt;</code>
    Example: <code>/refund 12 2.50 it came days late</code>
usage-cancel =
    Usage: <code>/cancel &lt;order&gt;</code>
    Alone, <code>/cancel</code> stops the order that you are making.

# Found and listed.
orders-none-found = No order is found by “{ $text }”.
orders-no-such = There is no order #{ $order }.
orders-found = { $more ->
    [yes] <b>The newest { $count } orders for “{ $text }”</b>
   *[no] <b>{ $count } orders for “{ $text }”</b>
}
orders-title = 🗂 <b>Orders of the shop</b>{ $status ->
    [all] {""}
   *[other] {" "}· { $status }
}{ $kind ->
    [u] {" "}· { $which }
    [s] {" "}· service { $which }
    [p] {" "}· { $which }
   *[all] {""}
}
orders-none = There are none.
button-listed = { $status ->
    [completed] ✅
    [partial] 🟡
    [canceled] ➖
    [rejected] ➖
    [unknown] 🔎
   *[open] ⏳
} #{ $order } · { $name } · { $service } · { $delivered } of { $quantity }
button-only = { $status ->
    [all] All
    [open] ⏳ Open
    [partial] 🟡 Stopped early
    [canceled] ➖ Cancelled
   *[completed] ✅ Completed
}
button-own-orders = 📦 My own orders
button-order = 📖 #{ $order }

# The story of one order.
story-title = 📖 <b>Order #{ $order }</b> · { $status }
story-link = 🔗 { $link }
story-customer = 👤 { $name } (<code>{ $id }</code>){ $username ->
    [none] {""}
   *[other] {" "}{ $username }
}
story-upstream = 🏭 { $provider }, service <code>{ $service }</code>{ $id ->
    [none] , no number there
   *[other] , order <code>{ $id }</code>
}
story-word = The provider's word: { $word }
story-closed = Closed: { $at } UTC
story-waits = ⚠️ { $why ->
    [missing] Its provider is not in the settings: nobody asks about it. Look at the panel and enter the count.
    [unreadable] The provider says that it stopped, but not how many are left.
   *[silent] The provider has long said nothing about it.
}
story-part = <b>{ $part ->
    [money] 💵 Money
    [tries] 📤 Attempts
    [told] ✉️ Told to the customer
    [steps] 👣 Steps
    [staff] 🧑‍💼 What the staff did
   *[parts] 🧩 All orders of this goal
}</b>
story-more = … { $count ->
    [one] one more before
   *[other] { $count } more before
}
story-move = { $at } · { $code ->
    [hold] paid into the hold
    [kept] kept by the shop
    [refund] { $from_revenue ->
        [yes] back from what was kept
       *[no] back to the customer
    }
    [loss] written off
   *[other] { $code }
} · <b>{ $amount }</b>{ $by ->
    [none] {""}
   *[other] {" "}· { $by }
}
story-cost = Costs us { $cost }{ $charge ->
    [none] {""}
   *[other] ; the provider charged { $charge } of its money
}
story-lost = Written off: { $lost }
story-sum = { $whole ->
    [yes] ✅
   *[no] 🚨 <b>Ledger and order differ.</b>
} { $open ->
    [yes] paid { $paid } = held { $held } + kept { $kept } + back { $returned }
   *[no] kept { $kept } + back { $returned } = paid { $paid }
}
story-try = { $number } · { $at } · { $outcome ->
    [licensed] no answer yet
    [accepted] accepted
    [rejected] refused
    [unsent] nothing was sent
   *[ambiguous] no clear answer
}
story-evidence = <code>{ $evidence }</code>
story-told = { $at } · { $kind ->
    [completed] complete
    [partial] stopped early
    [canceled] cancelled
    [rejected] not placed
    [corrected] more money back
    [refunded] money back from the shop
    [verifying] being verified
    [clarifying] count being clarified
    [refill] refill
    [guarantee_ends] guarantee ends soon
   *[other] { $kind }
} · { $state ->
    [sent] sent
    [dropped] not delivered
   *[queued] waiting to be sent
}{ $error ->
    [none] {""}
   *[other] {" "}(<code>{ $error }</code>)
}
story-step = { $at } · { $status ->
    [queued] waits to be sent
    [placing] being sent
    [placed] at the provider
    [unknown] in doubt
    [rejected] not placed
    [completed] completed
    [partial] stopped early
   *[canceled] cancelled
}{ $more }
story-step-attempt = {" "}· attempt { $attempt }
story-step-delivered = {" "}· { $delivered } delivered
story-step-back = {" "}· { $refunded } back in all
story-refill = { $at } · refill { $number }: { $state }{ $reason ->
    [none] {""}
   *[other] {" "}({ $reason })
}
story-asked = { $code ->
    [told] 🔄 { $provider } says: <b>{ $word }</b>{ $remains ->
        [unknown] , and not how many are left
       *[other] , { $remains } left
    }
    [silent] 🔄 { $provider } says nothing of this order: <code>{ $text }</code>
    [unreachable] 🔄 { $provider } gave no answer. Nothing has changed. <code>{ $text }</code>
    [missing] 🔄 { $provider } is not in the settings, so it cannot be asked.
   *[unsent] 🔄 { $provider } does not have this order, so it cannot be asked.
}
button-story-part = { $part ->
    [money] 💵 Money
    [tries] 📤 Attempts
    [told] ✉️ Told
    [steps] 👣 Steps
   *[staff] 🧑‍💼 Staff
}
button-ask-now = 🔄 Ask { $provider } now
button-call-off = ✖️ Cancel it
button-give-money = 💵 Give money back
button-resend = 🔁 The rest elsewhere
button-person = 👤 { $name }
button-log = 📜 Log

# Waiting for a person.
unknown-title = 🔎 <b>Orders in doubt</b>, the oldest first
unknown-none = There are none. 👍
review-title = 🧮 <b>Orders that wait for a count</b>, the oldest first
review-none = There are none. 👍
held-line = <b>#{ $order }</b> · for { $span } · { $provider }{ $id ->
    [none] {""}
   *[other] {" "}<code>{ $id }</code>
} · { $quantity } for { $charge } · { $link }
review-why = { $why ->
    [unreadable] It stopped, and how many are left cannot be read.
    [silent] The provider says nothing of it.
   *[missing] Its provider is not in the settings.
}
button-there = It is there
button-not-there = It is not
button-enter-count = 🔢 Count
button-ask-again = 🔄 Ask

# Money back by hand.
refund-question =
    How much of order #{ $order } goes back, and why? Up to { $left }.
    Send it like <code>2.50 it came days late</code>, or <code>all</code> and the reason.
refund-how = Please send the amount or <code>all</code>, then the reason, like <code>2.50 it came days late</code>.
refund-open = { $way ->
    [give_back] Order #{ $order } has not left yet. Cancel it, and all of { $charge } is back at once.
    [ask] Order #{ $order } is under way at { $provider }. Its { $charge } is held: what is not delivered comes back by itself when { $provider } says how it ended. You can ask { $provider } to cancel it.
    [missing] Order #{ $order } is at { $provider }, which is not in the settings: nobody asks about it any more. Look at the panel how many were delivered and enter the count; 0 gives all of { $charge } back.
    [doubt] Nobody knows whether { $provider } has order #{ $order }. Look for it there and decide: if it is not there, all of { $charge } is back.
   *[leaving] Order #{ $order } is being sent to { $provider } just now. Please look again in a minute.
}
refund-done = ✅ { $amount } of order #{ $order } is back with { $name }, who is told. { $reason }
    Came back before: { $before } of { $charge }.
ask-refund = Give <b>{ $amount }</b> of order #{ $order } back to { $name }? They paid { $charge }, { $before } came back before. They read the reason: { $reason }
ask-refund-large = Give <b>{ $amount }</b> of order #{ $order } back to { $name }? They paid { $charge }, { $before } came back before. They read the reason: { $reason }
log-refund = { $amount } of order #{ $order } back to { $name }. { $reason }
log-refund-large = { $amount } of order #{ $order } back to { $name }. { $reason }

# Called off.
call-off = { $way ->
    [give_back] Order #{ $order } has not left yet. Give all of its money back?
    [ask] { $provider } has order #{ $order }. Ask it to cancel? { $promised ->
        [yes] Its catalogue says that this service can be cancelled.
       *[no] Its catalogue does not say that this service can be cancelled, so it will probably refuse.
    } What was delivered until then is paid for; the rest comes back once { $provider } says so.
    [missing] Order #{ $order } is at { $provider }, which is not in the settings, so it cannot be asked. Look at the panel and enter the count: the rest goes back.
    [doubt] Nobody knows whether { $provider } has order #{ $order }, so it can neither be given back nor cancelled. Look for it there and decide.
    [held] A backup was brought back, and nothing is sent to any provider before an owner says that all is compared. Then { $provider } can be asked to cancel order #{ $order }.
    [leaving] Order #{ $order } is being sent to { $provider } just now. Please look again in a minute.
   *[over] Order #{ $order } is over already: there is nothing to cancel. <code>/refund { $order }</code> gives money of it back.
}
button-ask-to-cancel = Ask { $provider } to cancel
called-off = ✅ Order #{ $order } is cancelled, and all of its money is back.
cancel-answer = { $code ->
    [accepted] ✅ { $provider } was asked to cancel and says yes. The money follows as soon as its status says so.
    [refused] ✖️ { $provider } refuses to cancel: <code>{ $text }</code>
   *[silent] ⚠️ { $provider } gave no clear answer; it may have been asked all the same. The order goes on as its status says. <code>{ $text }</code>
}
log-refreshed = { $subject } asked about: { $said ->
    [told] { $word }
   *[other] { $said }
}
log-called-off = { $subject } cancelled before it left: money back
log-cancel-asked = { $subject }: the provider is asked to cancel
log-cancel-answered = { $subject }: { $provider } { $code ->
    [accepted] says that it cancels
    [refused] refuses to cancel: { $text }
   *[silent] gave no clear answer: { $text }
}

# The rest elsewhere.
resend-title = 🔁 <b>The remaining { $remaining } of order #{ $order }</b>
resend-balance = In the customer's wallet: { $balance }, of which { $refunded } came back from this order
resend-way = • { $what } · { $price }
resend-portion = Server { $server } ({ $provider }): { $quantity }
resend-hint = An offer spends nothing: the customer's tap does. Order it for them only if they asked you to: it is paid from their wallet.
resend-none = { $reason ->
    [open] It is still under way.
    [delivered] Nothing is missing.
    [ordered] The rest is on its way already.
    [banned] The customer is banned.
    [site] A reseller's site ordered this. It was told what is missing, and its own customer decides.
    [expired] This one is over: it was for a time that has passed.
    [too_small] The rest is smaller than the smallest order of the other servers.
    [too_large] The rest is larger than the largest order of the other servers.
   *[no_alternative] No other server offers this at the moment.
}
button-offer-it = ✉️ Offer { $server } · { $price }
button-order-it = Order { $server }
ask-offer = Offer { $name } the rest of order #{ $order } for { $price }? { $what }. They get a message with a button, and nothing is bought without their tap.
ask-resend = Order the rest of order #{ $order } for { $name }, for <b>{ $price }</b> from their wallet? { $what }. They are told.
ask-resend-large = Order the rest of order #{ $order } for { $name }, for <b>{ $price }</b> from their wallet? { $what }. They are told.
offered-done = ✅ { $name } is offered the rest of order #{ $order } for { $price }. { $what }
resent-done = ✅ Order #{ $new } is placed for { $name }: the rest of order #{ $order } for { $price }. { $what }
log-offer = the rest of order #{ $order } offered to { $name } for { $price }. { $what }
log-resend = the rest of order #{ $order } ordered for { $name } for { $price }. { $what }
log-resend-large = the rest of order #{ $order } ordered for { $name } for { $price }. { $what }

# What their customers read of it.
refunded-title = 💰 <b>Money back from order #{ $order }</b>
ordered-for-title = 🔁 <b>We ordered the rest of order #{ $order } for you</b>
ordered-for-what = { $orders } for { $price }
ordered-for-text = You asked us to. If that is not so, tap Undo on the order's card, or write to support.

error-refund = { $reason ->
    [open] This order is under way: its money is held until its server says how it ended.
    [nothing] All that this order cost is back already.
    [moved] Some of this order came back since that was asked. Nothing was moved now; { $left } is left. Please ask anew.
   *[much] That is more than is left of this order: { $left } at the most.
}
