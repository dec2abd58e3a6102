import type { Failure } from '@app/errors';
import type { Answer, JobState, LlmAccount } from '@app/memory';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

import { MAYBE_COUNT, MAYBE_JSON, MAYBE_TIME, TIME } from './columns.js';

@Entity('queries')
@Check('queries_state', `state in ('queued', 'running', 'succeeded', 'failed', 'cancelled')`)
@Check('queries_llm_account', `llm_account in ('caller', 'bundled')`)
@Index('queries_newest', ['accountId', 'createdAt', 'id'])
@Index('queries_next_check', ['nextCheckAt'], { where: 'next_check_at is not null' })
@Index('queries_kept_a_day', ['finishedAt'], {
  where: 'finished_at is not null and failure is null',
})
@Index('queries_kept_a_week', ['finishedAt'], { where: 'failure is not null' })
export class QueryRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'queries_pk' })
  id!: string;

  @Column('uuid')
  accountId!: string;

  @Column('uuid')
  apiKeyId!: string;

  @Column('text')
  state!: JobState;

  @Column('integer')
  run!: number;

  @Column('integer')
  attempt!: number;

  @Column('text')
  llmAccount!: LlmAccount;

  @Column('jsonb')
  question!: unknown;

  @Column('text')
  requestId!: string;

  @Column(TIME)
  deadlineAt!: Date;

  @Column(MAYBE_TIME)
  nextCheckAt!: Date | null;

  @Column(TIME)
  createdAt!: Date;

  @Column(MAYBE_TIME)
  startedAt!: Date | null;

  @Column(MAYBE_TIME)
  finishedAt!: Date | null;

  @Column(MAYBE_JSON)
  answer!: Answer | null;

  @Column(MAYBE_JSON)
  failure!: Failure | null;

  @Column(MAYBE_COUNT)
  llmCalls!: number | null;

  @Column(MAYBE_COUNT)
  inputTokens!: number | null;

  @Column(MAYBE_COUNT)
  outputTokens!: number | null;
}
