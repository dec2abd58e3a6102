import type { z } from 'zod';

import { anthropicTarget } from './anthropic.js';
import { azureTarget } from './azure.js';
import { openaiTarget } from './openai.js';
import type { TargetDefinition } from './target-definition.js';

/** The providers that a caller may name. A new provider is added here first; the compiler then shows the missing parts. */
const DEFINITIONS = [anthropicTarget, openaiTarget, azureTarget] as const;

type Definition = (typeof DEFINITIONS)[number];

export type ProviderName = Definition['name'];

export const PROVIDER_NAMES: readonly ProviderName[] = DEFINITIONS.map(({ name }) => name);

/** The prefixes of the environment variables that the vendors' SDKs read. */
export const PROVIDER_ENVIRONMENT_PREFIXES: readonly string[] = DEFINITIONS.flatMap(
  ({ environmentPrefixes }) => environmentPrefixes,
);

/** The meaning of `base_url` for each provider, as the API's document states it. */
export const BASE_URL_NOTES = DEFINITIONS.map(({ baseUrlNote }) => baseUrlNote).join(' ');

export const OTHER_HOSTS_HINTS: readonly string[] = DEFINITIONS.flatMap((definition) =>
  'otherHostsHint' in definition && definition.otherHostsHint ? [definition.otherHostsHint] : [],
);

/** Fields of the wire's `llm` that hold a secret. */
export const LLM_SECRET_FIELDS: readonly string[] = [
  'key',
  'api_key',
  ...DEFINITIONS.flatMap(({ secretFields }) => secretFields),
];

export function targetDefinitionOf(provider: ProviderName): Definition {
  const definition = DEFINITIONS.find(({ name }) => name === provider);
  if (!definition) throw new TypeError(`There is no provider ${provider as string}.`);
  return definition;
}

/** The first field that belongs to another provider than the given one, and the name of that other provider. */
export function foreignFieldIn(
  provider: ProviderName,
  llm: z.output<z.ZodObject<WireFields>>,
): { readonly field: string; readonly owner: ProviderName } | undefined {
  for (const definition of DEFINITIONS) {
    const field = definition.name === provider ? undefined : definition.ownFieldIn(llm);
    if (field !== undefined) return { field, owner: definition.name };
  }
  return undefined;
}

type Intersection<Union> = (Union extends unknown ? (given: Union) => void : never) extends (
  given: infer All,
) => void
  ? All
  : never;

/** A provider without fields of its own adds nothing to the intersection. */
type Filled<Fields> = keyof Fields extends never ? never : Fields;
type WireFieldsOf<Each> =
  Each extends TargetDefinition<string, infer Fields, z.ZodRawShape> ? Filled<Fields> : never;
type TargetFieldsOf<Each> =
  Each extends TargetDefinition<string, z.ZodRawShape, infer Fields> ? Filled<Fields> : never;

type WireFields = Intersection<WireFieldsOf<Definition>>;
type TargetFields = Intersection<TargetFieldsOf<Definition>>;

/** All fields of the wire's `llm` that only one provider has. */
export const WIRE_FIELDS = merged(DEFINITIONS.map(({ wireFields }) => wireFields)) as WireFields;

/** All fields of a sealed target that only one provider has. */
export const TARGET_FIELDS = merged(
  DEFINITIONS.map(({ targetFields }) => targetFields),
) as TargetFields;

/** The fields of a target that only some providers have. */
export type ProviderFields = Readonly<z.output<z.ZodObject<TargetFields>>>;

/** @throws TypeError if two definitions have a field of the same name: one schema would silently replace the other. */
function merged(shapes: readonly z.ZodRawShape[]): z.ZodRawShape {
  const entries = shapes.flatMap((shape) => Object.entries(shape));
  const fields = Object.fromEntries(entries);
  if (Object.keys(fields).length < entries.length)
    throw new TypeError('Two providers define a field of the same name.');
  return fields;
}
