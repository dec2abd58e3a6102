import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

import { MAYBE_TEXT, TIME } from './columns.js';

@Entity('audit_events')
@Index('audit_events_of_memory', ['accountId', 'memoryId', 'id'])
@Index('audit_events_of_successor', ['accountId', 'successorId'], {
  where: 'successor_id IS NOT NULL',
})
export class AuditEventRow {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'audit_events_pk',
  })
  id!: string;

  @Column('uuid')
  accountId!: string;

  /** Null: the event is the receipt of an erasure. */
  @Column('uuid', { nullable: true })
  memoryId!: string | null;

  /** '' is the default tenant. Null: the event is the receipt of an erasure of all tenants or of the account. */
  @Column(MAYBE_TEXT)
  tenantId!: string | null;

  @Column('text')
  event!: string;

  @Column(TIME)
  at!: Date;

  @Column('uuid', { nullable: true })
  apiKeyId!: string | null;

  @Column('jsonb')
  details!: Record<string, unknown>;

  /** The successor of the memory. A chain with an erased memory is read by this column. */
  @Column('uuid', { nullable: true })
  successorId!: string | null;
}
