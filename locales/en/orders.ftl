## Making an order, its quote, its live card, and the history.

# What is being ordered: the head of every question and of the quote.
ordering = <b>{ $category }</b> · Server { $server }
ordering-link = 🔗 { $link }
ordering-quantity = Quantity: <b>{ $quantity }</b>

# A quantity in a unit of its own.
amount = { $unit ->
    [package] { $quantity ->
        [one] { $quantity } package
       *[other] { $quantity } packages
    }
   *[post] { $quantity ->
        [one] { $quantity } post
       *[other] { $quantity } posts
    }
}

link-question = 🔗 Send the link it is for.
link-question-platform = 🔗 Send the { $platform } link it is for.
profile-question = 👤 Whose new posts is it for? Send the username, like @name, or the link of the profile.
link-example = Example: <code>{ $example }</code>
link-kept = You gave this link before: { $link }
button-keep-link = Keep this link
link-not-text = Please send the link as text.

quantity-question = { $unit ->
    [post] How many new posts? Send a number from { $min } to { $max }, or tap one of these. Posts that do not come by the end are paid back.
   *[other] How many? Send a number from { $min } to { $max }, or tap one of these.
}
quantity-kept = You chose { $quantity } before.
quantity-not-text = Please send the number as text.
button-quantity = { $quantity } · { $price }

# The further questions, by the name of what is asked.
answer-question = { $field ->
    [comments] 💬 Send the comments, one per line{ $maximum ->
        [0] .
       *[other] : { $minimum } to { $maximum } of them.
    } A long list may come as a .txt file of up to 64 KB.
    [keywords] 🔎 Send the search words it should be found by, one per line.
    [usernames] 👤 Send the usernames to mention, one per line{ $maximum ->
        [0] .
       *[other] : { $minimum } to { $maximum } of them.
    } A long list may come as a .txt file of up to 64 KB.
    [hashtags] #️⃣ Send the hashtags, one per line, like #travel.
    [groups] 👥 Send the links of the groups to invite people from, one per line.
    [username] 👤 { $whose ->
        [comment] Who wrote the comment?
       *[account] Whose followers are it about?
    } Send the username, like @name.
    [hashtag] #️⃣ Send the hashtag whose people are to be mentioned, like #travel.
    [media] 🖼 Send the link of the post whose likers are to be mentioned.
    [answer_number] 🗳 Which answer of the poll? Send its number, counted from the top, or tap it.
    [each] 🔔 How many on each new post? Send a number from { $minimum } to { $maximum }, or two like 100-150: then each post gets some number between them, and the price counts the larger one.
    [delay] ⏱ How long after a post appears shall it begin? Tap one of these, or send the minutes.
    [expiry] 📅 Until which day? Send it like 31.12.2026, or tap one of these.
    [runs] 💧 In how many equal runs shall the { $quantity } come? Send a number, or tap one of these. The pause between them is asked next; the price stays the same.
   *[interval] ⏱ How long between two runs? Send the minutes, up to 1,440 (a day), or tap one of these.
}
answer-not-text = Please send the answer as text.
answer-lines = { $field ->
    [comments] { $count ->
        [one] { $count } comment
       *[other] { $count } comments
    }
    [keywords] { $count ->
        [one] { $count } search word
       *[other] { $count } search words
    }
    [usernames] { $count ->
        [one] { $count } username
       *[other] { $count } usernames
    }
    [hashtags] { $count ->
        [one] { $count } hashtag
       *[other] { $count } hashtags
    }
   *[groups] { $count ->
        [one] { $count } group
       *[other] { $count } groups
    }
}
answer-delay = { $minutes ->
    [0] At once
   *[other] After { $span }
}
answer-never = No last day
answer-number = { $number }
answer-range = { $least } to { $most }
ordering-posts = 🔔 { $quantity } on each new post
ordering-posts-range = 🔔 { $least } to { $most } on each new post
ordering-delay = ⏱ { $minutes ->
    [0] As soon as it appears
   *[other] { $span } after it appears
}
ordering-until = 📅 Until { $day }
ordering-text = { $field ->
    [username] 👤 @{ $text }
    [hashtag] #️⃣ #{ $text }
    [answer_number] 🗳 Answer { $text }
   *[media] 🖼 { $text }
}
ordering-lines = ✍️ { $lines }: “{ $first }”
button-keep-answer = Keep: { $answer }
button-runs = { $runs } × { $quantity }
ordering-drip = 💧 { $runs } runs of { $quantity }, one every { $pause } ({ $span } in all)
button-spread = 💧 Spread it out
button-change-spread = 💧 Change the spread
button-at-once = ⚡ All at once
toast-no-runs = { $quantity } cannot be split into equal runs. Please choose a rounder quantity first.
quote-spread-lost = ⚠️ { $quantity } cannot be split into the runs you chose, so it would come all at once.

quote-title = <b>Please check your order</b>
quote-price = Price: <b>{ $price }</b>
quote-balance = Balance now: { $balance }
quote-after = Balance after: { $after }
quote-missing = ⚠️ <b>{ $missing }</b> is missing in your wallet.
quote-price-changed = ⚠️ The price has changed from { $old } to <b>{ $new }</b>.
quote-hint = { $asks ->
    [quantity] Tap <b>Confirm</b> to order, or send another number to change the quantity.
   *[nothing] Tap <b>Confirm</b> to order.
}
# What was typed at the quote and could not be used.
quote-not-understood = Sorry, I did not understand that.
quote-kept = Your order is as it was:
quote-hint-missing = Top up your wallet first. This order waits for you.
button-confirm = Confirm
button-top-up = Top up
button-resume = ‹ Back to your order

toast-placed = Order #{ $order } is placed.
toast-quote-replaced = You have changed this order since, so nothing was bought. Here it is as it stands now.
toast-placed-before = This was ordered already, as #{ $order }. Nothing was bought again.
toast-undone = Undone. { $amount } is back in your wallet.

order-title = <b>Order #{ $order }</b> · { $status }
ordered-service = { $service } · Server { $server }
card-bar = { $bar } { $percent } %
card-delivered = { $delivered } of { $quantity } delivered
card-start-count = Count at the start: { $count }
card-paid = Paid: { $charge }
card-refunded = Back in your wallet: { $refunded }
card-ordered = Ordered: { $at } UTC
card-so-far = ⏱ { $span } so far
card-took = ⏱ Took { $span }
card-undo = Not sent yet: you can still undo it.
# `kind`: until a day, without an end, as long as the server takes it (yes), or over.
card-guarantee = ♻️ { $kind ->
    [until] Guaranteed until { $day }
    [lifetime] Guaranteed without an end
    [over] The guarantee has ended
   *[yes] Guaranteed against drops
}
card-refill = ♻️ { $state ->
    [asked] Refill asked for
    [sent] Refill on its way
    [done] Refill done
    [rejected] Refill not possible for now
   *[unknown] Refill not confirmed
}
button-refill = ♻️ Report a drop
button-refill-on = ♻️ Report a drop · Server { $server }
toast-refill = Reported. Server { $server } is asked to bring back what dropped, and you will hear how it goes on.
toast-refill-running = You have reported this already. We follow it and tell you how it goes on.
button-undo = ↩️ Undo
button-repeat = 🔁 Order again

# `status` is the shop's own word, `progress` the provider's: pending, inprogress, undone, or anything else.
order-status = { $status ->
    [queued] Waiting to be sent
    [placing] Being sent
    [placed] { $progress ->
        [pending] Accepted, starts soon
       *[other] In progress
    }
    [unknown] Being verified
    [rejected] Refused, money back
    [completed] Completed
    [partial] Stopped early
    [canceled] { $progress ->
        [undone] Undone, money back
       *[other] Cancelled, money back
    }
   *[other] In progress
}

rest-title = <b>Order the remaining { $quantity }</b>
rest-returned = Back from order #{ $order }: { $refunded }
rest-choose = Pick a server. One tap orders it.
# `look`: the link was private, so it is looked at once more before anything is bought.
button-rest = { $look ->
    [yes] 🔓 Make it public, then tap:
   *[no] Order
} { $unit ->
    [package] { $service }
   *[other] { $way ->
        [cover] { $quantity }
       *[other] the remaining { $quantity }
    }
}{ $runs ->
    [0] {""}
    [1] {" "}at once
   *[other] {" "}in { $runs } runs
} · { $way ->
    [split] Servers { $server } + { $other }
   *[other] Server { $server }
} · { $price }{ $compared ->
    [short] {" "}({ $difference } missing)
    [more] {" "}({ $difference } more)
    [less] {" "}({ $difference } less)
   *[same] {""}
}
button-rest-on = { $way ->
    [split] Servers { $server } + { $other }
   *[other] Server { $server }
}{ $unit ->
    [package] {" "}· { $service }
   *[other] { $way ->
        [cover] {" "}· { $quantity }
       *[other] {""}
    }
} · { $price }{ $compared ->
    [short] {" "}({ $difference } missing)
    [more] {" "}({ $difference } more)
    [less] {" "}({ $difference } less)
   *[same] {""}
}{ $runs ->
    [0] {""}
    [1] {" "}· at once
   *[other] {" "}· { $runs } runs
}
# Why a server is offered for a rest, its reasons in one line.
reason = { $code ->
    [struggling] struggling today ({ $first } of the last { $second } orders stopped)
    [elsewhere] different server
    [refill] with refill
    [no_refill] no refill
    [completed] { $first } % completed this week
    [usual] usually done in { $span }
    [more] +{ $amount }
    [less] −{ $amount }
   *[same] same price
}
reason-separator = ,{" "}
rest-reasons = Server { $server }: { $reasons }
# What is unusual about how a rest can be had.
rest-way = { $way ->
    [split] No server takes so many at once, so { $quantity } go to Server { $server } and { $others } to Server { $other }.
   *[cover] Server { $server } takes { $quantity } at the least: that is the { $remaining } that are missing, and { $extra } more.
}
rest-missing = <b>{ $missing }</b> is missing in your wallet for that. Top up: as soon as the money is there we send you the button again.
rest-ready-title = 🔔 <b>The rest of order #{ $order } can be ordered now</b>
rest-ready-text = Still missing: <b>{ $remaining }</b>
button-tell-me = 🔔 Tell me when it can be ordered
toast-tell-me = We keep an eye on it: as soon as a server takes the rest you get a message with a button that orders it.
button-choose-rest = Choose another service
button-keep-money = Keep the money
button-why = Why did this happen?
toast-rest = Ordered: { $quantity } on Server { $server }{ $others ->
    [0] {""}
   *[other] {" "}and { $others } on Server { $other }
}.{ $seconds ->
    [0] {""}
   *[other] {" "}You can undo it for { $seconds } seconds.
}
toast-not-public = { $code ->
    [gone] There is nothing behind the link any more, so nothing was ordered.
   *[private] The link is still private, so nothing was ordered. Make it public, wait a moment, then tap again.
}
toast-kept = { $amount } stays in your wallet.

# Why nothing can be offered for a rest.
rest-none = { $reason ->
    [open] This order is still being delivered.
    [delivered] This order was delivered in full.
    [ordered] The rest is ordered already. Nothing was bought again.
    [expired] This one is over. Order it again for new posts.
    [too_small] The rest is smaller than the smallest order of the other servers.
    [too_large] The rest is larger than the largest order of the other servers.
    [covered] Nothing is missing: all that this order was for has come.
    [gone] Nothing can be delivered to this link, so the money stays in your wallet.
   *[no_alternative] No other server offers this at the moment.
}

why-title = <b>Why order #{ $order } stopped</b>
why-cause = { $cause ->
    [overloaded] Server { $server } takes more orders than it can deliver at the moment: other orders on it stopped today as well. Another server will probably deliver the rest.
    [expired] The last day of this order has passed. Posts that would have come later are not paid for.
    [target_private] The page of your link says that it is private, and servers deliver only to what everybody can see. Make it public and tap the button: we look again before we order.
    [target_gone] The page of your link says that there is nothing any more: it was deleted, or the link is not complete. Please check it, then order with the right link.
    [target_renamed] Your link leads on to another name. Servers that follow the old one lose their way, so please use the new link from now on.
    [provider_trouble] Server { $server } has technical trouble at the moment. Another server will probably deliver the rest, or try this one again later.
    [not_the_link] We looked at your link: it is public and in order. So Server { $server } probably ran short. Another server can go on from here.
    [target] Orders for the same link stopped on another server as well, so the link itself is probably the reason. Please check that it is public, still there and open to everybody before you order again.
    [limits] It came much slower than usual, or stopped on several servers, although nothing is wrong with the link: the platform holds back what is sent to it, or it has had as many as Server { $server } can give to one link. Wait a day, or let another server go on from here.
   *[unclear] Server { $server } did not say why, and the link's page did not tell us. Usually it is one of these: the link went private, was renamed or deleted; the platform let no more through; or the server ran short. Check that the link is public, then another server will probably deliver the rest.
}
why-ordered = { $quantity } ordered for { $charge }
why-delivered = { $delivered } delivered: { $charge } × { $delivered } ÷ { $quantity } = { $kept }
why-returned = { $remaining } not delivered: { $charge } − { $kept } = <b>{ $refunded } back</b>
why-more = Given back on top by the shop: <b>{ $more }</b>
why-promise = You never pay for what was not delivered.

history-title = <b>Your orders</b>
history-empty = You have not ordered anything yet.
button-goal = { $state ->
    [open] ⏳
    [full] ✅
    [partly] 🟡
   *[none] ➖
} #{ $order } · { $service } · { $delivered } of { $quantity }

# The whole of a goal in one line, then one part after another.
goal-delivered = { $delivered } of { $quantity } delivered
goal-delivered-on = { $delivered } of { $quantity } delivered: { $parts }
goal-part = { $delivered } on Server { $server }
goal-separator = ,{" "}
goal-status = { $state ->
    [open] In progress
    [full] Completed
    [partly] Partly delivered
   *[none] Not delivered
}
goal-service = { $service }
goal-paid = Paid in all: <b>{ $paid }</b>
goal-ordered = Ordered: { $at } UTC
goal-finished = Finished: { $at } UTC
goal-parts = <b>Parts</b>
goal-part-line = #{ $order } · Server { $server } · { $delivered } of { $quantity } · { $paid } · { $status }
button-refresh = 🔄 Refresh
button-order-rest = Order the remaining { $quantity }

# Finish for me.
finish-title = 🤝 <b>Finish for me</b>
finish-how = When a server stops early we look at your link, and order what is missing on the best other server by ourselves. You hear of each step and have a few seconds to undo it. It ends by itself when all is there, and at once where your link is private, renamed or gone.
finish-goal = Order #{ $goal }: <b>{ $state ->
    [on] on
   *[off] off
}</b>
finish-all = All your orders: <b>{ $state ->
    [on] on
   *[off] off
}</b>
finish-percent = May cost at most <b>{ $percent } %</b> more than the order itself
finish-orders = With at most <b>{ $orders }</b> { $orders ->
    [one] further order
   *[other] further orders
}
button-finish = 🤝 Finish for me
button-finish-it = 🤝 Finish it for me
button-finish-goal = { $state ->
    [on] Turn off for order #{ $goal }
   *[off] Turn on for order #{ $goal }
}
button-finish-all = { $state ->
    [on] Turn off for all orders
   *[off] Turn on for all orders
}
button-finish-percent = { $percent } %
button-finish-orders = { $orders ->
    [one] 1 order
   *[other] { $orders } orders
}
toast-finish-kept = Kept.
toast-finish-on = We go on with it: you hear of each step. /finish says what it may cost.
finish-goes-on = 🤝 We order the rest for you now.
finish-step-title = 🤝 <b>We go on with order #{ $goal }</b>
finish-step-ordered = Ordered: { $orders } for <b>{ $price }</b>
finish-step-used = Further orders: { $used } of { $most }. Extra cost: { $extra } of { $limit } that you allow.
finish-stopped-title = 🤝 <b>We do not go on with order #{ $goal } by ourselves</b>
finish-stopped-reason = { $reason ->
    [gone] There is nothing behind your link any more, and an order for it would stop again. The money stays in your wallet.
    [private] Your link is private. Make it public, then turn this on again: we look once more and go on.
    [renamed] Your link leads to another name now. Please make a new order with the new link.
    [orders] { $most ->
        [one] The one further order that you allow is used up.
       *[other] The { $most } further orders that you allow are used up.
    } More may be tried by hand.
    [limit] Every other server would take it beyond the { $limit } of extra cost that you allow.
    [money] Your wallet does not cover what another server asks. Top up, then order the rest or turn this on again.
    [too_small] The rest is smaller than the smallest order of the other servers.
    [too_large] The rest is larger than the largest order of the other servers.
    [expired] Its last day has passed.
   *[no_alternative] No other server offers this at the moment.
}
