import { z } from 'zod';

import { CallerKey } from './caller-key.js';
import {
  BASE_URL_NOTES,
  foreignFieldIn,
  OTHER_HOSTS_HINTS,
  PROVIDER_NAMES,
  type ProviderFields,
  type ProviderName,
  targetDefinitionOf,
  WIRE_FIELDS,
} from './providers/definitions.js';
import { isGiven } from './providers/target-definition.js';

/** The fields of a target that every provider has. */
interface CommonTarget {
  readonly provider: ProviderName;
  /** For Azure the deployment's name. */
  readonly model: string;
  readonly key: CallerKey;
  /** Absent: the vendor's own host. */
  readonly baseUrl?: string | undefined;
}

/** The destination and the payer of one model call. */
export type LlmTarget = CommonTarget & ProviderFields;

/** The address of calls to this target; undefined if the provider requires `baseUrl` and the caller gave none. */
export function addressOfTarget(target: Omit<LlmTarget, 'key' | 'model'>): string | undefined {
  return target.baseUrl ?? targetDefinitionOf(target.provider).vendorUrl(target);
}

/**
 * Whether calls to a target go to the vendor's own host: `baseUrl` is absent or has that host. False if the vendor has none.
 */
export function isAtVendor(target: Omit<LlmTarget, 'key' | 'model'>): boolean {
  const vendorUrl = targetDefinitionOf(target.provider).vendorUrl(target);
  if (vendorUrl === undefined) return false;
  return target.baseUrl === undefined || new URL(target.baseUrl).host === new URL(vendorUrl).host;
}

const MAX_KEY_BYTES = 8 * 1024;
const MAX_MODEL_CHARACTERS = 256;
const MAX_URL_CHARACTERS = 2048;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const key = z
  .string('must be a string')
  .transform((text) => text.replace(/\r?\n$/, ''))
  .pipe(
    z
      .string()
      .min(1, 'must not be empty')
      .max(MAX_KEY_BYTES, 'must be at most 8 KiB')
      .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII without line breaks')
      .regex(/^(\S(.*\S)?)?$/, 'must not begin or end with a space'),
  );

const baseUrl = z
  .string('must be a string')
  .max(MAX_URL_CHARACTERS, 'must be at most 2048 characters')
  .superRefine((text, context) => {
    const fault = baseUrlFault(text);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  });

function baseUrlFault(text: string): string | undefined {
  // The raw text is checked as well: the URL parser drops an empty query, fragment or userinfo without an error.
  // eslint-disable-next-line no-control-regex
  if (/[\s\\\x00-\x1f]/.test(text) || !URL.canParse(text)) return 'must be an absolute http(s) URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return 'must be an absolute http(s) URL';
  if (url.username !== '' || url.password !== '' || text.includes('@'))
    return 'must not hold a user name or password';
  if (text.includes('?') || text.includes('#')) return 'must not hold a query or a fragment';
  return undefined;
}

/** Local servers name models after files, in any language. An invisible character would make two names look like one. */
const modelId = z
  .string('must be a string')
  .trim()
  .min(1, 'must not be empty')
  // Counts code points, as JSON Schema does. The length of a string counts UTF-16 units.
  .refine(
    (id) => Array.from(id).length <= MAX_MODEL_CHARACTERS,
    `must be at most ${MAX_MODEL_CHARACTERS} characters`,
  )
  // Not `.regex()`: the API's document would show the pattern, and many validators do not know `\p`.
  .refine(
    (id) => !UNPRINTABLE.test(id),
    'must hold printable characters alone: no control characters, no line breaks',
  )
  .meta({ maxLength: MAX_MODEL_CHARACTERS });

/** The name of a provider, in upper or lower case. The error also says which provider to name for a compatible host. */
const providerName = z.preprocess(
  // The type documents the valid input. The actual input may be any value.
  (name: ProviderName): unknown => (typeof name === 'string' ? name.trim().toLowerCase() : name),
  z.enum(PROVIDER_NAMES, {
    error: ({ input }) =>
      typeof input === 'string' && input !== ''
        ? [`must be one of ${PROVIDER_NAMES.join(', ')}`, ...OTHER_HOSTS_HINTS].join('; ')
        : `is required: one of ${PROVIDER_NAMES.join(', ')}`,
  }),
);

/**
 * The wire's `llm` object. Parsing turns the key into a CallerKey, so the parsed target does not print it.
 * The egress policy decides later whether the address may be called.
 */
export const llmTargetSchema = z
  .strictObject({
    provider: providerName.describe('Which API the call speaks. In any case.'),
    model: modelId.describe(
      'The model, as its provider names it; for Azure the deployment. Spaces around it are no part of it.',
    ),
    key: key
      .nullish()
      .describe(
        'Your key at the provider. It is used for this call alone, sealed until then, and kept nowhere.',
      ),
    api_key: key.nullish().describe('Another name for `key`.'),
    base_url: baseUrl.nullish().describe(BASE_URL_NOTES),
    ...WIRE_FIELDS,
  })
  .superRefine((llm, context) => {
    const addFault = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (isGiven(llm.key) === isGiven(llm.api_key))
      addFault(['key'], 'is required, under exactly one of its two names, key and api_key');
    const foreign = foreignFieldIn(llm.provider, llm);
    if (foreign) addFault([foreign.field], `is for ${foreign.owner} only`);
    targetDefinitionOf(llm.provider).check(llm, addFault);
  })
  .transform((llm): LlmTarget => {
    const { provider, model, key: named, api_key, base_url } = llm;
    return {
      provider,
      model,
      key: new CallerKey(named ?? api_key ?? ''),
      ...(isGiven(base_url) && { baseUrl: base_url }),
      ...targetDefinitionOf(provider).readFields(llm),
    };
  });
