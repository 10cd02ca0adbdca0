## Why something cannot be done, and what to do instead. The ids are the codes of the shop's refusals.

error-unknown = That did not work. Please try again.
error-link =
    { $reason ->
        [empty] I see no link in that message.
        [long] That link is too long: 500 characters are the most.
        [scheme] A link begins with https://.
        [private] That is not a public web address, so no server can reach it.
        [platform] That is not a link to { $platform }.
        [profile] That is not the link of a profile.
       *[host] That is not a link.
    } Please send one like <code>{ $example }</code>
error-quantity = “<code>{ $text }</code>” is not a quantity. Please send a whole number, like 1000 or 10k.
error-answer =
    { $reason ->
        [empty] I see nothing in that.
        [form] { $field ->
            [username] “{ $hint }” is not a username. Please send it like @name.
            [hashtag] “{ $hint }” is not a hashtag. Please send it like #travel.
            [usernames] Number { $given }, “{ $hint }”, is not a username. Please send them like @name, one per line.
            [hashtags] Number { $given }, “{ $hint }”, is not a hashtag. Please send them like #travel, one per line.
           *[groups] Line { $given }, “{ $hint }”, is not a link to a group. Please send links, one per line.
        }
        [range] That is not a number I can use. Please send one from { $minimum } to { $maximum }, or two like 100-150, the smaller one first.
        [choice] That cannot be chosen. Please tap one of these, or send 0, 5, 10, 15, 20, 30, 40, 50, 60 or a larger half hour, up to 600.
        [date] That is not a day I can read. Please send it like 31.12.2026.
        [past] That day is over, or more than a year away. Please send another one.
        [few] That makes { $count }, and { $minimum } is the least here. Please send at least so many, one per line.
        [many] That makes { $count }, and { $maximum } is the most here. Please send no more than that.
        [long] Line { $given } is too long: { $maximum } characters are the most.
        [size] That is too much: { $maximum } KB are the most.
        [file] That file is no text file. Please send one whose name ends in .txt.
        [coding] I cannot read the letters in that file. Please save it as UTF-8 and send it again.
        [fetch] That file could not be fetched. Please send it again.
        [uneven] { $count } cannot be split into { $given } equal runs. { $hint ->
            [none] Please go back and choose a rounder quantity.
           *[other] These numbers of runs work: { $hint }.
        }
       *[number] { $field ->
            [interval] That is not a number of minutes I can use.
           *[other] That is not a number I can use.
        } Please send a whole number from { $minimum } to { $maximum }.
    }
error-quantity-small = That is too few: the smallest order here is { $minimum }. Please send a larger number.
error-quantity-large = That is too many: the largest order here is { $maximum }. Please send a smaller number.
error-money = This costs { $price }, and your wallet holds { $balance }. { $missing } is missing: please top up first.
error-their-money = That is { $price }, and their wallet holds { $balance }: { $missing } is missing. Nothing was done.
error-service-gone = This service is not on sale any more. Please pick another one.
error-price-changed = The price has changed: it is { $price } now. Please check it before you order.
error-quote-gone = This offer is out of date. Please start again from the menu.
error-rest-ordered = The rest is ordered already. Nothing was bought again.
error-order-not-found = There is no such order among yours.
error-too-late = Too late to undo: the order has already left for the server.
error-id-taken = Another order of ours has the id { $id } at that panel. Nothing was changed. Please check the id and send it again.
error-no-refill = { $reason ->
    [over] The guarantee of this order has ended, so no refill can be asked for any more.
   *[none] This order has no guarantee against drops.
}
error-refill-early = The server takes only one request in a while. You can ask again in { $wait }.
error-sales-stopped = Ordering is paused for the moment. Your money is safe and orders under way go on; please try again later.
error-banned = This account may not use the shop. Its money stays where it is. If you think that is a mistake, please write to support.
error-throttled = That was a little too fast. Please wait a moment and do it again.
error-incident = Something went wrong on our side, and we have been told. If it happens again, please give support this number: <code>{ $number }</code>

error-not-allowed = { $role ->
    [settings] This person is an owner by the settings of the shop. Only there can that be changed.
   *[other] That takes the role { $role } or higher. Please ask an owner of the shop.
}
error-person = “{ $who }” has not used this bot yet, or goes by another name. Please give their id, a number, or @name.
error-several-such = Several people were met as { $who }: { $ids }. Please look who has the name by now, and give their id.
error-approval-gone = This was decided before, or has waited for too long. Nothing was done now.
error-terms-moved = That has changed since you were asked. Nothing was done; please ask for it anew.
error-approval-second = Somebody else has to say yes to this: so large a step takes two.
