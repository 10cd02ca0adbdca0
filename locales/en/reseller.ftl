# Those who sell on: the panel API, webhooks, and what they hear in the chat.

error-not-reseller = { $state ->
    [applied] Your application is being looked at. You will hear as soon as it is decided.
    [refused] Your application was not accepted. Write to support, or apply again with /reseller.
    [suspended] Your reseller account is suspended. Write to support.
   *[stranger] This is for resellers. Apply with /reseller.
}
error-key-gone = This key is no longer in use. Open /reseller and make a new one.
error-keys = You have { $maximum } keys already. Revoke one that you do not need, then make a new one.
error-network = <code>{ $text }</code> is neither an IP address nor a network. Write addresses such as 203.0.113.7 or 203.0.113.0/24, with spaces between them.
