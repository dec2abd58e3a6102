import { z } from 'zod';

import { label } from '../http/fields.schemas.js';

const MAX_EXCLUDED = 100;
const CLASSIFIER_ACCOUNTS = ['caller', 'bundled'] as const;

/** Dated or not, as Anthropic's own API knows them; a cloud's names for the same models are none. */
const anthropicModel = z
  .string()
  .regex(
    /^claude-[a-z0-9][a-z0-9.-]{0,99}$/,
    'must be an Anthropic model id, like claude-haiku-4-5-20251001',
  );

/** Null is no value here: what is not to change is left out. */
export const settingsChangesSchema = z
  .object({
    auto_supersede_default: z.boolean().optional(),
    excluded_categories: z.array(label).max(MAX_EXCLUDED).optional(),
    min_confidence: z.number().min(0).max(1).optional(),
    classifier_model: anthropicModel.optional(),
    classifier_account: z.enum(CLASSIFIER_ACCOUNTS).optional(),
    freshness_half_life_days: z.number().min(1).max(3_650).optional(),
  })
  .meta({ id: 'SettingsChanges' });

export type SettingsChanges = z.output<typeof settingsChangesSchema>;

export const settingsSchema = z
  .object({
    auto_supersede_default: z
      .boolean()
      .describe('For writes that do not say `auto_supersede` themselves.'),
    excluded_categories: z
      .array(z.string())
      .describe('Categories, or topics in any case: in these no model supersedes anything.'),
    min_confidence: z.number().describe('A verdict below it changes nothing.'),
    classifier_model: z.string().describe('An Anthropic model id.'),
    classifier_account: z
      .enum(CLASSIFIER_ACCOUNTS)
      .describe('Whose account classifies what a write with `llm` brings.'),
    freshness_half_life_days: z.number(),
  })
  .meta({ id: 'Settings' });

export type SettingsView = z.output<typeof settingsSchema>;
