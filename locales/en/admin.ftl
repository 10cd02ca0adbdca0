## For the people who run the shop.

credit-done = ✅ { $amount } was put into the wallet of { $name } (<code>{ $id }</code>).
credit-balance = Balance now: { $balance }
debit-done = ✅ { $amount } was taken out of the wallet of { $name } (<code>{ $id }</code>).

alert-title = 🚨 <b>{ $code ->
    [remains-unreadable] A panel does not say how much is left
    [order-silent] A panel says nothing about an order
    [canceled-but-charged] A panel cancelled an order but still charges for it
    [unknown-status] A panel uses a status word we do not know
    [accepted-late] A panel took an order after it was settled here
    [order-refused] A panel refused an order
    [order-unknown] Nobody knows whether a panel took an order
    [order-given-up] An order could not be verified and was paid back
    [audit-breach] The books are not as they must be: sales are stopped
    [sales-stopped] An admin has stopped sales
    [sales-opened] An admin lets sales go on
    [maintenance-on] The shop is under maintenance
    [restored] The shop was brought back from a backup
    [compared] All is compared: the shop sends and sells again
    [maintenance-off] The shop is open again
    [provider-missing] Orders are open at a provider that is not in the settings
    [orders-stuck] Orders wait, and nobody sends them
    [below-cost-hidden] A panel asks more than our own price: hidden, so that nothing is lost
    [below-cost-repriced] A panel asked more than our own price: repriced, so that nothing is lost
    [price-refused] A price that was announced did not come
    [reckoning] A day with one provider
    [reckoning-off] A provider charged something else than it delivered
    [reckoning-changed] A day with one provider looks different now
    [balance-low] The balance at a provider runs out
    [provider-down] A provider does not answer
    [statuses-mute] A provider answers, but says nothing about orders
    [key-refused] A provider refuses our key
    [partial-wave] A service stops early, again and again
    [outbox-late] Messages go out late
    [job-late] A job of the shop does not come to an end
   *[other] { $name }
}</b>
alert-advice = { $code ->
    [remains-unreadable] It was asked three times. The order stays open and is asked about again. Where you can see the count at the panel, settle it by hand.
    [order-silent] It was asked again and again. The order stays open and is asked about again. Look for it in the panel's own list and enter what was delivered, 0 where it is not there: the rest goes back to the customer.
    [canceled-but-charged] The customer has the money back. Ask the panel for yours.
    [unknown-status] It is treated as still running.
    [accepted-late] The customer has the money back. Cancel it at the panel, or bear the cost.
    [order-refused] The customer has the money back.
    [order-unknown] The money is held and the order is not sent again. Look for it in the panel's own list.
    [order-given-up] The customer has the money back, and the shop bears the risk.
    [audit-breach] Nothing new is sold. Orders under way, refunds and messages go on. <code>python -m bot audit</code> names every broken row; once they are mended or understood, <code>/sales on</code> and a reason lets sales go on.
    [sales-stopped] Nothing new is sold. Orders under way, refunds and messages go on.
    [restored] What happened since the backup is not known here. Nothing is sent to any provider and nothing is sold until an owner says that all is compared. What waited to be sent then may have been sent since: these orders are in doubt, with their money held; decide each under its own alert. Polling, refunds and messages go on.
    [maintenance-on] Customers order nothing and read the message. Orders under way, refunds and messages go on; you can order all the same.
    [provider-missing] What is at the provider is no longer asked about, and nothing is sent. Put the provider back under this name. What never left gives the money back by itself after <code>UNKNOWN_HOURS</code>, or at once by the button.
    [orders-stuck] They should have been sent more than an hour ago: look into the log. What never left gives the money back by itself after <code>UNKNOWN_HOURS</code>, or at once by the button.
    [below-cost-hidden] Nobody can order it until its price is mended, or the panel asks less again. Orders made before keep their price.
    [price-refused] What its panel asks is above it by now, or it is more than money can be counted. The present price stays, and the sites of resellers were told so. Another one can be set on its card.
    [below-cost-repriced] The price set by hand is gone: it follows the panel's markup again. Orders made before keep their price.
    [reckoning] What it charged is what the orders cost.
    [reckoning-off] Compare the orders of that day with the panel's own list.
    [reckoning-changed] You were told of it before; the panel has corrected its orders or their charges since.
    [balance-low] Top it up there. Without money the panel refuses orders, and their customers get the money back.
    [provider-down] Orders for it wait and are sent by themselves once it answers; nothing is lost meanwhile.
    [statuses-mute] Orders there stay as they are, with their money held, until it tells how they stand. Look for them at the panel; the log has its last answer.
    [key-refused] Nothing can be ordered or followed there. Look for the key at the panel, put it into the settings and start the shop again.
    [partial-wave] Customers get back what is missing. Sold no more, it disappoints nobody else; what is under way goes on.
    [outbox-late] Refunds are made all the same; customers hear of them late. Look into the log.
    [job-late] What it does is not done. Look into the log; a start of the shop takes everything up where it was.
   *[other] {""}
}
alert-order = Order #{ $order }{ $attempt ->
    [0] {""}
   *[other] , attempt { $attempt }
}
alert-fact = { $name }: <code>{ $value }</code>

sales-are-on = 🟢 <b>Sales are on</b>
sales-are-off = 🔴 <b>Sales are stopped</b>
    Nothing new is sold. Orders under way, refunds and messages go on.
sales-never-audited = The books have not been audited yet.
sales-audited = Last audit { $at } UTC: everything holds.
sales-audited-broken = Last audit { $at } UTC, broken:
sales-broken = • { $invariant }
sales-turn = { $state ->
    [on] 🟢
   *[off] 🔴
} { $at } UTC, { $name } (<code>{ $id }</code>): { $reason }
sales-turn-audit = { $state ->
    [on] 🟢
   *[off] 🔴
} { $at } UTC, { $by ->
    [audit] the audit
    [shell] the command line
   *[restore] a backup that was brought back
}: { $reason }
sales-no-reason = Please say why, too: the other admins read it here later. For example <code>/sales { $word ->
    [on] on the provider is back
   *[off] off prices are being checked
}</code>. Nothing was changed.
sales-turned-on = 🟢 Sales go on. Owners and managers are told.
sales-turned-off = 🔴 Sales are stopped. Owners and managers are told. Orders under way, refunds and messages go on.
sales-still-broken = ⚠️ The last audit found something broken. As long as it stays as it is, it will not stop sales again.
sales-on-already = Sales are on already. Nothing was changed.
sales-off-already = Sales are stopped already. Nothing was changed.

# An order that only a person can decide.
button-arrived = It is there: enter its id
button-missing = It is not there
button-show-doubt = What we know
button-give-back = Give the money back
button-send-again = Send it again
button-give-up = Give back the money of what never left
button-count = Enter the delivered count

doubt-title = <b>Order #{ $order }</b> · { $status ->
    [unknown] nobody knows whether the panel has it
    [queued] about to be sent
    [placing] being sent
    [placed] followed at the panel
   *[other] closed
}
doubt-where = { $provider }, service <code>{ $service }</code>
doubt-what = { $quantity } for { $charge } to <code>{ $link }</code>
doubt-sent = Sent { $at } UTC, attempt { $attempt }
doubt-evidence = The answer: <code>{ $evidence }</code>
doubt-hint-duplicate = 💡 The panel has since refused { $orders } because an order for this link was active: it probably has this one.
doubt-hint-balance = 💡 Balance at the panel: { $before } before, { $after } after.
doubt-no-hint = There is no hint yet. Look for the link in the panel's own list of orders.
doubt-ask-id = Please send the id that the panel gave order #{ $order }.
doubt-bad-id = That is not an order id. Please send it as the panel shows it, like 70001.
doubt-id-unknown = The panel answers that it has no order <code>{ $id }</code>. Please look again and send the id as the panel shows it.
doubt-id-unchecked = The panel does not say just now whether it has order <code>{ $id }</code>. Please send the id again in a minute.
doubt-overtaken = Order #{ $order } was decided or sent again since that was asked. Nothing more was done.
doubt-arrived = ✅ Order #{ $order } is followed as <code>{ $id }</code> from now on.
doubt-sure = Only go on if you looked at the panel: order #{ $order } is not there. What should become of it?
doubt-given-back = ✅ The money of order #{ $order } is back with the customer.
doubt-sent-again = ✅ Order #{ $order } is being sent again.
stranded-given-back = { $count ->
    [one] ✅ The money of one order is back with its customer.
   *[other] ✅ The money of { $count } orders is back with their customers.
}
stranded-none = Nothing waits there any more that never left. Nothing was changed.
count-ask = How many of order #{ $order } were delivered? Send the number, 0 for none.
count-bad = “{ $text }” is not a count between 0 and what was ordered. Please send the number only.
count-refused = This order is settled, or its panel says by now how much is left. Nothing more was done.
count-done = ✅ Order #{ $order } is settled with { $delivered } delivered.

# How a service fares, in full, under its card.
health-service = 🔧 <b>This week</b>: { $ended } ended, { $completed } of them completed, { $partial } partial, { $canceled } cancelled; { $silent } stand still
health-no-times = Nothing is known of its times yet
health-start = Median time to the start: { $span }
health-finish = Median time to the end: { $span }
health-pace = Pace: { $pace } an hour
health-provider = All of <code>{ $provider }</code>: { $ended } ended, { $completed } completed, { $partial } partial, { $canceled } cancelled; { $silent } stand still
