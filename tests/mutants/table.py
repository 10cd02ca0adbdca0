"""All mutants."""

from tests.mutants import (
    books,
    buying,
    finishing,
    following,
    handling,
    looking,
    posting,
    recovering,
    refilling,
    reselling,
    running,
    sending,
    serving,
    stocking,
    telling,
    watching,
)

MUTANTS = [
    *books.MUTANTS,
    *buying.MUTANTS,
    *finishing.MUTANTS,
    *sending.MUTANTS,
    *following.MUTANTS,
    *telling.MUTANTS,
    *looking.MUTANTS,
    *refilling.MUTANTS,
    *reselling.MUTANTS,
    *stocking.MUTANTS,
    *handling.MUTANTS,
    *running.MUTANTS,
    *watching.MUTANTS,
    *recovering.MUTANTS,
    *serving.MUTANTS,
    *posting.MUTANTS,
]
