## The wallet: balance, statement, topping up.

wallet-title = <b>Your wallet</b>
wallet-balance = Balance: <b>{ $balance }</b>
wallet-top-up = To top up, write to support and give your id: <code>{ $id }</code>
wallet-top-up-contact = To top up, write to { $contact } and give your id: <code>{ $id }</code>
wallet-statement = <b>Statement</b> (times in UTC)
wallet-empty = Nothing was paid in or out yet.
wallet-entry = { $at } · { $what } · <b>{ $amount }</b>
wallet-in = +{ $amount }
wallet-out = −{ $amount }
wallet-what = { $code ->
    [hold] Order #{ $order }
    [refund] Back from order #{ $order }
    [credit] Top-up
    [debit] Taken out by the shop
   *[other] Correction
}
button-copy-id = 📋 Copy my id
button-earlier = Earlier ›
button-latest = ‹ Latest
