import type { z } from 'zod';

/** With more list items than these a value is told its first fault alone. */
const MAX_ITEMS_CHECKED = 1_000;
/** What zod's own `validate` sets. `parse-with.spec.ts` fails if a later version reads it no more. */
const STOP_AT_FIRST_FAULT: z.core.ParseContextInternal<z.core.$ZodIssue> = { abortEarly: true };

/**
 * What a schema makes of a value. In a value with very many list items it looks for the first fault and no further: each
 * of a hundred thousand wrong items would become an issue with a path and a message, of which a hundred are told.
 * @param itemCount how many items the lists of the value hold together.
 */
export function parseWith<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  itemCount: number,
): z.ZodSafeParseResult<z.output<Schema>> {
  return itemCount > MAX_ITEMS_CHECKED
    ? schema.safeParse(value, STOP_AT_FIRST_FAULT)
    : schema.safeParse(value);
}
