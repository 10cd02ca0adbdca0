"""The first revision: every table of the shop and the guards on them."""

from alembic import op

from services.migrations import triggers
from services.migrations.first_resellers import SHOP

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables, then guard them."""
    connection = op.get_bind()
    SHOP.create_all(connection, checkfirst=False)
    for statement in triggers.raised(connection.dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Drop it all: an empty database remains."""
    connection = op.get_bind()
    SHOP.drop_all(connection, checkfirst=False)
    for statement in triggers.razed(connection.dialect.name):
        op.execute(statement)
