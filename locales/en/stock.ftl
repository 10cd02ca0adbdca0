## The catalogue by hand: services, categories, prices and providers, for the people who run the shop.

staff-services = Find services and categories
staff-service = One service: price, cost, health
staff-price = Set the price of a service
staff-markup = What is added to the panels’ prices
staff-sync = Fetch the panels’ catalogues now
staff-providers = How each panel stands
staff-provider = One panel in full

usage-services =
    Usage: <code>/services</code> for all categories, <code>/services &lt;words&gt;</code> for what they fit
    Example: <code>/services instagram likes north</code>
usage-service = Usage: <code>/service &lt;number&gt;</code>, like <code>/service 12</code>. <code>/services</code> and a few words finds the number.
usage-price =
    Usage: <code>/price &lt;service&gt; &lt;price per 1,000, or per package&gt;</code>, or <code>auto</code> for the markup
    Example: <code>/price 12 1.50</code>
usage-markup =
    <code>/markup &lt;panel&gt; &lt;percent&gt;</code> sets it for a panel, <code>/markup &lt;service&gt; &lt;percent&gt;</code> for one service.
    <code>auto</code> instead of a percentage takes it back.
usage-sync = Usage: <code>/sync</code> for all panels, <code>/sync &lt;panel&gt;</code> for one
usage-providers = Usage: <code>/providers</code>
usage-provider = Usage: <code>/provider &lt;name&gt;</code>. <code>/providers</code> lists them.

misread-percent = “{ $text }” is not a percentage. Please send a number from 0 to { $most }, like 30 or 12.5.
misread-provider = “{ $text }” is no panel in the settings. There is: { $among }.
services-long = That is more than can be looked for. Please use fewer or shorter words.

error-not-in-catalogue = { $kind ->
    [category] There is no category #{ $id } here.
    [provider] No panel is called “{ $id }”. <code>/providers</code> lists them.
   *[service] There is no service #{ $id } here. <code>/services</code> and a few words finds one.
}
error-name-taken = Another category is called “{ $name }”, here or by its providers. Nothing was changed.
error-below-cost = At { $price } it would lose money: the panel asks { $cost } for it. Nothing was changed.
error-price-high = The dearest order at that price would be more than money can be counted. Nothing was changed.

# Lists. `state`: on, hidden by hand, shut (its category is hidden), withdrawn by its panel, below its cost.
services-all = <b>Categories: { $count }</b>
services-found = <b>“{ $words }”</b>: { $services } services, { $categories } categories
services-marks = 🙈 hidden · 🚪 its category is hidden · ⛔️ not offered any more · 📉 costs more than our price
button-shelf = { $state ->
    [hidden] 🙈{" "}
   *[on] {""}
}{ $name } · { $on_sale } of { $offered }
button-ware = { $state ->
    [hidden] 🙈{" "}
    [shut] 🚪{" "}
    [withdrawn] ⛔️{" "}
    [below] 📉{" "}
   *[on] {""}
}#{ $id } { $server } · { $price } · { $name }
button-service-card = Service #{ $id }

# The card of a category.
shelf-title = <b>{ $name }</b> · category #{ $id }
shelf-state = { $state ->
    [hidden] 🙈 Hidden, with all that is in it
   *[on] 🟢 Shown
}
shelf-known-as = The panels call it “{ $name }”
shelf-counts = On sale: { $on_sale } of { $offered }

# The card of a service.
ware-title = <b>#{ $id }</b> · { $category } · Server { $server }
ware-name = { $name }
ware-state = { $state ->
    [hidden] 🙈 Hidden
    [shut] 🚪 Its category is hidden
    [withdrawn] ⛔️ Its panel does not offer it any more
    [below] 📉 Not sold: it costs more than our price
   *[on] 🟢 On sale
}
ware-price = Our price: <b>{ $price }</b> { $unit ->
    [package] per package
   *[other] per 1,000
}
ware-coming = ⏳ From { $at } UTC: <b>{ $price }</b>
ware-cost = Cost: { $cost } · margin { $margin } ({ $percent } %)
ware-provider = Panel: <code>{ $provider }</code>, its service <code>{ $id }</code>, { $type }
ware-limits = Quantity: { $min } to { $max }
ware-flags = ♻️ Refill: { $refill ->
    [no] no
   *[yes] { $days ->
        [0] yes
       *[other] yes ({ $days } days)
    }
} · ✋ Cancel: { $cancel } · 💧 Drip-feed: { $drip }
own-title = ✏️ <b>Set by hand</b>
own-name = • Name. The panel’s: { $theirs }
own-description = • Description. The panel’s: { $theirs }
own-rate = • Price { $rate }, whatever the markup is
own-markup = • Markup { $percent } %, whatever the panel’s is
own-position = • Its place in the list
own-hidden = • Hidden, until it is shown again

button-own = { $what ->
    [hide] 🙈 Hide
    [show] 👁 Show
    [up] ⬆️ Up
   *[down] ⬇️ Down
}
button-ask-own = { $what ->
    [name] ✏️ Name
    [description] 📝 Description
   *[rate] 💵 Price
}
button-undo-own = { $what ->
    [name] ↩️ The panel’s name
    [description] ↩️ The panel’s description
    [rate] ↩️ Price by the markup
   *[position] ↩️ Its usual place
}
button-price-off = ✖️ Call off the coming price
button-price-now = ⏩ Now, without notice
coming-set = ⏳ Price: { $old } until { $at } UTC, { $new } from then on. The sites of resellers are told so now.
coming-off = ✅ The price stays { $old }: { $new } does not come, and the sites of resellers are told so.
button-preview = 👤 As a customer sees it

preview-title = 👤 <b>As a customer sees it</b>{ $seen ->
    [no] , once it is on sale
   *[yes] {""}
}
preview-button = In the list: [ { $label } ]

own-ask = { $what ->
    [name] What is #{ $id } to be called? Please send the name.
    [description] How is #{ $id } to be described? Please send the text, or <code>-</code> for none.
   *[rate] What is #{ $id } to cost? Please send the price per 1,000 (or per package), or <code>auto</code> for the markup.
}
own-now = Now: { $value }
own-empty = Please send it as text.
own-long = That is { $length } characters, and at most { $longest } fit. Please send a shorter text.
own-no-further = There is nothing to change places with on that side.
own-done = ✅ { $what ->
    [hide] Hidden{ $sold ->
        [0] {"."}
       *[other] : { $sold } off sale.
    }
    [show] Shown{ $sold ->
        [0] : nothing comes on sale by that alone.
       *[other] : { $sold } on sale again.
    }
    [up] Moved up: place { $old } → { $new }.
    [down] Moved down: place { $old } → { $new }.
    [name] Name: { $old } → { $new }
    [description] The description is another one now.
    [position] Its place is the usual one again.
   *[rate] Price: { $old } → { $new }
}

markup-title = <b>What is added to the panels’ prices</b>
markup-line = • <code>{ $provider }</code>: <b>{ $percent } %</b>{ $by ->
    [chat] , set { $at } UTC (settings: { $settings } %)
   *[settings] , from the settings
}{ $apart ->
    [0] {""}
   *[other] {" "}· { $apart } with a price of their own
}
ask-markup = Sell all of <code>{ $provider }</code> at its prices + <b>{ $new }</b> %, instead of { $old } %{ $auto ->
    [yes] , as the settings say
   *[no] {""}
}{ $hours ->
    [0] ?
   *[other] , { $hours } hours from now? The sites of resellers are told at once.
}
    { $changed ->
        [0] No price changes by that today.
        [one] One price changes, by { $by }.
       *[other] { $changed } prices change, by { $by }.
    }{ $apart ->
        [0] {""}
        [one] {" "}One has a price of its own and keeps it.
       *[other] {" "}{ $apart } have a price of their own and keep it.
    }
ask-service-markup = { $auto ->
    [yes] Sell service #{ $id } at its panel’s markup
   *[no] Sell service #{ $id } at its cost + { $percent } %
}: { $old } → <b>{ $new }</b>{ $hours ->
    [0] ?
   *[other] , { $hours } hours from now? The sites of resellers are told at once.
}
markup-done = ✅ <code>{ $provider }</code> is sold at + { $new } %. Prices changed: { $changed }.
markup-set = ⏳ <code>{ $provider }</code> is sold at + { $old } % until { $at } UTC, at + { $new } % from then on. The sites of resellers are told so now.
markup-coming = {"  "}⏳ from { $at } UTC: <b>{ $percent } %</b>
markup-off = ✅ <code>{ $provider }</code> stays at + { $old } %: { $new } % does not come, and the sites of resellers are told so.
button-markup-off = ✖️ Call off: { $provider }
button-markup-now = ⏩ Now, without notice: { $provider }
markup-beyond = ⚠️ { $count } would cost more than can be counted: they go off sale with the next sync.

sync-title = <b>Catalogues</b>
sync-nobody = There is no provider in the settings to fetch a catalogue from.
sync-done = ✅ <code>{ $provider }</code>: { $added } new, { $changed } changed, { $withdrawn } gone, { $skipped } cannot be sold here{ $guarded ->
    [0] {""}
   *[other] ; 📉 { $guarded } would have lost money
}
sync-failed = ⚠️ <code>{ $provider }</code>: { $error }

providers-title = <b>Panels</b>
providers-none = There is none yet: the settings name them.
providers-more = { $count } more are only among the buttons.
provider-title = { $state ->
    [well] 🟢
    [trouble] ⚠️
   *[gone] ⛔️
} <b>{ $name }</b>{ $state ->
    [gone] {" "}· not in the settings
   *[other] {""}
}
provider-balance = 💳 Balance: { $balance } { $currency }
provider-no-balance = 💳 Its balance is not known yet
provider-spend = 💵 Ended in 24 hours: { $spend } · under way: { $under_way } in { $open ->
    [one] one order
   *[other] { $open } orders
}
provider-on-sale = 📦 On sale: { $count }
provider-synced = 🔄 Catalogue of { $at } UTC
provider-never-synced = 🔄 Its catalogue was never fetched
provider-error = ⚠️ { $at } UTC: <code>{ $error }</code>
provider-stock = Offered: { $offered } · hidden by hand: { $hidden } · cost more than our price: { $below }
provider-markup = Markup: { $percent } % · with a price of their own: { $apart }
button-fetch = 🔄 Fetch its catalogue now
button-goods = 📦 Its services

log-guard = the margin guard
log-below-cost-hidden = { $subject } hidden: it costs { $cost }, our price is { $old }
log-below-cost-repriced = { $subject } repriced by its markup: { $old } → { $new }, it costs { $cost }
log-own-service = { $subject }: { $what ->
    [hide] hidden
    [show] shown
    [up] place { $old } → { $new }
    [down] place { $old } → { $new }
    [name] name “{ $old }” → “{ $new }”
    [description] description “{ $old }” → “{ $new }”
    [position] its usual place
   *[rate] price { $old } → { $new }
}
log-own-category = { $subject }: { $what ->
    [hide] hidden
    [show] shown
    [up] place { $old } → { $new }
    [down] place { $old } → { $new }
   *[name] name “{ $old }” → “{ $new }”
}
log-markup = markup of { $provider }: { $old } % → { $new } %, { $changed } prices{ $hours ->
    [0] {""}
   *[other] {" "}after { $hours } hours
}
log-markup-off = markup of { $provider }: stays { $old } %, not { $new } % from { $at } UTC
log-markup-now = markup of { $provider }: { $old } % → { $new } % without notice, { $changed } prices
log-markup-came = markup of { $provider }: { $old } % → { $new } %, as set { $set } UTC, { $changed } prices
log-service-markup = { $subject }: markup { $auto ->
    [yes] as its panel’s
   *[no] { $percent } %
}, price { $old } → { $new }{ $hours ->
    [0] {""}
   *[other] {" "}after { $hours } hours
}
log-price-ahead = { $subject }: price { $old } → { $new } from { $at } UTC
log-price-off = { $subject }: price stays { $old }, not { $new } from { $at } UTC
log-price-now = { $subject }: price { $old } → { $new } without notice
log-price-came = { $subject }: price { $old } → { $new }, as set { $set } UTC
log-price-refused = { $subject }: price { $new }, as set { $set } UTC, could not come
log-sync = catalogues of { $asked } fetched, { $failed } failed: { $added } new, { $changed } changed, { $withdrawn } gone
