import type { PlanStatus, Settings } from '@app/accounts';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

import { MAYBE_TEXT, MAYBE_TIME, TIME } from './columns.js';

@Entity('accounts')
@Check('accounts_plan_status', `plan_status in ('active', 'suspended')`)
export class AccountRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'accounts_pk' })
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  planTier!: string;

  @Column('text')
  planStatus!: PlanStatus;

  @Column(TIME)
  createdAt!: Date;
}

@Entity('api_keys')
@Unique('api_keys_hash', ['hash'])
@Index('api_keys_of_account', ['accountId'])
export class ApiKeyRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'api_keys_pk' })
  id!: string;

  @Column('uuid')
  @ForeignKey(() => AccountRow, { name: 'api_keys_account', onDelete: 'CASCADE' })
  accountId!: string;

  @Column('bytea', { select: false })
  hash!: Buffer;

  @Column('text')
  lastFour!: string;

  @Column(MAYBE_TEXT)
  name!: string | null;

  @Column(MAYBE_TEXT)
  tenantId!: string | null;

  @Column('boolean')
  readOnly!: boolean;

  /** Only the settings that were changed. The others have the value in DEFAULT_SETTINGS. */
  @Column('jsonb', { default: {} })
  settings!: Partial<Settings>;

  @Column(TIME)
  createdAt!: Date;

  @Column(MAYBE_TIME)
  lastUsedAt!: Date | null;

  @Column(MAYBE_TIME)
  expiresAt!: Date | null;

  @Column(MAYBE_TIME)
  revokedAt!: Date | null;
}
