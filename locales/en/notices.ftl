## What the shop tells somebody of its own accord. The live card of an order is among the orders.

notice-delivered = Delivered: <b>{ $delivered }</b> of { $quantity }
notice-package = A package counts only when it was delivered whole.
notice-refunded = Back in your wallet: <b>{ $refunded }</b>
notice-balance = Balance now: { $balance }
notice-not-known = Delivered: not known yet, of { $quantity }
notice-held = Held until then: <b>{ $charge }</b>

partial-title = ⚠️ <b>Order #{ $order } stopped early</b>
partial-cause = { $cause ->
    [expired] Its last day has passed.
    [unclear] We could not tell why: Server { $server } gave no reason and we found none, so please check that your link is public.
   *[other] { $sure ->
        [sure] Reason
       *[likely] Likely reason
    }: { $cause ->
        [target_private] your link is private now, and nothing can be delivered to it until it is public.
        [target_gone] there is nothing behind your link any more, so please check it before you order again.
        [target_renamed] your link leads to another name now, so please order with the new link next time.
        [target] the link itself; orders for it stopped on another server as well.
        [overloaded] Server { $server } is overloaded; other orders on it stopped today as well.
        [provider_trouble] Server { $server } has technical trouble at the moment.
        [limits] the platform holds back what is sent to this link, or Server { $server } has no more to give it.
        [not_the_link] Server { $server } ran short; your link is public and in order.
       *[other] Server { $server } ran short, or something about the link has changed.
    }
}

canceled-title = ⚠️ <b>Order #{ $order } was cancelled by the server</b>
rejected-title = { $reason ->
    [called_off] ➖ <b>Order #{ $order } was taken back</b>
   *[other] ⚠️ <b>Order #{ $order } could not be placed</b>
}
rejected-reason = { $reason ->
    [bad_link] Server { $server } does not accept this link. Please check that it is public and complete.
    [min_quantity] Server { $server } does not take so few at the moment.
    [max_quantity] Server { $server } does not take so many at the moment.
    [duplicate_link] Server { $server } is still working on another order for this link. Please wait until that one is done.
    [bad_service] Server { $server } has stopped offering this.
    [unreachable] Server { $server } could not be reached.
    [not_taken] Server { $server } did not take the order.
    [called_off] The shop took it back before it was sent to a server.
    [unverified] Server { $server } never confirmed that it had taken the order.
   *[other] Server { $server } cannot take this order at the moment.
}
rejected-refunded = All of it is back in your wallet: <b>{ $refunded }</b>

completed-title = ✅ <b>Order #{ $order } is complete</b>
completed-goal-title = ✅ <b>Order #{ $order } is complete, and with it order #{ $goal }</b>

verifying-title = 🔎 <b>Order #{ $order } is being verified</b>
verifying-text = Server { $server } did not confirm the order, so we are checking whether it has it. You need not do anything: it is either delivered or your money comes back.

clarifying-title = 🔎 <b>Order #{ $order } stopped, and its count is being clarified</b>
clarifying-text = Server { $server } says that it stopped, but not how many it delivered, so we are finding that out. Your money is safe: you pay for what was delivered, the rest comes back, and we tell you both. You need not do anything.

corrected-title = 💰 <b>More money back from order #{ $order }</b>
corrected-text = The server corrected its figures after the order was closed.

refill-title = { $state ->
    [sent] ♻️ <b>Refill of order #{ $order } is on its way</b>
    [done] ✅ <b>Refill of order #{ $order } is done</b>
    [rejected] ⚠️ <b>No refill of order #{ $order } for now</b>
   *[unknown] ⚠️ <b>Refill of order #{ $order }: no answer</b>
}
refill-text = { $state ->
    [sent] Server { $server } has taken your report and brings back what dropped. Usually that takes a few days; you need not do anything.
    [done] Server { $server } says that what dropped is back. Please check the count.
   *[other] { $reason ->
        [too_early] Server { $server } takes the next request for this order later.
        [running] Server { $server } says that a refill of this order is running already.
        [over] Server { $server } says that the guarantee of this order has ended.
        [no_drop] Server { $server } sees no drop below what you ordered. If the count falls further, report it again.
        [not_eligible] Server { $server } says that this order cannot be refilled at the moment. Often the count has not dropped enough yet, or the link is not public.
        [declined] Server { $server } looked at it and declined. Please check that your link is public and has its old name.
        [unreachable] Server { $server } could not be reached, so nothing was asked. Please try again later.
        [unclear] Server { $server } did not confirm your report. It may have it all the same, so we do not send it twice.
        [silent] Server { $server } never said that it is done. Please check the count and report the drop again if it is still low.
       *[other] Server { $server } cannot do it at the moment.
    }
}
guarantee-ends-title = ⏳ <b>The guarantee of order #{ $order } ends on { $day }</b>
guarantee-ends-text = Delivered: <b>{ $delivered }</b>. If the count has dropped since, report it before the guarantee ends, and the server brings it back free of charge.
refill-again = You can ask again from { $at } UTC.
refill-until = Guaranteed until { $day }.

credited-title = 💰 <b>{ $amount } was added to your wallet</b>
debited-title = 💸 <b>{ $amount } was taken out of your wallet</b>
credited-reason = Note: { $reason }

# Several notices in one message: a headline with the counts, then a line for each order.
digest-title = { $count ->
    [one] 📬 <b>News of { $count } order</b>
   *[other] 📬 <b>News of { $count } orders</b>
}
digest-count = { $count } { $what ->
    [completed] complete
    [partial] stopped early
    [canceled] cancelled by the server
    [rejected] not placed
    [verifying] being verified
    [clarifying] being clarified
   *[corrected] corrected
}
digest-separator = {" "}·{" "}
digest-refunded = Back in your wallet in all: <b>{ $refunded }</b>
digest-line = { $what ->
    [completed] ✅
    [verifying] 🔎
    [clarifying] 🔎
    [corrected] 💰
   *[other] ⚠️
} <b>#{ $order }</b> { $what ->
    [completed] complete{ $with_it ->
        [yes] , and with it #{ $goal }
       *[no] {""}
    }: { $delivered } of { $quantity }
    [partial] stopped early: { $delivered } of { $quantity }
    [canceled] cancelled: { $delivered } of { $quantity }
    [rejected] not placed{ $reason ->
        [called_off] {" "}(taken back by the shop)
        [bad_link] {" "}(link not accepted)
        [min_quantity] {" "}(too few for it)
        [max_quantity] {" "}(too many for it)
        [duplicate_link] {" "}(another order for this link is open)
        [bad_service] {" "}(no longer offered)
        [unreachable] {" "}(server not reached)
       *[other] {" "}(server did not take it)
    }: 0 of { $quantity }
    [verifying] being verified: { $money } held
    [clarifying] stopped, count being clarified: { $money } held
   *[corrected] corrected: { $delivered } of { $quantity }
}{ $what ->
    [verifying] {""}
    [clarifying] {""}
   *[other] { $credited ->
        [yes] {" "}· { $money } back
       *[no] {""}
    }
}{ $goes_on ->
    [yes] {" "}· 🤝 we order the rest now
   *[no] {""}
} · { $service } · Server { $server }
button-of = #{ $order }: { $label }
button-digest-why = Why #{ $order }?
