import type { Category, Extraction } from '@app/memory';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

import { MAYBE_JSON, MAYBE_TEXT, MAYBE_TIME, TENANT, TIME } from './columns.js';

@Entity('memories')
@Check('memories_importance', 'importance between 1 and 10')
@Index('memories_one_current_per_fold', ['accountId', 'tenantId', 'source', 'foldHash'], {
  unique: true,
  where: 'current',
})
@Index('memories_newest_of_tenant', ['accountId', 'tenantId', 'createdAt', 'id'])
@Index('memories_newest_of_account', ['accountId', 'createdAt', 'id'])
@Index('memories_of_write', ['writeId'])
@Index('memories_of_older_form', ['accountId', 'id'], { where: 'search_form < 1' })
@Index('memories_search', ['accountId', 'tenantId', 'searchDocument'], { type: 'gin' })
export class MemoryRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'memories_pk' })
  id!: string;

  @Column('uuid')
  accountId!: string;

  @Column(TENANT)
  tenantId!: string;

  @Column('text')
  source!: string;

  @Column(MAYBE_TEXT)
  sessionId!: string | null;

  @Column(MAYBE_TEXT)
  externalId!: string | null;

  @Column('jsonb')
  metadata!: Record<string, unknown>;

  @Column('text')
  text!: string;

  @Column('bytea')
  foldHash!: Buffer;

  @Column('text')
  topic!: string;

  @Column('text')
  category!: Category;

  @Column('smallint')
  importance!: number;

  @Column('uuid')
  writeId!: string;

  @Column(TIME)
  createdAt!: Date;

  @Column(TIME)
  capturedAt!: Date;

  @Column(MAYBE_JSON)
  extraction!: Extraction | null;

  /** The same as in the open version. */
  @Column(TIME)
  validFrom!: Date;

  /** The same as in the open version. */
  @Column(MAYBE_TIME)
  validTo!: Date | null;

  /**
   * False for an ended memory: the same fact may then be stored again. A memory that was given an end in the future keeps
   * `true` after that end, until `releaseEndedFolds` updates it.
   */
  @Column('boolean', { default: true })
  current!: boolean;

  @Column('tsvector', { select: false })
  searchDocument!: string;

  /** The SEARCH_FORM by which the search document and the fold were built; lower if an older version built them. */
  @Column('smallint', { default: 0, select: false })
  searchForm!: number;
}
