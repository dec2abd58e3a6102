import { z } from 'zod';

import { CallerKey } from '../caller-key.js';

/** The fields of the wire's `llm` that every provider has and that a definition's `check` reads. */
interface CommonFields {
  readonly model: string;
  readonly base_url?: string | null | undefined;
}

/** An empty shape would give `Record<string, never>`, which no other field can be added to. */
type OutputOf<Shape extends z.ZodRawShape> = keyof Shape extends never
  ? object
  : z.output<z.ZodObject<Shape>>;

/**
 * One provider's part of the wire's `llm`. The gateway reads it as well as the workers, so it loads no SDK and opens no
 * connection; the part that does is the `ProviderDefinition` in `libs/llm-providers`.
 */
export interface TargetDefinition<
  Name extends string,
  WireFields extends z.ZodRawShape,
  TargetFields extends z.ZodRawShape,
> {
  readonly name: Name;
  /** Fields of `llm` that only this provider has. `llmTargetSchema` refuses them for any other provider. */
  readonly wireFields: WireFields;
  /** Names of the `wireFields` that hold a secret, such as a session token. `key` and `api_key` are secret for every provider. */
  readonly secretFields: readonly (keyof WireFields & string)[];
  /** The fields of a sealed target besides the common ones. The schema of a secret field is `sealedSecret`. */
  readonly targetFields: TargetFields;
  /** The meaning of `base_url` for this provider: one sentence of the API's document. */
  readonly baseUrlNote: string;
  /** Part of the error for an unknown provider: how to call a host that is not in the list of providers. */
  readonly otherHostsHint?: string;
  /** The prefixes of the environment variables that the vendor's SDK reads. Workers remove these variables before the SDK is loaded. */
  readonly environmentPrefixes: readonly string[];
  /** The vendor's own address, which may depend on a field such as a region. Undefined: the caller gives `base_url`. */
  vendorUrl(target: OutputOf<TargetFields>): string | undefined;
  /** The first of the `wireFields` that is given; undefined if none is. */
  ownFieldIn(llm: OutputOf<WireFields>): string | undefined;
  /** Reports each requirement of this provider that is not met and that the schemas of the single fields cannot check. */
  check(
    llm: CommonFields & OutputOf<WireFields>,
    addFault: (path: string[], message: string) => void,
  ): void;
  readFields(llm: OutputOf<WireFields>): OutputOf<TargetFields>;
}

/** Only infers the types of a definition. */
export const defineTarget = <
  const Name extends string,
  WireFields extends z.ZodRawShape,
  TargetFields extends z.ZodRawShape,
>(
  definition: TargetDefinition<Name, WireFields, TargetFields>,
): TargetDefinition<Name, WireFields, TargetFields> => definition;

/** A secret inside an opened envelope. The sealer writes it as text, and parsing makes it a `CallerKey` again. */
export const sealedSecret = z
  .string()
  .min(1)
  .transform((secret) => new CallerKey(secret));

/** Whether a field has a value. Null counts as absent, because many clients send null for unused fields. */
export function isGiven<Value>(value: Value): value is NonNullable<Value> {
  return value !== undefined && value !== null;
}
