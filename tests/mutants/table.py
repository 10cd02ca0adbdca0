"""All mutants."""

from tests.mutants import books, buying, following, looking, sending, telling

MUTANTS = [*books.MUTANTS, *buying.MUTANTS, *sending.MUTANTS, *following.MUTANTS, *telling.MUTANTS, *looking.MUTANTS]
