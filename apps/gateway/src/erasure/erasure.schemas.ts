import { ALL_TENANTS } from '@app/memory';
import { z } from 'zod';

/** The same bound as for `tenant_id` in a write. */
const MAX_LABEL_CHARACTERS = 256;

const flag = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1');

/** No default: a forgotten parameter must not erase memories. */
export const eraseSchema = z
  .object({
    tenant_id: z
      .string()
      .max(MAX_LABEL_CHARACTERS)
      .refine((label) => label !== ALL_TENANTS, 'names one tenant. For all of them say all=true')
      .optional()
      .describe('The tenant to erase; empty: the default tenant.'),
    all: flag.optional().describe('`true`: the memories of all tenants.'),
  })
  .refine(({ tenant_id, all }) => tenant_id !== undefined || all === true, {
    path: ['tenant_id'],
    message: 'is required: the tenant to erase, empty for the default tenant. Or say all=true',
  })
  .refine(({ tenant_id, all }) => tenant_id === undefined || all !== true, {
    path: ['all'],
    message: 'cannot be combined with tenant_id: erase one tenant, or all',
  });

export type EraseRequest = z.output<typeof eraseSchema>;

export const erasedSchema = z
  .object({
    status: z.literal('deleted'),
    company_id: z.uuid(),
    tenant_id: z.string().nullable().describe('Null: the default tenant; `*`: all of them.'),
    deleted_count: z.int().describe('Memories.'),
  })
  .meta({ id: 'Erased' });

export type ErasedView = z.output<typeof erasedSchema>;

/** The result of an erasure job. */
export const erasureSchema = erasedSchema
  .extend({ status: z.enum(['deleting', 'deleted']) })
  .meta({ id: 'Erasure' });

export type ErasureView = z.output<typeof erasureSchema>;

export const erasedAccountSchema = z
  .object({
    status: z.literal('deleted'),
    account_id: z.uuid(),
    deleted_count: z.int().describe('Memories.'),
  })
  .meta({ id: 'ErasedAccount' });

export const erasingAccountSchema = z
  .object({
    status: z.literal('accepted'),
    account_id: z.uuid(),
    job_id: z
      .uuid()
      .describe(
        'The id of the erasure, as in its receipt. The erasure has no job, because its account is erased.',
      ),
  })
  .meta({ id: 'ErasingAccount' });

export type ErasedAccountView =
  z.output<typeof erasedAccountSchema> | z.output<typeof erasingAccountSchema>;
