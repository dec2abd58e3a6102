import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

import { TIME } from './columns.js';

@Entity('audit_events')
@Index('audit_events_of_memory', ['accountId', 'memoryId', 'id'])
export class AuditEventRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'audit_events_pk',
  })
  id!: string;

  @Column('uuid')
  accountId!: string;

  /** Null: the receipt of an erased tenant or account. */
  @Column('uuid', { nullable: true })
  memoryId!: string | null;

  @Column('text')
  event!: string;

  @Column(TIME)
  at!: Date;

  @Column('uuid', { nullable: true })
  apiKeyId!: string | null;

  @Column('jsonb')
  details!: Record<string, unknown>;
}
