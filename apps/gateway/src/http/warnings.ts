import { z } from 'zod';

/** The field `warnings` that every 200, 201 and 202 response may have. */
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

/** Adds the warnings to a response that is a JSON object. Any other response is returned unchanged. */
export function withWarnings(answer: unknown, warnings: readonly Warning[]): unknown {
  if (warnings.length === 0 || !isPlainObject(answer)) return answer;
  return { ...answer, warnings };
}

/** Streams and buffers are objects too, but not plain ones. */
const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
