import { AppError } from '@app/errors';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { z } from 'zod';

import { preferOf, prefersStrictHandling } from '../preference.js';
import { type Warning, type Warnings, withWarnings } from '../warnings.js';
import { type Fault, refusalOf } from './faults.js';
import { refuseMisplacedKeys } from './misplaced-keys.js';
import { type BodyReading, RequestBody } from './request-body.js';
import { BodyReader } from './request.pipe.js';
import { shapesOf } from './schema-shapes.js';
import { UnknownFields } from './unknown-fields.js';

/**
 * Checks the fields and parameters that the route's schemas do not read, so that none is ignored without a warning. A name
 * that another product uses for an end user is refused. Any other unknown name becomes a warning in the response, or is
 * refused under `Prefer: handling=strict`. Runs after the guards and before the pipes.
 */
@Injectable()
export class InputInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const takesAnything = this.reflector.getAllAndOverride<boolean | undefined>(ANY_INPUT, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (takesAnything === true) return next.handle();

    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const input = inputOf(context);
    const isStrict = prefersStrictHandling(preferOf(request));
    const sent = new RequestBody(request.body, input.body, isStrict);
    const parameters = readParameters(request.query, input.query, (name) => sent.holdsKey(name));
    const refused = parameters.faults(isStrict);
    if (refused.length > 0) throw refusalOf(refused);
    // Compute these while the body is in memory: a parameter name that contains a key of the body must not be quoted.
    const parameterWarnings = parameters.warnings();

    // A pipe parses the body. With an Idempotency-Key, the idempotency interceptor parses it first.
    request.body = sent;
    if (!input.readsBody) checkUnreadBody(sent);
    const warnings = (): readonly Warning[] => [...parameterWarnings, ...sent.warnings()];
    request.warnings = warnings;
    return next.handle().pipe(map((answer: unknown) => withWarnings(answer, warnings())));
  }
}

/**
 * Checks the body of a handler that reads no body: every field is unknown. It is refused or becomes a warning, as in any
 * other body. @throws AppError `invalid_request`
 */
function checkUnreadBody(sent: RequestBody): void {
  const { value } = sent;
  refuseMisplacedKeys(value);
  const { texts, unknown } = sent.findings;
  const faults = [...notAnObject(value), ...texts, ...unknown.faults(sent.isStrict)];
  if (faults.length > 0) throw refusalOf(faults);
  sent.close(unknown);
}

/** Some clients send `null` instead of no body. */
const notAnObject = (value: unknown): readonly Fault[] =>
  value === null || (typeof value === 'object' && !Array.isArray(value))
    ? []
    : [{ path: [], message: 'must be an object' }];

declare module 'fastify' {
  interface FastifyRequest {
    /** The warnings for the response. Set by the input interceptor. */
    warnings?: Warnings;
  }
}

export const ANY_INPUT = 'any-input';

/** Ignores all input of the controller's routes: a probe or a browser may send anything. */
export const AnyInput = (): ClassDecorator => SetMetadata(ANY_INPUT, true);

/** The input schemas of a route, from the decorators of its handler's parameters. */
export interface RouteInput {
  readonly body: BodyReading;
  /** Whether the handler has a body parameter. A pipe then reads the body. */
  readonly readsBody: boolean;
  readonly query: z.core.$ZodType;
}

/** For a route without a schema: every field is unknown. */
const NOTHING = z.object({});

/** Nest's metadata of a handler's parameters. The keys are `<kind>:<index>`. */
type Parameters = Readonly<
  Record<string, { readonly schema?: unknown; readonly pipes?: readonly unknown[] }>
>;

interface Parameter {
  readonly schema: z.ZodType;
  readonly reader: BodyReader | undefined;
}

const known = new WeakMap<object, RouteInput>();

export function inputOf(context: ExecutionContext): RouteInput {
  const handler = context.getHandler();
  const found = known.get(handler);
  if (found) return found;
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name) ??
    {}) as Parameters;
  const parametersOf = (kind: RouteParamtypes): readonly Parameter[] =>
    Object.entries(parameters).flatMap(([name, { schema, pipes = [] }]) =>
      name.startsWith(`${kind}:`) && schema instanceof z.ZodType
        ? [{ schema, reader: pipes.find((pipe) => pipe instanceof BodyReader) }]
        : [],
    );
  const [body] = parametersOf(RouteParamtypes.BODY);
  const [query] = parametersOf(RouteParamtypes.QUERY);
  const input = {
    body: {
      schema: body?.schema ?? NOTHING,
      bounds: body?.reader?.bounds,
      hasOwnReader: body?.reader !== undefined,
    },
    readsBody: body !== undefined,
    query: query?.schema ?? NOTHING,
  };
  known.set(handler, input);
  return input;
}

/** More values than any route's list parameter may have, and few enough that parsing all of them stays cheap. */
const MAX_PARAMETERS = 250;
const MAX_NAME_CHARACTERS = 300;

/**
 * Finds unknown and repeated query parameters, which the schema does not see.
 * @param holdsKey whether a name contains a key of the `llm` in the request's body.
 * @returns the unknown parameters.
 * @throws AppError `invalid_request` if there are too many, or if a parameter with a single value is given twice.
 */
export function readParameters(
  query: unknown,
  schema: z.core.$ZodType,
  holdsKey: (name: string) => boolean,
): UnknownFields {
  const entries = Object.entries((query ?? {}) as Readonly<Record<string, unknown>>);
  const values = entries.flatMap(([, value]) => value);
  if (values.length > MAX_PARAMETERS || entries.some(([name]) => name.length > MAX_NAME_CHARACTERS))
    throw new AppError('invalid_request', `The query string ${TOO_MUCH}.`, {
      faults: [{ path: '', message: TOO_MUCH }],
    });
  const { fields = new Map() } = shapesOf(schema);
  const unknown = new UnknownFields(holdsKey);
  const faults: Fault[] = [];
  for (const [name, value] of entries) {
    // `metadata[k]=v` is a property of the object `metadata`.
    const [field = name] = name.split('[', 1);
    const shapes = fields.get(name) ?? (fields.get(field)?.isFree ? fields.get(field) : undefined);
    if (!shapes) unknown.add([], name, fields);
    else if (Array.isArray(value) && !shapes.items && !shapes.isFree)
      faults.push({ path: [name], message: 'must be given once' });
  }
  if (faults.length > 0) throw refusalOf(faults);
  return unknown;
}

const TOO_MUCH = `must have at most ${MAX_PARAMETERS} parameters with names of at most ${MAX_NAME_CHARACTERS} characters`;
