## Resellers and their tiers for those who run the shop.

error-no-tier = There is no tier called “{ $name }”. /tier lists them.
error-tier-in-use = { $count ->
    [one] One reseller is in the tier “{ $name }”. Put them into another one first.
   *[other] { $count } resellers are in the tier “{ $name }”. Put them into another one first.
}

