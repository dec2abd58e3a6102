import { z } from 'zod';

import { label, moment, timestamp } from '../http/fields.schemas.js';

const ONE_TENANT = 'must name one tenant; leave it out for a key that sees all of them';
const PLAN_STATUSES = ['active', 'suspended'] as const;
const name = label.refine((text) => text.trim() !== '', 'must not be empty');
const planTier = z.string().regex(/^[a-z0-9_-]{1,64}$/, 'must be the name of a tier');

export const newAccountSchema = z.object({
  name,
  plan_tier: planTier.nullish().describe('Default: `free`.'),
});

export const accountChangesSchema = z.object({
  name: name.optional(),
  plan_tier: planTier.optional(),
  plan_status: z.enum(PLAN_STATUSES).optional(),
});

export const newKeySchema = z.object({
  name: label.nullish(),
  expires_at: timestamp.nullish(),
  // An empty label is refused: elsewhere it means the default tenant, but a key without a label is bound to no tenant.
  tenant_id: z
    .string()
    .max(256)
    .refine((text) => text !== '*' && text !== '', ONE_TENANT)
    .nullish()
    .describe('Binds the key to one tenant: any other tenant answers 404.'),
  read_only: z.boolean().nullish(),
});

export const accountPageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.string().max(1_024).optional(),
});

export type NewAccount = z.output<typeof newAccountSchema>;
export type AccountChanges = z.output<typeof accountChangesSchema>;
export type NewApiKey = z.output<typeof newKeySchema>;
export type AccountPage = z.output<typeof accountPageSchema>;

export const accountSchema = z
  .object({
    account_id: z.uuid(),
    name: z.string(),
    plan_tier: z.string(),
    plan_status: z.enum(PLAN_STATUSES),
    created_at: moment,
  })
  .meta({ id: 'Account' });

export const madeAccountSchema = z
  .object({
    account_id: z.uuid(),
    name: z.string(),
    plan_tier: z.string(),
    api_key_id: z.uuid(),
    api_key: z.string().describe('Shown once.'),
  })
  .meta({ id: 'MadeAccount' });

export const accountListSchema = z
  .object({
    count: z.int(),
    accounts: z.array(accountSchema),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'AccountList' });

export const apiKeySchema = z
  .object({
    id: z.uuid(),
    api_key_id: z.uuid().describe('The same as `id`: other responses call it `api_key_id`.'),
    name: z.string().nullable(),
    last_four: z.string(),
    tenant_id: z.string().nullable(),
    read_only: z.boolean(),
    created_at: moment,
    last_used_at: moment.nullable(),
    expires_at: moment.nullable(),
    revoked_at: moment.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const madeApiKeySchema = apiKeySchema
  .extend({ api_key: z.string().describe('Shown once.') })
  .meta({ id: 'MadeApiKey' });

export const apiKeyListSchema = z
  .object({ count: z.int(), keys: z.array(apiKeySchema) })
  .meta({ id: 'ApiKeyList' });

export const revokedSchema = z
  .object({ status: z.literal('revoked'), api_key_id: z.uuid() })
  .meta({ id: 'Revoked' });

export type AccountView = z.output<typeof accountSchema>;
export type MadeAccountView = z.output<typeof madeAccountSchema>;
export type AccountListView = z.output<typeof accountListSchema>;
export type ApiKeyView = z.output<typeof apiKeySchema>;
export type MadeApiKeyView = z.output<typeof madeApiKeySchema>;
export type ApiKeyListView = z.output<typeof apiKeyListSchema>;
export type RevokedView = z.output<typeof revokedSchema>;
