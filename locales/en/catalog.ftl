## Categories, services and the card of one service.

categories-title = <b>What do you need?</b>
categories-hint = { $units ->
    [package] Prices are per package.
    [both] Prices are per 1,000, or per package where it says so.
   *[thousand] Prices are per 1,000.
}
categories-empty = Nothing is on sale at the moment. Please look in again a little later.
categories-gone = That category is empty now. Please pick another one.
button-category = { $category } · from { $price }

services-title = <b>{ $category }</b>
services-hint = Pick a server. { $units ->
    [package] Prices are per package.
    [both] Prices are per 1,000, or per package where it says so.
   *[thousand] Prices are per 1,000.
}
# A price as buttons show it.
rate = { $unit ->
    [package] { $price } a package
   *[other] { $price }/1K
}
button-service = Server { $server } · { $price }{ $badge }
button-service-trait = Server { $server } · { $price }{ $badge } · { $trait }
# How a server fares, from the shop's own orders: a line on its card, and a few characters on its button.
badge = { $code ->
    [struggling] ⚠️ Struggling today: { $stopped } of the last { $orders } orders stopped early
    [completed] ✅ { $percent } % completed this week
   *[finish] ⏱ Usually done in { $span }
}
badge-brief = { $code ->
    [struggling] {" "}· ⚠️ struggling
    [completed] {" "}· ✅ { $percent } %
   *[none] {""}
}

service-title = <b>{ $category }</b>
service-server = Server { $server }
service-server-trait = Server { $server } · { $trait }
service-description = { $description }
service-price = Price: <b>{ $price }</b> { $unit ->
    [package] per package
   *[other] per 1,000
}
service-limits = { $unit ->
    [post] On each new post: { $min } to { $max }
   *[other] Quantity: { $min } to { $max }
}
service-pace = Typical time: { $pace }
# `kind`: no, whether for how long is not said (yes), for ever, or for so many days.
service-refill = ♻️ Refill if the count drops: { $kind ->
    [no] no
    [yes] yes
    [lifetime] yes, without an end
   *[days] { $days ->
        [one] yes, for { $days } day
       *[other] yes, for { $days } days
    }
}
service-cancel = ✋ Can be cancelled: { $has ->
    [yes] yes
   *[no] no
}
service-dripfeed = 💧 Drip-feed: { $has ->
    [yes] yes
   *[no] no
}
service-paused = ⏸ Ordering is paused for the moment. Orders under way go on, and your money is safe.
button-begin = 🛒 Order
