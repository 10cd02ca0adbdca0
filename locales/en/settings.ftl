## A person's own settings: quiet hours and the clock they go by.

settings-title = <b>Settings</b>
settings-quiet = 🌙 Quiet hours: <b>{ $begins } to { $ends }</b>
settings-quiet-off = 🌙 Quiet hours: <b>off</b>
settings-quiet-what = In your quiet hours messages come without a sound. Nothing waits: what happens to your orders and your money is here at once, for whenever you look.
settings-clock =
    🕒 Your clock: { $time }
    It does not follow summer time: set it again when your clocks change.
button-quiet = 🌙 Choose quiet hours
button-quiet-off = 🔔 Turn off
button-clock = 🕒 Set my clock
clock-question = 🕒 What does your clock show now? Tap it.
quiet-begin-question = 🌙 From when shall it be quiet?
quiet-end-question = 🌙 Quiet from { $begins }. Until when?
toast-quiet = Quiet from { $begins } to { $ends }.
toast-quiet-off = Quiet hours are off.
toast-clock = Your clock shows { $time }.
