import type { Failure } from '@app/errors';
import type { JobState, LlmAccount, WriteResult } from '@app/memory';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

import { MAYBE_COUNT, MAYBE_JSON, MAYBE_TEXT, MAYBE_TIME, TENANT, TIME } from './columns.js';

@Entity('writes')
@Check('writes_mode', `mode in ('content', 'messages')`)
@Check('writes_state', `state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')`)
@Check('writes_llm_account', `llm_account in ('caller', 'bundled')`)
@Index('writes_newest', ['accountId', 'createdAt', 'id'])
@Index('writes_next_check', ['nextCheckAt'], { where: 'next_check_at is not null' })
@Index('writes_kept_a_day', ['finishedAt'], {
  where: 'finished_at is not null and failure is null',
})
@Index('writes_kept_a_week', ['finishedAt'], { where: 'failure is not null' })
export class WriteRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'writes_pk' })
  id!: string;

  @Column('uuid')
  accountId!: string;

  @Column('uuid')
  apiKeyId!: string;

  @Column(TENANT)
  tenantId!: string;

  @Column('text')
  mode!: WriteResult['mode'];

  @Column('text')
  state!: JobState;

  @Column('integer')
  run!: number;

  @Column('integer')
  attempt!: number;

  @Column(MAYBE_TEXT)
  llmAccount!: LlmAccount | null;

  /** This and the next two are for audit: the worker calls what the envelope says. */
  @Column(MAYBE_TEXT)
  llmProvider!: string | null;

  @Column(MAYBE_TEXT)
  llmModel!: string | null;

  @Column(MAYBE_TEXT)
  llmBaseUrlHost!: string | null;

  /** The request without its key; null once it is not needed any more. */
  @Column(MAYBE_JSON)
  request!: unknown;

  @Column('text')
  requestId!: string;

  @Column('boolean')
  waiting!: boolean;

  /** Where it was counted; null for what was counted nowhere. */
  @Column('date', { nullable: true })
  quotaPeriod!: string | null;

  @Column('smallint', { nullable: true })
  quotaSlot!: number | null;

  @Column(MAYBE_TIME)
  deadlineAt!: Date | null;

  @Column(MAYBE_TIME)
  nextCheckAt!: Date | null;

  @Column(TIME)
  createdAt!: Date;

  @Column(MAYBE_TIME)
  startedAt!: Date | null;

  @Column(MAYBE_TIME)
  finishedAt!: Date | null;

  @Column(MAYBE_JSON)
  result!: WriteResult | null;

  @Column(MAYBE_JSON)
  failure!: Failure | null;

  @Column(MAYBE_COUNT)
  llmCalls!: number | null;

  @Column(MAYBE_COUNT)
  inputTokens!: number | null;

  @Column(MAYBE_COUNT)
  outputTokens!: number | null;
}
