import type { JobState } from '@app/memory';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

import { MAYBE_TEXT, MAYBE_TIME, TIME } from './columns.js';

@Entity('erasures')
@Check('erasures_state', `state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')`)
@Index('erasures_newest', ['accountId', 'createdAt', 'id'])
@Index('erasures_unfinished', ['createdAt'], { where: 'finished_at is null' })
export class ErasureRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'erasures_pk' })
  id!: string;

  @Column('uuid')
  accountId!: string;

  @Column('uuid', { nullable: true })
  apiKeyId!: string | null;

  /** Null: the whole account. '' is the default tenant. */
  @Column(MAYBE_TEXT)
  tenantId!: string | null;

  @Column('text')
  state!: JobState;

  @Column('integer')
  deletedCount!: number;

  @Column('text')
  requestId!: string;

  @Column(TIME)
  createdAt!: Date;

  @Column(MAYBE_TIME)
  startedAt!: Date | null;

  @Column(MAYBE_TIME)
  finishedAt!: Date | null;
}
