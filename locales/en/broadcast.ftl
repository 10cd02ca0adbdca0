## Messages to many.

staff-broadcast = Write to many
usage-broadcast = <code>/broadcast</code> shows the last messages to many and begins a new one.

broadcast-title = 📣 <b>Messages to many</b>
    { $count ->
    [0] There was none yet.
   *[other] The last ones, the newest first:
}
broadcast-label = { $state ->
    [draft] ✏️
    [running] ▶️
    [paused] ⏸
    [stopped] ⏹
   *[done] ✅
} { $text }
broadcast-ask-text = Send the message as it should look, bold and links included. Language: { $language }
broadcast-no-text = Only text will do here. Please send it as text.
broadcast-long = That has { $count } characters; { $most } are the most. Please send a shorter one.
broadcast-draft = ✏️ <b>Draft { $broadcast }</b>, as it will look:
broadcast-size = { $count ->
    [0] Nobody is meant by that.
    [one] It goes to one person.
   *[other] It goes to { $count } people.
}
broadcast-aim = 🎯 <b>Who gets it?</b>
broadcast-begun = { $count ->
    [0] ✅ It is on its way, to nobody.
    [one] ✅ It is on its way to one person.
   *[other] ✅ It is on its way to { $count } people.
} Everything else that the shop has to tell goes first.
broadcast-discarded = Thrown away. Nobody got it.
broadcast-moved = { $step ->
    [run] It goes on.
    [pause] Paused. What is on its way this very second still arrives.
    [stop] Stopped. What is on its way this very second still arrives.
   *[discard] Thrown away.
}
broadcast-card-title = 📣 <b>Message { $broadcast }</b> · { $state ->
    [running] on its way
    [paused] paused
    [stopped] stopped
   *[done] done
}
broadcast-card-counts = { $sent } of { $total } got it{ $dropped ->
    [0] {""}
    [one] ; one cannot be reached
   *[other] ; { $dropped } cannot be reached
}
broadcast-none-again = You get no such messages any more. /settings brings them back.

aim-line = • { $what }
aim-activity = { $activity ->
    [all] everybody
    [week] who ordered in the last 7 days
    [month] who ordered in the last 30 days
    [quarter] who ordered in the last 90 days
    [quiet] who ordered, but not in the last 30 days
   *[never] who never ordered
}
aim-language = who speaks { $language }
aim-any-language = any language
aim-spent = who spent { $amount } or more
aim-any-spent = whatever they spent

button-broadcast-new = ✏️ New message
button-broadcast-text = Text: { $language }
button-broadcast-aim = 🎯 Who gets it
button-broadcast-try = 👁 Show it to me alone
button-broadcast-send = 📤 Send
button-broadcast-discard = Throw away
button-broadcast-pause = ⏸ Pause
button-broadcast-run = ▶️ Go on
button-broadcast-stop = ⏹ Stop
button-no-news = 🔕 No more of these
button-news-off = 🔕 No news
button-news-on = 🔔 News again
button-aim = { $what ->
    [activity] By what they ordered
    [language] By language
   *[spent] By what they spent
}

ask-broadcast = Send “{ $text }” to { $count ->
    [one] one person
   *[other] { $count } people
}?
log-broadcast = message { $broadcast } sent to { $count } people: { $text }
log-broadcast-run = message { $broadcast } goes on
log-broadcast-pause = message { $broadcast } paused
log-broadcast-stop = message { $broadcast } stopped
log-broadcast-discard = message { $broadcast } thrown away

error-broadcast-moved = This message was sent, stopped or thrown away meanwhile. /broadcast shows how it stands.
settings-news = 📣 News of the shop: { $state ->
    [on] you get them
   *[off] you get none
}
