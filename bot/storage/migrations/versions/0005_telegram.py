"""The tables of the Telegram channel."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create them."""
    op.create_table('telegram_bots',
    sa.Column('bot_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('next_offset', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('received_at', sa.Float(), nullable=True),
    sa.Column('holder', sa.String(length=40), nullable=True),
    sa.Column('lease_until', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('bot_id', name=op.f('pk_telegram_bots'))
    )
    op.create_table('telegram_groups',
    sa.Column('chat_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('moved_to', sa.BigInteger(), nullable=True),
    sa.Column('watches', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.PrimaryKeyConstraint('chat_id', name=op.f('pk_telegram_groups'))
    )
    op.create_table('telegram_jobs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('group_id', sa.BigInteger(), nullable=False),
    sa.Column('thread_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.Float(), nullable=False),
    sa.CheckConstraint("kind IN ('say', 'react')", name=op.f('ck_telegram_jobs_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_telegram_jobs'))
    )
    op.create_table('telegram_people',
    sa.Column('chat_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('blocked_at', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('chat_id', name=op.f('pk_telegram_people'))
    )
    op.create_table('telegram_topics',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('group_id', sa.BigInteger(), nullable=False),
    sa.Column('thread_id', sa.BigInteger(), nullable=True),
    sa.Column('card_id', sa.BigInteger(), nullable=True),
    sa.Column('card', sa.Text(), nullable=True),
    sa.Column('card_at', sa.Float(), nullable=True),
    sa.Column('name', sa.String(length=128), nullable=True),
    sa.Column('icon', sa.String(length=40), nullable=True),
    sa.Column('closed', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('seen_seq', sa.Integer(), nullable=False),
    sa.Column('seen_note', sa.Integer(), server_default='0', nullable=False),
    sa.Column('seen_version', sa.Integer(), server_default='-1', nullable=False),
    sa.Column('served_at', sa.Float(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_telegram_topics')),
    sa.UniqueConstraint('group_id', 'thread_id', name=op.f('uq_telegram_topics_group_id_thread_id'))
    )
    op.create_table('telegram_updates',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('bot_id', sa.BigInteger(), nullable=False),
    sa.Column('update_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('raw', sa.Text(), nullable=False),
    sa.Column('received_at', sa.Float(), nullable=False),
    sa.Column('error', sa.String(length=100), nullable=True),
    sa.CheckConstraint("state IN ('new', 'done', 'failed')", name=op.f('ck_telegram_updates_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_telegram_updates')),
    sa.UniqueConstraint('bot_id', 'update_id', name=op.f('uq_telegram_updates_bot_id_update_id'))
    )
    op.create_index('telegram_updates_by_state', 'telegram_updates', ['state', 'id'], unique=False)
    op.create_table('telegram_invites',
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('expires_at', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_telegram_invites_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_telegram_invites'))
    )
    op.create_table('telegram_staff',
    sa.Column('user_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('linked_at', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_telegram_staff_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_telegram_staff')),
    sa.UniqueConstraint('staff_id', name=op.f('uq_telegram_staff_staff_id'))
    )
    op.create_table('telegram_links',
    sa.Column('chat_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('message_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('thread_id', sa.BigInteger(), nullable=True),
    sa.Column('post_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('album', sa.String(length=64), nullable=True),
    sa.Column('shown', sa.String(length=10), nullable=True),
    sa.ForeignKeyConstraint(['post_id'], ['messages.id'], name=op.f('fk_telegram_links_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('chat_id', 'message_id', name=op.f('pk_telegram_links'))
    )
    op.create_index('telegram_links_of_post', 'telegram_links', ['post_id'], unique=False)
    op.create_index('telegram_links_of_topic', 'telegram_links', ['chat_id', 'thread_id'], unique=False)
    op.create_table('telegram_modes',
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('until', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_telegram_modes_staff_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_telegram_modes_ticket_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('staff_id', 'ticket_id', name=op.f('pk_telegram_modes'))
    )
    op.create_table('telegram_parts',
    sa.Column('post_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('maybe_twice', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['messages.id'], name=op.f('fk_telegram_parts_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', 'part', name=op.f('pk_telegram_parts'))
    )
