import { Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

import { MAYBE_TEXT, MAYBE_TIME } from './columns.js';
import { MemoryRow } from './memory.entity.js';

@Entity('turns')
@Unique('turns_position', ['writeId', 'position'])
export class TurnRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'turns_pk' })
  id!: string;

  @Column('uuid')
  accountId!: string;

  @Column('uuid')
  writeId!: string;

  @Column('integer')
  position!: number;

  @Column('text')
  role!: string;

  @Column(MAYBE_TEXT)
  name!: string | null;

  @Column(MAYBE_TIME)
  saidAt!: Date | null;

  @Column('text')
  text!: string;
}

/** Which turns a memory cites. */
@Entity('memory_turns')
@Index('memory_turns_of_turn', ['turnId'])
export class MemoryTurnRow {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'memory_turns_pk' })
  @ForeignKey(() => MemoryRow, { name: 'memory_turns_memory', onDelete: 'CASCADE' })
  memoryId!: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'memory_turns_pk' })
  @ForeignKey(() => TurnRow, { name: 'memory_turns_turn' })
  turnId!: string;
}
