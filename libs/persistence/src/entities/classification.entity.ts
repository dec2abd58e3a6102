import { type Verdict, VERDICTS } from '@app/memory';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

import { TIME } from './columns.js';
import { MemoryRow } from './memory.entity.js';

@Entity('classifications')
@Check(
  'classifications_verdict',
  `verdict in (${VERDICTS.map((verdict) => `'${verdict}'`).join(', ')})`,
)
@Index('classifications_of_candidate', ['candidateId'])
export class ClassificationRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'classifications_pk' })
  @ForeignKey(() => MemoryRow, { name: 'classifications_memory', onDelete: 'CASCADE' })
  memoryId!: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'classifications_pk' })
  @ForeignKey(() => MemoryRow, { name: 'classifications_candidate', onDelete: 'CASCADE' })
  candidateId!: string;

  @Column('uuid')
  accountId!: string;

  @Column('text')
  verdict!: Verdict;

  @Column('double precision')
  confidence!: number;

  @Column('text')
  reasoning!: string;

  @Column('text')
  model!: string;

  @Column(TIME)
  classifiedAt!: Date;
}
