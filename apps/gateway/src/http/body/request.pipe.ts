import {
  type ArgumentMetadata,
  type PipeTransform,
  StandardSchemaValidationPipe,
} from '@nestjs/common';
import { z } from 'zod';

import { type Fault, faultsOf, parseWith, refusalOf } from './faults.js';
import { refuseMisplacedKeys } from './misplaced-keys.js';
import { type BodyBounds, RequestBody } from './request-body.js';
import { placeOf, textFault, visitTexts } from './texts.js';
import type { UnknownFields } from './unknown-fields.js';

/** Faults found in a request before its schema checks it. */
interface EarlyFindings {
  /** If there are any, only these and `fields` are reported: the schema would report the same texts in other words. */
  readonly texts: readonly Fault[];
  /** Reported together with the schema's faults: an unknown field is often the misspelled name of a missing one. */
  readonly fields: readonly Fault[];
  /** Number of list items in the whole body. */
  readonly itemCount: number;
  /** Whether a name contains a key of the body's `llm`. Such a name is never quoted in an error. */
  readonly holdsKey: (name: string) => boolean;
}

/** Parses bodies and query strings with their route's schema. Every error names the place and quotes no value. */
export class RequestPipe extends StandardSchemaValidationPipe {
  override async transform<Value>(
    value: Value,
    { schema, type }: ArgumentMetadata,
  ): Promise<Value> {
    if (!schema || type === 'custom') return value;
    if (value instanceof RequestBody)
      return value.hasOwnReader ? value : (this.#parseBody(value, schema) as Value);
    if (type === 'body') throw new TypeError('The input interceptor must wrap the body first.');
    return this.#parse(value, schema, {
      texts: textFaultsOf(value),
      fields: [],
      // The limit on query parameters keeps lists short.
      itemCount: 0,
      holdsKey: () => false,
    }) as Value;
  }

  #parseBody(sent: RequestBody, schema: NonNullable<ArgumentMetadata['schema']>): unknown {
    const { value, isStrict } = sent;
    // Check this first, because the path of a later fault may contain the key.
    refuseMisplacedKeys(value);
    const { texts, unknown, itemCount } = sent.findings;
    const parsed = this.#parse(value, schema, {
      texts,
      fields: unknown.faults(isStrict),
      itemCount,
      holdsKey: (name) => sent.holdsKey(name),
    });
    sent.close(unknown);
    return parsed;
  }

  #parse(
    sent: unknown,
    schema: NonNullable<ArgumentMetadata['schema']>,
    { texts, fields, itemCount, holdsKey }: EarlyFindings,
  ): unknown {
    if (texts.length > 0) throw refusalOf([...texts, ...fields]);
    if (!(schema instanceof z.ZodType))
      throw new TypeError('Every schema of a route must be a zod schema.');
    const read = parseWith(schema, sent, itemCount);
    const issues = read.success ? [] : faultsOf(read.error.issues, holdsKey);
    const faults = [...fields, ...withoutRepeats(fields, issues)];
    if (!read.success || faults.length > 0) throw refusalOf(faults);
    return read.data;
  }
}

/** A strict schema reports an unknown field a second time. */
function withoutRepeats(fields: readonly Fault[], issues: readonly Fault[]): readonly Fault[] {
  const reported = new Set(fields.map(({ path }) => JSON.stringify(path)));
  return issues.filter(({ path }) => !reported.has(JSON.stringify(path)));
}

/** The texts of a query string that cannot be stored. The server's limit on request headers keeps their number small. */
function textFaultsOf(parameters: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  visitTexts(parameters, (text, isName, path, step) => {
    const message = textFault(text, isName);
    if (message !== undefined) faults.push({ path: placeOf(isName, path, step), message });
  });
  return faults;
}

/** A body as its `BodyReader` read it. */
export interface ReadBody {
  readonly value: unknown;
  /** The unknown fields that were ignored. The response lists them as warnings. */
  readonly unknown: UnknownFields;
}

/**
 * Reads a body part by part, where one wrong part must not refuse the whole body. It is the pipe of one parameter,
 * `@Body({ schema, pipes: [reader] })`: the schema then only documents the body, and RequestPipe passes the body on.
 */
export class BodyReader implements PipeTransform<RequestBody, Promise<unknown>> {
  /**
   * @param read gets the parsed body, and whether a part with an unknown field is refused. Throws an AppError to refuse
   * the whole body.
   * @param bounds replace those of an ordinary body.
   */
  constructor(
    private readonly read: (body: unknown, isStrict: boolean) => Promise<ReadBody>,
    readonly bounds: BodyBounds,
  ) {}

  async transform(body: RequestBody): Promise<unknown> {
    const { value, isStrict } = body;
    refuseMisplacedKeys(value);
    const read = await this.read(value, isStrict);
    body.close(read.unknown);
    return read.value;
  }
}
