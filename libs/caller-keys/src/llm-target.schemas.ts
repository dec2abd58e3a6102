import { z } from 'zod';

import { CallerKey } from './caller-key.js';
import { PROVIDER_NAMES, type ProviderName } from './provider-name.js';

/** Where one model call goes and who pays for it. */
export interface LlmTarget {
  readonly provider: ProviderName;
  /** For Azure the deployment's name. */
  readonly model: string;
  readonly key: CallerKey;
  /** Absent: the vendor's own host. */
  readonly baseUrl?: string | undefined;
  /** Azure's dated `api-version`. */
  readonly apiVersion?: string | undefined;
}

const MAX_KEY_BYTES = 8 * 1024;
const MAX_MODEL_CHARACTERS = 256;
const MAX_URL_CHARACTERS = 2048;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const AZURE_DEPLOYMENT = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;
const AZURE_API_VERSION = /^\d{4}-\d{2}-\d{2}(-preview)?$/;
const AZURE_V1_PATH = /\/openai\/v1(\/chat\/completions)?\/?$/;

/** Azure's undated surface: the deployment travels in the body, and no api-version is sent. */
export function isAzureV1(baseUrl: string): boolean {
  return AZURE_V1_PATH.test(baseUrl);
}

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
  // The raw text is looked at too: the URL parser drops an empty query, fragment or userinfo in silence.
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
  // By code points, as JSON Schema counts them.
  .refine(
    (id) => Array.from(id).length <= MAX_MODEL_CHARACTERS,
    `must be at most ${MAX_MODEL_CHARACTERS} characters`,
  )
  // No pattern of the API's document: many validators do not know `\p`.
  .refine(
    (id) => !UNPRINTABLE.test(id),
    'must hold printable characters alone: no control characters, no line breaks',
  )
  .meta({ maxLength: MAX_MODEL_CHARACTERS });

const apiVersion = z
  .string('must be a string')
  .regex(AZURE_API_VERSION, 'must look like 2024-10-21 or 2024-12-01-preview');

/** People write `OpenAI`; and most other hosts speak the API of OpenAI. */
const providerName = z.preprocess(
  // The type is what a caller should send; anything may come.
  (name: ProviderName): unknown => (typeof name === 'string' ? name.trim().toLowerCase() : name),
  z.enum(PROVIDER_NAMES, {
    error: ({ input }) =>
      typeof input === 'string' && input !== ''
        ? `must be one of ${PROVIDER_NAMES.join(', ')}; for a host that speaks OpenAI's API use \`openai\` with \`base_url\``
        : `is required: one of ${PROVIDER_NAMES.join(', ')}`,
  }),
);

/** Null stands for absent: many clients write every field that they know. */
function isGiven<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null;
}

/**
 * The wire's `llm` object. The key becomes a CallerKey while it is parsed, so no string of it outlives validation.
 * Whether the address may be called is for the egress policy to say.
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
    base_url: baseUrl
      .nullish()
      .describe(
        'Required for `azure`. With `openai` any OpenAI-compatible host, with `anthropic` an Anthropic-compatible one.',
      ),
    api_version: apiVersion.nullish().describe('Azure only; the same as `extra.api_version`.'),
    extra: z
      .strictObject({ api_version: apiVersion.nullish() })
      .nullish()
      .describe('Per provider. Azure: `api_version`.'),
  })
  .superRefine((llm, context) => {
    const fault = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (isGiven(llm.key) === isGiven(llm.api_key))
      fault(['key'], 'is required, under exactly one of its two names, key and api_key');
    const version = llm.api_version ?? llm.extra?.api_version;
    if (llm.provider !== 'azure') {
      if (isGiven(version))
        fault([isGiven(llm.api_version) ? 'api_version' : 'extra'], 'is for azure only');
      return;
    }
    if (!isGiven(llm.base_url))
      fault(['base_url'], 'is required for azure: the address of your resource');
    else if (!isGiven(version) && !isAzureV1(llm.base_url))
      fault(
        ['extra', 'api_version'],
        'is required for azure, unless base_url ends with /openai/v1',
      );
    if (isGiven(llm.api_version) && isGiven(llm.extra?.api_version))
      fault(['api_version'], 'must be given once');
    if (llm.model !== '' && !AZURE_DEPLOYMENT.test(llm.model))
      fault(
        ['model'],
        'must be a deployment name: letters, digits, dot, dash and underscore, at most 64',
      );
  })
  .transform(
    ({ provider, model, key: named, api_key, base_url, api_version, extra }): LlmTarget => {
      const version = api_version ?? extra?.api_version;
      return {
        provider,
        model,
        key: new CallerKey(named ?? api_key ?? ''),
        ...(isGiven(base_url) && { baseUrl: base_url }),
        ...(isGiven(version) && { apiVersion: version }),
      };
    },
  );
