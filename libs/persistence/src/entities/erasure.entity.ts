import type { ErasureExtent, JobState } from '@app/memory';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

import { MAYBE_TEXT, MAYBE_TIME, TIME } from './columns.js';

@Entity('erasures')
@Check('erasures_extent', `extent in ('tenant', 'memories', 'account')`)
@Check('erasures_tenant', `(tenant_id is null) = (extent <> 'tenant')`)
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

  @Column('text')
  extent!: ErasureExtent;

  /** '' is the default tenant. Null: all of them. */
  @Column(MAYBE_TEXT)
  tenantId!: string | null;

  @Column('text')
  state!: JobState;

  /** Memories. */
  @Column('integer', { default: 0 })
  deletedCount!: number;

  @Column('integer', { default: 0 })
  turnCount!: number;

  /** Writes and queries that were ended, or whose text was erased. */
  @Column('integer', { default: 0 })
  jobCount!: number;

  @Column('text')
  requestId!: string;

  @Column(TIME)
  createdAt!: Date;

  @Column(MAYBE_TIME)
  startedAt!: Date | null;

  @Column(MAYBE_TIME)
  finishedAt!: Date | null;
}
