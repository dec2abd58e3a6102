import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

import { TIME } from './columns.js';

@Entity('idempotency_records')
@Check('idempotency_records_state', `state in ('running', 'kept', 'released')`)
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
  state!: 'running' | 'kept' | 'released';

  /** The ids that it reserved, and once it is kept what to render the first answer from: ids or a failure. */
  @Column('jsonb')
  reply!: unknown;

  @Column(TIME)
  createdAt!: Date;
}
