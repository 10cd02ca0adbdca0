"""The behaviours that lie in the answer to `add`: accepted or not, and how the answer goes out."""

from bot.sandbox.panel.manners import ERROR_PAGE, HTML_PAGE, Behaviour, Reply

_B = Behaviour


def refusal(error: str) -> Reply:
    """A refusal as panels give it: HTTP 200 and one key."""
    return Reply(accepts=False, body=lambda order, before: f'{{"error":"{error}"}}')


def page(status: int, *, accepts: bool, title: str | None = None) -> Reply:
    """An HTML page with this status; `title` None is the page of a bot wall."""
    text = HTML_PAGE if title is None else ERROR_PAGE.format(title)
    return Reply(accepts=accepts, body=lambda order, before: text, status=status, content_type="text/html")


def says(form: str) -> Reply:
    """Accepted, and answered with this text; {order} and {before} stand for ids."""
    return Reply(body=lambda order, before: form.replace("{order}", str(order)).replace("{before}", str(before)))


ANSWERS = (
    _B(
        "timeout-then-accept",
        "Accepted, answer too late",
        "The order is accepted; its answer comes long after any deadline.",
        Reply(via="never"),
    ),
    _B(
        "timeout-not-accepted",
        "Not accepted, no answer",
        "Nothing is accepted and the connection is held without a word.",
        Reply(accepts=False, body=lambda order, before: '{"error":"neworder.error.link"}', via="never"),
    ),
    _B("slow", "Slow answer", "The order is accepted; its answer takes a few seconds.", Reply(via="late")),
    _B(
        "accept-then-drop",
        "Accepted, then hung up",
        "The order is accepted and the connection closed without a byte.",
        Reply(via="closed"),
    ),
    _B(
        "drop-before-accept",
        "Hung up before accepting",
        "The connection is closed and nothing is accepted.",
        Reply(accepts=False, via="closed"),
    ),
    _B(
        "error-500-accepted",
        "Error 500, accepted",
        "The order is accepted and the answer is a 500.",
        page(500, accepts=True, title="500 Internal Server Error"),
    ),
    _B(
        "error-500-refused",
        "Error 500, not accepted",
        "Nothing is accepted and the answer is a 500.",
        page(500, accepts=False, title="500 Internal Server Error"),
    ),
    _B(
        "html-200-accepted",
        "HTML with 200, accepted",
        "The order is accepted and the answer is an HTML page with 200.",
        page(200, accepts=True),
    ),
    _B(
        "html-200-refused",
        "HTML with 200, not accepted",
        "Nothing is accepted and the answer is an HTML page with 200.",
        page(200, accepts=False),
    ),
    _B(
        "html-502",
        "HTML with 502",
        "Nothing is accepted and the answer is a gateway's 502 page.",
        page(502, accepts=False, title="502 Bad Gateway"),
    ),
    _B(
        "html-502-accepted",
        "HTML with 502, accepted",
        "The order is accepted and the answer is a gateway's 502 page.",
        page(502, accepts=True, title="502 Bad Gateway"),
    ),
    _B("html-403", "HTML with 403", "Nothing is accepted and a bot wall answers 403.", page(403, accepts=False)),
    _B(
        "too-many",
        "Error 429",
        "Nothing is accepted; 429 with Retry-After.",
        Reply(
            accepts=False,
            body=lambda order, before: '{"error":"Too many requests"}',
            status=429,
            headers=(("Retry-After", "2"),),
        ),
    ),
    _B("cut-json", "Cut JSON", "The order is accepted and the JSON breaks off in the middle.", says('{"order":')),
    _B("empty-body", "Empty answer", "The order is accepted and the answer is 200 without a body.", says("")),
    _B(
        "json-as-html",
        "JSON called HTML",
        "The order is accepted; good JSON comes as text/html.",
        Reply(content_type="text/html"),
    ),
    _B("order-null", "order is null", "The order is accepted and its id is null.", says('{"order":null}')),
    _B("order-list", "order is a list", "The order is accepted and its id is a list.", says('{"order":[{order}]}')),
    _B("order-zero", "order is 0", "The order is accepted and its id is 0.", says('{"order":0}')),
    _B("order-negative", "order is -1", "The order is accepted and its id is -1.", says('{"order":-1}')),
    _B(
        "order-float",
        "order is a float",
        "The order is accepted and its id is written as a float.",
        says('{"order":{order}.0}'),
    ),
    _B(
        "order-string",
        "order is a string",
        "The order is accepted and its id is a string.",
        says('{"order":"{order}"}'),
    ),
    _B(
        "both-keys",
        "order and error",
        "The order is accepted and the answer has both an id and an error.",
        says('{"order":{order},"error":"neworder.error.link"}'),
    ),
    _B(
        "error-with-status",
        "Error with a status",
        "Nothing is accepted; the refusal carries a second key, status.",
        Reply(accepts=False, body=lambda order, before: '{"error":"Incorrect service ID","status":"104"}'),
    ),
    _B(
        "reused-id",
        "Id of another order",
        "The order is accepted and answered with the id of the order before it.",
        says('{"order":{before}}'),
    ),
    _B(
        "drip",
        "A byte now and then",
        "The order is accepted; the answer drips a byte at a time past any deadline.",
        Reply(via="drip"),
    ),
    _B("huge", "Huge answer", "The order is accepted; megabytes of blanks follow the answer.", Reply(via="huge")),
    _B(
        "redirect",
        "Redirect",
        "Nothing is accepted; a 302 would turn the POST into an empty GET.",
        Reply(accepts=False, body=lambda order, before: "", status=302, headers=(("Location", "?moved=1"),)),
    ),
    _B("reject", "Refused: link", "Refused with neworder.error.link.", refusal("neworder.error.link")),
    _B(
        "not-enough-funds",
        "Refused: funds",
        "Refused with neworder.error.not_enough_funds.",
        refusal("neworder.error.not_enough_funds"),
    ),
    _B(
        "duplicate-link",
        "Refused: same link",
        "Refused with neworder.error.link_duplicate.",
        refusal("neworder.error.link_duplicate"),
    ),
    _B(
        "active-order",
        "Refused: active order",
        "Refused with You have active order with this link.",
        refusal("You have active order with this link."),
    ),
    _B(
        "min-quantity",
        "Refused: minimum",
        "Refused with neworder.error.min_quantity.",
        refusal("neworder.error.min_quantity"),
    ),
    _B(
        "max-quantity",
        "Refused: maximum",
        "Refused with neworder.error.max_quantity.",
        refusal("neworder.error.max_quantity"),
    ),
    _B("service-gone", "Refused: service gone", "Refused with Incorrect service ID.", refusal("Incorrect service ID")),
)
