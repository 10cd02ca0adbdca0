## What the shop tells somebody of its own accord. The live card of an order is among the orders.

notice-delivered = Delivered: <b>{ $delivered }</b> of { $quantity }
notice-package = A package counts only when it was delivered whole.
notice-refunded = Back in your wallet: <b>{ $refunded }</b>
notice-balance = Balance now: { $balance }

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
rejected-title = ⚠️ <b>Order #{ $order } could not be placed</b>
rejected-reason = { $reason ->
    [bad_link] Server { $server } does not accept this link. Please check that it is public and complete.
    [min_quantity] Server { $server } does not take so few at the moment.
    [max_quantity] Server { $server } does not take so many at the moment.
    [duplicate_link] Server { $server } is still working on another order for this link. Please wait until that one is done.
    [bad_service] Server { $server } has stopped offering this.
    [unreachable] Server { $server } could not be reached.
    [not_taken] Server { $server } did not take the order.
    [unverified] Server { $server } never confirmed that it had taken the order.
   *[other] Server { $server } cannot take this order at the moment.
}
rejected-refunded = All of it is back in your wallet: <b>{ $refunded }</b>

completed-title = ✅ <b>Order #{ $order } is complete</b>
completed-goal-title = ✅ <b>Order #{ $order } is complete, and with it order #{ $goal }</b>

verifying-title = 🔎 <b>Order #{ $order } is being verified</b>
verifying-text = Server { $server } did not confirm the order, so we are checking whether it has it. You need not do anything: it is either delivered or your { $charge } comes back.

corrected-title = 💰 <b>More money back from order #{ $order }</b>
corrected-text = The server corrected its figures after the order was closed.

credited-title = 💰 <b>{ $amount } was added to your wallet</b>
credited-reason = Note: { $reason }
