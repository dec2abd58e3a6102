import type { ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { z } from 'zod';

import { ownReaderOf } from './own-reader.js';
import type { BodyReading } from './sent-body.js';

/** What a route takes, as the decorators of its handler's parameters say. */
export interface RouteInput {
  readonly body: BodyReading;
  /** Whether the handler asks for the body: a pipe reads it then. */
  readonly readsBody: boolean;
  readonly query: z.core.$ZodType;
}

/** A route without a schema takes nothing, so that nothing that is sent to it is known. */
const NOTHING = z.object({});

/** As Nest keeps a handler's parameters, by `<kind>:<index>`. */
type Parameters = Readonly<Record<string, { readonly schema?: unknown }>>;

const known = new WeakMap<object, RouteInput>();

export function inputOf(context: ExecutionContext): RouteInput {
  const handler = context.getHandler();
  const found = known.get(handler);
  if (found) return found;
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name) ??
    {}) as Parameters;
  const schemaOf = (kind: RouteParamtypes): z.ZodType | undefined =>
    Object.entries(parameters)
      .filter(([name]) => name.startsWith(`${kind}:`))
      .map(([, { schema }]) => schema)
      .find((schema) => schema instanceof z.ZodType);
  const body = schemaOf(RouteParamtypes.BODY);
  const input = {
    body: { schema: body ?? NOTHING, bounds: body && ownReaderOf(body)?.bounds },
    readsBody: body !== undefined,
    query: schemaOf(RouteParamtypes.QUERY) ?? NOTHING,
  };
  known.set(handler, input);
  return input;
}
