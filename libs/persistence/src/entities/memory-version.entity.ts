import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

import { MAYBE_TIME, TIME } from './columns.js';
import { MemoryRow } from './memory.entity.js';

@Entity('memory_versions')
@Check('memory_versions_believed', 'believed_from < believed_to')
@Index('memory_versions_of_successor', ['supersededBy'], { where: 'superseded_by IS NOT NULL' })
@Index('memory_versions_one_open', ['memoryId'], { unique: true, where: 'believed_to IS NULL' })
export class MemoryVersionRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'memory_versions_pk' })
  @ForeignKey(() => MemoryRow, { name: 'memory_versions_memory', onDelete: 'CASCADE' })
  memoryId!: string;

  @Column('uuid')
  accountId!: string;

  @Column(TIME)
  validFrom!: Date;

  @Column(MAYBE_TIME)
  validTo!: Date | null;

  @Column('uuid', { nullable: true })
  supersededBy!: string | null;

  @PrimaryColumn({ ...TIME, primaryKeyConstraintName: 'memory_versions_pk' })
  believedFrom!: Date;

  @Column(MAYBE_TIME)
  believedTo!: Date | null;
}
