import { z } from 'zod';

/** What every answer of 200, 201 and 202 may have beside its own fields. */
export const warningsSchema = z.object({
  warnings: z
    .array(
      z.object({
        path: z.string().describe('A JSON Pointer into the body, or to a query parameter.'),
        message: z.string(),
      }),
    )
    .optional()
    .describe(
      'Fields and parameters of the request that are not known, and were ignored. `Prefer: handling=strict` refuses them.',
    ),
});

export type Warning = NonNullable<z.output<typeof warningsSchema>['warnings']>[number];

export type Warnings = () => readonly Warning[];

/** An answer with what the gateway passed over in its request; one that is no JSON object stays as it is. */
export function withWarnings(answer: unknown, warnings: readonly Warning[]): unknown {
  if (warnings.length === 0 || !isPlainObject(answer)) return answer;
  return { ...answer, warnings };
}

/** A stream and a buffer are objects of a class. */
const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
