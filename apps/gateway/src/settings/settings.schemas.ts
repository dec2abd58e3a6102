import { z } from 'zod';

import { label } from '../http/fields.schemas.js';

const MAX_EXCLUDED = 100;
const CLASSIFIER_ACCOUNTS = ['caller', 'bundled'] as const;

/** A model id of Anthropic's own API, with or without a date. Ids of cloud providers for the same models are refused. */
const anthropicModel = z
  .string()
  .regex(
    /^claude-[a-z0-9][a-z0-9.-]{0,99}$/,
    'must be an Anthropic model id, like claude-haiku-4-5-20251001',
  );

/** Null is refused: a setting that must not change is left out. */
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
    auto_supersede_default: z.boolean().describe('For writes without `auto_supersede`.'),
    excluded_categories: z
      .array(z.string())
      .describe('Categories, or topics in any letter case, in which no model supersedes a memory.'),
    min_confidence: z.number().describe('A verdict below it changes nothing.'),
    classifier_model: z.string().describe('An Anthropic model id.'),
    classifier_account: z
      .enum(CLASSIFIER_ACCOUNTS)
      .describe('The model account that classifies the facts of a write with `llm`.'),
    freshness_half_life_days: z.number(),
  })
  .meta({ id: 'Settings' });

export type SettingsView = z.output<typeof settingsSchema>;
