## Roles, the commands of those who run the shop, steps that wait for a yes, and the log.

staff-credit = Put money into a wallet
staff-debit = Take money out of a wallet
staff-sales = Whether the shop sells, and why not
staff-staff = Who runs the shop
staff-log = What the staff did

usage-credit =
    Usage: <code>/credit &lt;id or @name&gt; &lt;amount&gt; [reason]</code>
    Example: <code>/credit 1001 25.00 bank transfer</code>
usage-debit =
    Usage: <code>/debit &lt;id or @name&gt; &lt;amount&gt; &lt;reason&gt;</code>
    Example: <code>/debit 1001 5.00 paid out in cash</code>
usage-sales = <code>/sales on &lt;reason&gt;</code> lets them go on, <code>/sales off &lt;reason&gt;</code> stops them.
usage-staff =
    <code>/staff &lt;user id&gt; &lt;role&gt;</code> gives a role, <code>/staff &lt;user id&gt; none</code> takes it.
    reader: looks at everything · support: helps with orders and people · manager: money, prices, messages to all · owner: gives roles, backups
usage-log =
    Usage: <code>/log</code>, <code>/log by &lt;admin's id&gt;</code>, <code>/log order &lt;number&gt;</code>, or the same with user, service, category, provider or tier

misread-number = “{ $text }” is not a number that something here has.
misread-amount = “{ $text }” is not an amount. Please use digits and a point, like 25 or 25.00, and at most six decimals.
misread-not-positive = The amount must be more than zero.
misread-choice = “{ $text }” is none of these: { $among }.
misread-reason = Please say why, too: the others read it later, and so does the customer where they are told.
misread-more = “{ $text }” is more than this command takes.

role = { $role ->
    [reader] reader
    [support] support
    [manager] manager
    [owner] owner
   *[none] no role
}

staff-title = <b>Who runs the shop</b>
staff-line = { $role ->
    [owner] 👑
    [manager] 🧭
    [support] 🛟
   *[reader] 👀
} { $name } (<code>{ $id }</code>) · { $role }{ $by ->
    [settings] , from the settings
   *[granted] {""}
}
staff-settled = This person is an owner by <code>ADMIN_IDS</code> in the settings. Only there can that be changed.
staff-yourself = Nobody changes their own role: another owner has to.
staff-done = { $role ->
    [none] ✅ { $name } (<code>{ $id }</code>) has no role any more.
   *[other] ✅ { $name } (<code>{ $id }</code>) is { $role } now.
}

button-approve = ✅ Do it
button-refuse = Leave it
ask-left = Nothing was done.
ask-second = Somebody else must say yes: { $count ->
    [0] an owner of the shop has to open this chat first
    [one] one colleague was asked
   *[other] { $count } colleagues were asked
}. It stands for a day.
ask-alone = There is nobody else who could say yes, so yours is enough.
ask-credit = Put <b>{ $amount }</b> into the wallet of { $name } (<code>{ $id }</code>)? { $reason }
ask-debit = Take <b>{ $amount }</b> out of the wallet of { $name } (<code>{ $id }</code>)? They are told. Reason: { $reason }
ask-grant = { $role ->
    [none] Take the role of { $name } (<code>{ $id }</code>)?
   *[other] Make { $name } (<code>{ $id }</code>) { $role }?
}
approval-head = { $state ->
    [waiting] 🔑 <b>{ $by } asks for your yes</b>
    [done] ✅ <b>{ $by } said yes</b>
   *[refused] ✖️ <b>{ $by } said no: nothing was done</b>
}

log-title = 📜 <b>What the staff did</b>
log-title-of = 📜 <b>What the staff did</b> · { $of }
log-empty = Nothing yet.
log-line = { $at } · { $name }: { $what }
log-shell = the command line
button-newest = ⇤ Newest
button-older = Older ›
log-credit = { $amount } into the wallet of { $name } (<code>{ $id }</code>). { $reason }
log-debit = { $amount } out of the wallet of { $name } (<code>{ $id }</code>). { $reason }
log-grant = { $name } (<code>{ $id }</code>): { $role ->
    [none] no role any more
   *[other] now { $role }
}
log-sales-on = sales on. { $reason }
log-sales-off = sales off. { $reason }
log-doubt-arrived = { $subject } is at the panel as <code>{ $id }</code>
log-doubt-given-back = { $subject } is not at the panel: money back
log-doubt-sent-again = { $subject } is not at the panel: sent again
log-counted = { $subject }: { $delivered } delivered
log-stranded = { $subject } and what waited beside it: { $count } given back
