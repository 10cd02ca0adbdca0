## Maintenance of the shop, backups, and what follows when one was brought back.

staff-maintenance = Close the shop to customers, with a message
usage-maintenance =
    <code>/maintenance on &lt;message&gt;</code> closes the shop to customers, <code>/maintenance off</code> opens it.
    Example: <code>/maintenance on We are back at 18:00.</code>

maintenance-shown = 🛠 { $message }
maintenance-is-on = 🛠 <b>The shop is under maintenance</b>
    Customers order nothing and read this. Money, orders under way, refunds and messages go on, and the staff can order.
maintenance-is-off = 🟢 <b>The shop is open</b>
    It is not under maintenance.
maintenance-turn = Since { $at } UTC, by { $name } (<code>{ $id }</code>)
maintenance-no-message = Please say what customers shall read, too: for example <code>/maintenance on We are back at 18:00.</code> Nothing was changed.
maintenance-long = That message is too long: { $most } characters are the most. Nothing was changed.
button-open-shop = Open the shop again
log-maintenance-on = the shop is under maintenance: { $message }
log-maintenance-off = the shop is open again

error-maintenance = 🛠 { $message } Your money is safe, and orders under way go on.

# Backups.
staff-backup = The last backups, and a new one
usage-backup = Usage: <code>/backup</code>
log-backup = a backup was asked for
backup-title = 💾 <b>Backups</b>
backup-none = There is no backup yet.
backup-line = { $state ->
    [kept] ✅ { $at } UTC · { $size } · { $sealed ->
        [yes] encrypted
       *[no] not encrypted
    }
    [broken] ⚠️ { $at } UTC · { $size } · its books do not hold
   *[gone] ▫️ { $at } UTC · removed for newer ones
}
backup-line-making = ⏳ { $at } UTC · being made
backup-line-failed = ❌ { $at } UTC · { $why }
backup-goes = A new one goes to <code>{ $folder }</code> on the shop's machine, where the last { $keep } are kept.
backup-goes-sealed = 🔐 It is encrypted with <code>BACKUP_PASSPHRASE</code>, and every owner gets it here as a document, up to 49 MB.
backup-goes-nowhere = 🔓 It is not encrypted and does not leave the machine. Put a <code>BACKUP_PASSPHRASE</code> of at least 12 characters into <code>.env</code> and restart: then owners get it here, too.
button-backup = 💾 Back up now
backup-asked = ⏳ A backup is being made. How it ends is told here in a moment.
backup-under-way = ⏳ One is being made already. How it ends is told here.

backup-kept = ✅ <b>Backup</b> of { $at } UTC · { $size }
backup-holds = People: { $people } · orders: { $orders } · transfers: { $transfers }
backup-passed = The copy is whole, and its books hold: { $checks } checks passed.
backup-file = On the shop's machine: <code>{ $file }</code>
backup-document = 🔐 Encrypted. Bring it back with <code>python -m bot restore</code> and the passphrase.
backup-large = 🔐 Encrypted, and too large for Telegram: it is kept on the machine only. Copy it to another place by hand.
backup-unsealed = 🔓 Not encrypted, so it stays on the machine. With a <code>BACKUP_PASSPHRASE</code> of at least 12 characters in <code>.env</code> owners get it here, too.
backup-broken = ⚠️ <b>Backup</b> of { $at } UTC: whole, but its books do not hold
backup-breach = • { $invariant }
backup-failed = ❌ <b>There is no new backup</b>
backup-failed-advice = The shop goes on and tries again by itself where backups are made by the clock; <code>/backup</code> tries at once.
backup-reason = { $reason ->
    [disk] The disk of the backups is full.
    [file] A file could not be read or written: { $said }.
    [damaged] The copy was not whole: { $said }. Look at the disk, and at the database itself.
    [revision] The database is not of this version of the program. { $said }
    [no-tool] { $said } is not installed on the shop's machine: PostgreSQL is backed up with it.
    [tool] PostgreSQL's own tool failed: { $said }
    [slow] { $said } took longer than an hour and was stopped.
    [storage] The database did not answer: { $said }
   *[stopped] The shop was stopped while it was being made.
}

# A backup that was brought back.
notice-again = 🔁 The shop was brought back from a backup, so you may have read this before.
button-compare = What is to be compared
button-compared = All is compared: go on
comparing-title = 🧩 <b>Not compared yet</b>
    Brought back { $restored } UTC, from the backup of { $taken } UTC. Nothing is sent to any provider meanwhile.
comparing-provider = <b>{ $provider }</b>: look through its orders from { $taken } to { $restored } UTC. Those are not known here.
comparing-last = The last one known here is <code>{ $order }</code>.
comparing-balance = Balance: { $before } then, { $after } now
comparing-doubts = { $count ->
    [0] None of our orders is in doubt there.
    [one] One of our orders may be there: it is decided under its own alert.
   *[other] { $count } of our orders may be there: each is decided under its own alert.
}
comparing-over = ✅ All is compared. Nothing is held back any more.
ask-compared = Send to providers again, and sell? { $count ->
    [0] No order is in doubt any more.
    [one] One order is still in doubt: its money stays held until it is decided.
   *[other] { $count } orders are still in doubt: their money stays held until each is decided.
}
log-compared = all is compared after a backup was brought back
log-restore = the backup { $file } was brought back
