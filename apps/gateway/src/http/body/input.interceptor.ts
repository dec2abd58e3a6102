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
 * Looks at everything that a request sent beside what its route's schemas read: nothing is passed over in silence. What
 * names an end user in another product's words is refused, any other unknown field or parameter is told of in the answer,
 * or refused under `Prefer: handling=strict`. It runs after the guards and before every other interceptor.
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
    // Now, while the body is there: a parameter whose name holds its key is not repeated.
    const ofParameters = parameters.warnings();

    // The pipe, which is given the body, reads it; where there is a comparison of requests, after that.
    request.body = sent;
    if (!input.readsBody) refuseUnknown(sent);
    const warnings = (): readonly Warning[] => [...ofParameters, ...sent.warnings()];
    request.warnings = warnings;
    return next.handle().pipe(map((answer: unknown) => withWarnings(answer, warnings())));
  }
}

/** A body that the handler does not ask for. */
function refuseUnknown(sent: RequestBody): void {
  const { value } = sent;
  refuseMisplacedKeys(value);
  const { texts, unknown } = sent.findings;
  const faults = [...noObject(value), ...texts, ...unknown.faults(sent.isStrict)];
  if (faults.length > 0) throw refusalOf(faults);
  sent.close(unknown);
}

/** Some clients send `null` where they have nothing to send. */
const noObject = (value: unknown): readonly Fault[] =>
  value === null || (typeof value === 'object' && !Array.isArray(value))
    ? []
    : [{ path: [], message: 'must be an object' }];

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request's answer is to tell of it; set by the input interceptor. */
    warnings?: Warnings;
  }
}

export const ANY_INPUT = 'any-input';

/** Takes whatever a probe or a browser sends, and looks at none of it. */
export const AnyInput = (): ClassDecorator => SetMetadata(ANY_INPUT, true);

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

/** More than a list may have of its sources, and far from what a schema's look at each of them costs. */
const MAX_PARAMETERS = 250;
const MAX_NAME_CHARACTERS = 300;

/**
 * Looks at the names of a query string's parameters, which no schema does.
 * @param holdsKey whether a name holds a key of the `llm` in the request's body.
 * @returns those that are not known.
 * @throws AppError `invalid_request` for too many, and for one that is given twice where the schema takes one.
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
