import { problemSchema } from '@app/http-problems';
import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

/** Documents the responses of a route by status. Any other response is a problem. */
export function Answers(schemas: Readonly<Record<number, z.ZodType>>): MethodDecorator {
  const expected = Object.entries(schemas).map(([status, standardSchema]) =>
    ApiResponse({
      status: Number(status),
      description: DESCRIPTIONS[status] ?? '',
      standardSchema,
    }),
  );
  return applyDecorators(
    ...expected,
    ApiResponse({
      status: 'default',
      description: 'A problem (RFC 9457).',
      standardSchema: problemSchema,
    }),
  );
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'The result.',
  201: 'Made.',
  202: 'Accepted: the job under `Location` goes on, whatever happens.',
};
