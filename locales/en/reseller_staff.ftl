## Resellers and their tiers for those who run the shop.

error-no-tier = There is no tier called “{ $name }”. /tier lists them.
error-tier-in-use = { $count ->
    [one] One reseller is in the tier “{ $name }”. Put them into another one first.
   *[other] { $count } resellers are in the tier “{ $name }”. Put them into another one first.
}
error-tiers = There are { $maximum } tiers already. Do away with one that nobody is in (“/tier gold off”), then make the new one.

# Tiers.

staff-tier = What groups of resellers have off
usage-tier =
    <code>/tier gold 10</code> gives the tier gold 10 % off everything, and makes it where there is none.
    <code>/tier gold 12 5</code> gives it 5 % off service 12 instead, <code>/tier gold 12 off</code> takes that back.
    <code>/tier gold off</code> does away with a tier that nobody is in.
    Discounts are for orders of resellers' sites, not for the chat, and never below cost. /resellers puts somebody into a tier.

misread-tier = “{ $text }” cannot be the name of a tier. Please take up to { $most } Latin letters, digits and dashes, with a letter first.
misread-discount = A discount is from 0 to 100 %.

tiers-title = 🏷 <b>Tiers of resellers</b>
tiers-none = There are no tiers yet: every reseller pays the shop’s prices.
tier-line = <b>{ $tier }</b>: { $percent } % off · { $resellers ->
    [0] nobody
    [one] one reseller
   *[other] { $resellers } resellers
}
tier-apart = · apart: { $services }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
}
tier-done = ✅ { $service ->
    [none] Tier { $tier }, on everything:
   *[other] Tier { $tier }, service #{ $service }:
} { $old ->
    [none] no discount of its own
   *[other] { $old } %
} → { $new ->
    [none] the tier’s discount again
   *[other] <b>{ $new } %</b>
}
tier-margin = { $clamped ->
    [0] No service would go below its cost by that.
   *[other] ⚠️ { $clamped } of { $services ->
        [one] one service
       *[other] { $services } services
    } would go below cost by that, and { $clamped ->
        [one] is
       *[other] are
    } sold at cost: there the shop earns nothing.
}
ask-tier = Give the tier { $tier } <b>{ $new } %</b> off { $service ->
    [none] everything
   *[other] service #{ $service }
}, instead of { $old ->
    [none] no discount of its own
   *[other] { $old } %
}? { tier-margin }
log-tier = tier { $tier }{ $service ->
    [none] {""}
   *[other] , service #{ $service }
}: { $old ->
    [none] no discount
   *[other] { $old } %
} → { $new ->
    [none] no discount of its own
   *[other] { $new } %
}
tier-off-done = 🗑 The tier { $tier } is gone.
log-tier-off = tier { $tier } done away with

# Resellers.

staff-resellers = Who sells on, and who wants to
usage-resellers = Find one: <code>/resellers &lt;id, @name, or a part of a name or site&gt;</code>

reseller-nobody = No reseller is found by “{ $text }”, and nobody who asked to be one.
reseller-not-selling = { $name } does not sell on any more. Nothing was done; look at the card anew.
resellers-title = 🏪 <b>Resellers</b>{ $count ->
    [0] : nobody has asked to sell on yet
   *[other] {""}
}{ $waiting ->
    [0] {""}
    [one] {" "}· one application waits for an answer
   *[other] {" "}· { $waiting } applications wait for an answer
}
resellers-found = { $more ->
    [yes] <b>“{ $text }”: the { $count } who asked last</b>
   *[no] <b>“{ $text }”: { $count } resellers</b>
}
resellers-in = 🏪 <b>{ $state ->
    [applied] Waiting for an answer
    [approved] Selling on
    [suspended] Suspended
   *[refused] Refused
}</b>: { $more ->
    [yes] the { $count } who asked last. /resellers finds the others.
   *[no] { $count }
}
button-resellers-in = { $state ->
    [applied] ⏳ Waiting for an answer
    [approved] ✅ Selling on
    [suspended] ⛔ Suspended
   *[refused] ✖️ Refused
}: { $count }
button-reseller-found = { $state ->
    [applied] ⏳
    [approved] ✅
    [suspended] ⛔
   *[refused] ✖️
} { $name } · { $id }

reseller-who = 🏪 <b>{ $name }</b> (<code>{ $id }</code>){ $username ->
    [none] {""}
   *[other] {" "}{ $username }
}
reseller-state = { $state ->
    [applied] ⏳ Waits for an answer since { $at } UTC
    [approved] ✅ Sells on since { $at } UTC
    [suspended] ⛔ Suspended, { $at } UTC
   *[refused] ✖️ Refused, { $at } UTC
}{ $by ->
    [none] {""}
   *[other] , by { $by }
}
reseller-tier = 🏷 Tier { $tier }: { $off } % off for orders of their site
reseller-keys = 🔑 { $count ->
    [0] No key
    [one] One key
   *[other] { $count } keys
}
reseller-month = 📦 { $orders ->
    [0] No orders in 30 days
    [one] One order in 30 days, { $spent }
   *[other] { $orders } orders in 30 days, { $spent }
}
reseller-ended = ◐ { $partial } of { $ended } that ended stopped half-way ({ $percent } %)

button-suspend-reseller = ⛔ Suspend
button-let-in = ✅ Let in
button-choose-tier = 🏷 Tier
button-tier = { $tier } · { $percent } % off
button-tier-none = No tier
choose-tier = Into which tier is { $name } to go?
reseller-tier-done = { $new ->
    [none] ✅ In no tier any more.
   *[other] ✅ Put into the tier { $new }.
}
log-reseller-tier = { $name } (<code>{ $id }</code>): tier { $old } → { $new }

suspend-question = Why is { $name } to be suspended? The others read it later, { $name } does not: they only hear that they are.
ask-suspend-reseller = Suspend { $name } (<code>{ $id }</code>) as a reseller? Their keys open nothing any more. Orders that are under way go on, their site still hears how those end, and their money stays theirs. Reason: { $reason }
ask-let-in-reseller = Let { $name } (<code>{ $id }</code>) sell on? Their keys open the panel API again.
log-suspend-reseller = { $name } (<code>{ $id }</code>) suspended as a reseller. { $reason }
log-let-in-reseller = { $name } (<code>{ $id }</code>) let in as a reseller
reseller-decided = { $state ->
    [suspended] ⛔ Suspended: their keys open nothing any more. They were told so.
   *[approved] ✅ They may sell on, and were told so.
}
