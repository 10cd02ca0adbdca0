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
