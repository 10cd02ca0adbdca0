/** Amounts of any currency, as exact as they come. */

/** "6" and "EUR" -> "€6.00"; up to six decimals where there are more than two. */
export function money(amount, currency) {
  try {
    return new Intl.NumberFormat("en-US", { style: "currency", currency, maximumFractionDigits: 6 }).format(amount);
  } catch {
    return `${amount} ${currency}`;
  }
}

/** What is left of one decimal text after another: "15" less "6" -> "9", exact to six decimals. */
export function less(amount, other) {
  return String((Math.round(Number(amount) * 1e6) - Math.round(Number(other) * 1e6)) / 1e6);
}
