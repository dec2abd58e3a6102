import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

import { MAYBE_JSON, TIME } from './columns.js';

@Entity('idempotency_records')
@Check('idempotency_records_state', `state in ('running', 'kept')`)
@Index('idempotency_records_kept_a_day', ['createdAt'])
export class IdempotencyRecordRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'idempotency_records_pk' })
  accountId!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'idempotency_records_pk' })
  route!: string;

  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'idempotency_records_pk' })
  keyHash!: Buffer;

  @Column('bytea')
  fingerprint!: Buffer;

  @Column('text')
  state!: 'running' | 'kept';

  /** What to render the first answer from: its status, and ids or a failure. Null while it runs. */
  @Column(MAYBE_JSON)
  reply!: unknown;

  @Column(TIME)
  createdAt!: Date;
}
