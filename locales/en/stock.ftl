## The catalogue by hand: services, categories, prices and providers, for the people who run the shop.

error-not-in-catalogue = { $kind ->
    [category] There is no category #{ $id } here.
   *[service] There is no service #{ $id } here. <code>/services</code> and a few words finds one.
}
error-name-taken = Another category is called “{ $name }”, here or by its providers. Nothing was changed.
error-below-cost = At { $price } it would lose money: the panel asks { $cost } for it. Nothing was changed.
error-price-high = The dearest order at that price would be more than money can be counted. Nothing was changed.

log-guard = the margin guard
log-below-cost-hidden = { $subject } hidden: it costs { $cost }, our price is { $old }
log-below-cost-repriced = { $subject } repriced by its markup: { $old } → { $new }, it costs { $cost }
