## People for those who run the shop: found, looked at, noted about, banned and let in.

staff-user = Who somebody is, and what they ordered
staff-ban = Keep somebody out
staff-unban = Let somebody in again

usage-user =
    Usage: <code>/user &lt;id, @name or a part of a name&gt;</code>
    Example: <code>/user mia</code>
usage-ban =
    Usage: <code>/ban &lt;id or @name&gt; &lt;reason&gt;</code>
    Example: <code>/ban 1001 stolen cards</code>
usage-unban = Usage: <code>/unban &lt;id or @name&gt;</code>

people-found = { $more ->
    [yes] <b>“{ $text }”: the { $count } met last</b>
   *[no] <b>“{ $text }”: { $count } people</b>
}
button-found = { $banned ->
    [yes] 🚫
   *[no] 👤
} { $name } · { $id }{ $username ->
    [none] {""}
   *[other] {" "}· { $username }
}

card-who = 👤 <b>{ $name }</b> (<code>{ $id }</code>){ $username ->
    [none] {""}
   *[other] {" "}{ $username }
}{ $role ->
    [none] {""}
   *[other] {" "}· { $role }
}
card-banned = 🚫 <b>Banned</b>{ $by ->
    [none] {""}
   *[other] {" "}by { $by }, { $at } UTC: { $reason }
}
card-gone = 🔕 Cannot be reached since { $at } UTC: blocked the bot, or is gone
card-balance = 👛 <b>{ $balance }</b>{ $holds ->
    [yes] , and { $held } held for open orders
   *[no] {""}
}
card-orders = 📦 { $count ->
    [0] No orders
    [one] One order
   *[other] { $count } orders
}{ $open ->
    [0] {""}
   *[other] , { $open } open
}
card-spent = Spent { $spent }, { $refunded } came back
card-seen = Last seen { $at } UTC
card-met = Here since { $at } UTC
card-language = Language: { $language ->
    [none] not known
   *[other] { $language }
}
button-their-orders = 📦 Orders
button-statement = 📒 Statement
button-see-goals = 👁 Their history
button-see-wallet = 👁 Their wallet
button-notes = 🗒 Notes
button-add-note = ✏️ Add a note
button-ban = 🚫 Ban
button-unban = Let in again

as-they-see = 👁 <i>What { $name } sees</i>
statement-title = 📒 <b>Statement of { $name }</b> (<code>{ $id }</code>), times in UTC
statement-line = { $at } · { $code ->
    [hold] order #{ $order }
    [refund] back from #{ $order }
    [credit] paid in
    [debit] taken out
   *[other] { $code }
} · <b>{ $way ->
    [in] +
   *[out] −
}{ $amount }</b>{ $by ->
    [none] {""}
   *[other] {" "}· { $by }
}

notes-title = 🗒 <b>Notes</b>
notes-of = 🗒 <b>Notes about { $name }</b>, the newest first
notes-none = Nobody has noted anything.
note-line = { $at } · { $name }: { $text }
note-question = What is to be noted about { $name }? Only the staff reads it.
note-bad = Please send the note as text of at most { $most } characters.
note-done = ✅ Noted.
log-note = note about { $subject }: { $text }

ban-question = Why is { $name } to be banned? The others read it later, { $name } does not.
ban-already = { $name } is banned already.
unban-already = { $name } is not banned.
ask-ban = Ban { $name } (<code>{ $id }</code>)? They can do nothing here any more and read that this account may not use the shop. Their money and their orders stay as they are. Reason: { $reason }
ask-unban = Let { $name } (<code>{ $id }</code>) in again?
ban-done = 🚫 { $name } is banned. Money and orders stay as they are.
unban-done = ✅ { $name } may come in again.
log-ban = { $name } (<code>{ $id }</code>) banned. { $reason }
log-application-approved = { $subject } may sell on now
log-application-refused = { $subject } may not sell on
log-unban = { $name } (<code>{ $id }</code>) let in again

error-staff-stays = This person helps to run the shop and cannot be banned. An owner takes their role first, with /staff.
