# What resellers alone can be refused: their keys, their site, what their site asks for.

error-not-reseller = { $state ->
    [applied] Your application is being looked at. You will hear as soon as it is decided.
    [refused] Your application was not accepted. Write to support, or apply again with /reseller.
    [suspended] Your reseller account is suspended. Write to support.
   *[stranger] This is for resellers. Apply with /reseller.
}
error-key-gone = This key is no longer in use. Open /reseller and make a new one.
error-keys = You have { $maximum } keys already. Revoke one that you do not need, then make a new one.
error-groups = Your orders are told in { $maximum } groups already. Write <code>/reseller away</code> in one that need not hear of them, or drop it under /reseller, then try again here.
error-parameter = The parameter { $name } { $reason ->
    [missing] is missing.
    [whole] is no whole number.
    [amount] is no amount of money.
    [currency] is not the three letters of a currency.
    [long] has signs that cannot be used, or more than { $maximum } of them.
   *[unsupported] is not possible here.
}
error-key-limit = The orders of this key would cost more than the { $limit } that you let it spend in 24 hours.
error-request-taken = This request id stands for another order.
error-type = Orders of the type { $type } cannot be taken.
error-network = { $reason ->
    [none] No address is in that.
    [many] That is more than { $maximum } addresses: name networks instead.
   *[unread] <code>{ $text }</code> is neither an IP address nor a network.
} Write addresses such as 203.0.113.7 or 203.0.113.0/24, with spaces between them.
error-site = { $reason ->
    [empty] Send the address that your site takes messages at, such as https://shop.example.com/webhook.
    [long] This address is too long: at most { $longest } characters.
    [letters] Write the address in plain letters, digits and signs. Other letters of a name have a spelling that begins with xn--.
    [scheme] The address must begin with https://.
    [user] Leave user and password out of the address: messages are signed instead.
    [port] Leave the port out: messages come to the usual one of https, 443.
    [inside] This name is not one of the public internet.
   *[host] The address must name your site, such as https://shop.example.com/webhook; IP addresses will not do.
}
error-no-site = No site is connected yet. Open /reseller and connect one.
error-site-off = Messages to your site are turned off. Turn them on first.
error-delivery-gone = This message was forgotten, or it is on its way already.

# What they hear of their own site.
site-title = { $state ->
    [failing] ⚠️ <b>{ $host } takes no messages</b>
    [given_up] ❌ <b>Messages to { $host } were given up</b>
   *[gone] 🔕 <b>{ $host } wants no more messages</b>
}
site-last = Last answer: { $answer }
site-since = Since: { $at } UTC
site-text = { $state ->
    [failing] We go on trying, each message for three days. Please look at your site; what comes in late has its old time in it.
    [given_up] Your site took them at no try in three days. Once it works again, open the webhook and have them sent again.
   *[gone] It answered 410, which asks us to stop, so we did. To go on, open the webhook and turn messages on again.
}
# What came of a try: an HTTP status, or why there was none.
site-answer = { $answer ->
    [slow] no whole answer in 10 seconds
    [unreachable] no connection
    [name] its name has no address
    [inside] its name does not lead to the public internet
    [certificate] its certificate is not good for this name
    [broken] the connection broke
    [address] nothing can be sent to this address
   *[other] HTTP { $answer }
}
