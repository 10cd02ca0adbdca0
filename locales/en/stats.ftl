## The shop at a glance, its rows as files, the audit, and the warnings of the staff.

staff-stats = How the shop is doing
staff-export = The shop's rows as a file
staff-audit = Whether the books are as they must be

usage-stats =
    Usage: <code>/stats</code>, or with <code>yesterday</code>, <code>7d</code>, <code>30d</code>, <code>month</code> or days
    Example: <code>/stats 2026-05-01..2026-05-07</code>
usage-export =
    Usage: <code>/export orders</code>, <code>ledger</code>, <code>customers</code> or <code>services</code>, and a period
    Example: <code>/export orders 7d</code>
usage-audit = Usage: <code>/audit</code>
misread-period = “{ $text }” is no period I know. It is <code>today</code>, <code>yesterday</code>, <code>7d</code>, <code>30d</code>, <code>month</code>, a day like <code>2026-05-01</code>, or two with <code>..</code> between them: up to 366 days, none of them yet to come.

stats-well = 🟢 <b>Everything is all right</b>
stats-unwell = 🔴 <b>This needs you</b>
stats-stopped = • Sales are stopped: /sales
stats-closed = • The shop is closed to customers: /maintenance
stats-comparing = • A backup was brought back, and nothing is sent until all is compared
stats-broken = • { $count ->
    [one] One thing in the books is
   *[other] { $count } things in the books are
} not as they must be: /audit
stats-unknown = • { $count ->
    [one] One order: nobody knows
   *[other] { $count } orders: nobody knows
} whether the panel has it: /unknown
stats-unclear = • { $count ->
    [one] One order stopped
   *[other] { $count } orders stopped
} without a count: /review
stats-stuck = • { $count ->
    [one] One order stands still
   *[other] { $count } orders stand still
}
stats-warning = • { $code ->
    [balance-low] { $of }: the balance runs out
    [provider-down] { $of } does not answer
    [statuses-mute] { $of } says nothing about orders
    [key-refused] { $of } refuses our key
    [partial-wave] Service #{ $of } stops early, again and again
    [outbox-late] Messages go out late
    [job-late] The job { $of } is late
   *[other] { $of }
} (since { $at })

stats-period = { $word ->
    [today] Today, { $first }
    [yesterday] Yesterday, { $first }
    [month] This month, from { $first }
   *[other] { $days ->
        [one] { $first }
       *[many] { $first } – { $last }
    }
}
stats-title = 📊 <b>{ $period }</b>
stats-kept = Revenue <b>{ $kept }</b> · profit <b>{ $profit }</b>
stats-cost = Cost { $cost }
stats-lost = Lost to doubt { $lost }
stats-refunded = Refunds { $refunded }
stats-placed = 🛒 Orders: <b>{ $count }</b>
stats-status = · { $count } { $status ->
    [queued] to be sent
    [placing] being sent
    [placed] at a panel
    [rejected] refused
    [unknown] in doubt
    [completed] completed
    [partial] partial
    [canceled] cancelled
   *[other] { $status }
}
stats-ended = Ended: { $count }, { $partial } of them Partial ({ $percent } %)
stats-customers = 👥 Customers: { $joined } new, { $active } active
stats-best = 🏆 <b>Top services</b>
stats-seller = · { $name } { $server }: { $kept } ({ $orders })
stats-purses = 🏦 <b>Providers</b>
stats-purse = · { $provider }: { $balance }, { $state }
stats-lasts = { $low ->
    [yes] ⚠️ only
   *[no] lasts
} { $span }
stats-unspent = nothing spent
stats-failing = { $kind ->
    [key] ⛔️ refuses our key
   *[silent] ⛔️ no answer
} for { $span }
stats-under-way = ⏱ Under way: { $queued } to be sent, { $placed } at panels
stats-unsent = Oldest message waits { $span }
stats-all-sent = No message waits
stats-selling = { $state ->
    [on] Sales are on
   *[off] 🔴 Sales are stopped
}
stats-never-audited = Books not audited yet
stats-audited = { $state ->
    [holds] Books hold
   *[broken] 🔴 Books are broken
} ({ $at })
stats-no-period = That period is over. Please choose another.

button-period = { $word ->
    [to-today] Today
    [to-yesterday] Yesterday
    [to-7d] 7 days
    [to-30d] 30 days
   *[to-month] Month
}
button-chart = 📈 Chart
button-table = 📄 CSV
button-anew = 🔄
button-stats = 📊 Today at a glance

chart-title = { $kept } revenue
chart-subtitle = { $period } · profit { $profit }
chart-series = { $of ->
    [kept] Revenue
    [profit] Profit
   *[refunded] Refunds
}

export-done = 📄 <b>{ $kind ->
    [orders] Orders
    [ledger] Every movement of money
    [customers] Customers who came
   *[services] Services, with orders that ended
}</b>
    { $period }
    { $count ->
    [0] Nothing is there.
    [one] One row
   *[other] { $count } rows
}
export-cut = ⚠️ There is more than one file can hold. Please take a shorter period.
log-export = { $kind } of { $period } as a file, { $count } rows

audit-holds = 🟢 <b>Everything holds</b>
    Audited { $at } UTC.
audit-broken = 🔴 <b>{ $count ->
    [one] One thing is broken
   *[other] { $count } things are broken
}</b>
    Audited { $at } UTC.
audit-advice = <code>python -m bot audit</code> names every broken row.
audit-under-way = ⏳ The audit is under way. Its verdict comes here.
button-audit = 🔎 Audit now
log-audit = had the books audited

button-suspend = ⛔️ Stop selling it
button-panel = Open the panel
button-sell-again = ▶️ Let sales go on
suspend-done = ⛔️ Service #{ $id } is hidden and sold no more. Orders under way go on.
suspend-already = It is not on sale any more. Nothing was changed.
ask-sell-again = Let sales go on? They were stopped: { $reason }
log-sell-again = sales on again. They were stopped: { $reason }
sell-again-reason = looked into: { $reason }
