import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

import { TIME } from './columns.js';

@Entity('quota_slots')
@Check('quota_slots_kind', `kind in ('write', 'query')`)
@Check('quota_slots_used', 'used >= 0')
export class QuotaSlotRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'quota_slots_pk' })
  accountId!: string;

  /** The month's first day, UTC. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'quota_slots_pk' })
  period!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'quota_slots_pk' })
  kind!: 'write' | 'query';

  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'quota_slots_pk' })
  slot!: number;

  @Column('integer')
  used!: number;
}

@Entity('quota_exhaustions')
export class QuotaExhaustionRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'quota_exhaustions_pk' })
  accountId!: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'quota_exhaustions_pk' })
  period!: string;

  @Column(TIME)
  exhaustedAt!: Date;
}

@Entity('usage_slots')
@Check('usage_slots_owner', `owner in ('caller', 'bundled')`)
export class UsageSlotRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'usage_slots_pk' })
  accountId!: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'usage_slots_pk' })
  period!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'usage_slots_pk' })
  owner!: 'caller' | 'bundled';

  @PrimaryColumn('smallint', { primaryKeyConstraintName: 'usage_slots_pk' })
  slot!: number;

  @Column('bigint')
  calls!: string;

  @Column('bigint')
  inputTokens!: string;

  @Column('bigint')
  outputTokens!: string;
}
