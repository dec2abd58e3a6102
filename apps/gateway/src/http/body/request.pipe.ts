import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import { z } from 'zod';

import { type Fault, faultsOf, refusalOf } from './faults.js';
import { refuseMisplacedKeys } from './misplaced-keys.js';
import { ownReaderOf } from './own-reader.js';
import { parseWith } from './faults.js';
import { RequestBody } from './request-body.js';
import { placeOf, textFault, visitTexts } from './texts.js';

/** What was found in a request before its schema looked at it. */
interface FoundBefore {
  /** Told alone: a schema's own check of such a text would say the same in other words. */
  readonly texts: readonly Fault[];
  /** Told with what the schema finds: a field that is not known is often the one that is missing. */
  readonly fields: readonly Fault[];
  /** Of all lists together. */
  readonly itemCount: number;
  /** Whether a name holds a key of the body's `llm`: such a name is not repeated. */
  readonly holdsKey: (name: string) => boolean;
}

/** Turns what a request sent into what its handler's schema makes of it. Every refusal names the place and quotes no value. */
export class RequestPipe extends StandardSchemaValidationPipe {
  override async transform<Value>(
    value: Value,
    { schema, type }: ArgumentMetadata,
  ): Promise<Value> {
    if (!schema || type === 'custom') return value;
    if (value instanceof RequestBody) return this.#readBody<Value>(value, schema);
    if (type === 'body') throw new TypeError('The input interceptor takes in a body first.');
    return this.#read(value, schema, {
      texts: textFaultsOf(value),
      fields: [],
      // A query string has few, by its own bound.
      itemCount: 0,
      holdsKey: () => false,
    }) as Value;
  }

  async #readBody<Value>(
    sent: RequestBody,
    schema: NonNullable<ArgumentMetadata['schema']>,
  ): Promise<Value> {
    const { value, isStrict } = sent;
    // First, because later faults may be named by what holds the key.
    refuseMisplacedKeys(value);
    const reader = ownReaderOf(schema);
    if (reader) {
      const read = await reader.read(value, isStrict);
      sent.close(read.unknown);
      return read.value as Value;
    }
    const { texts, unknown, itemCount } = sent.findings;
    const read = this.#read(value, schema, {
      texts,
      fields: unknown.faults(isStrict),
      itemCount,
      holdsKey: (name) => sent.holdsKey(name),
    });
    sent.close(unknown);
    return read as Value;
  }

  #read(
    sent: unknown,
    schema: NonNullable<ArgumentMetadata['schema']>,
    { texts, fields, itemCount, holdsKey }: FoundBefore,
  ): unknown {
    if (texts.length > 0) throw refusalOf([...texts, ...fields]);
    if (!(schema instanceof z.ZodType))
      throw new TypeError('Every schema of a route is one of zod.');
    const read = parseWith(schema, sent, itemCount);
    const issues = read.success ? [] : faultsOf(read.error.issues, holdsKey);
    const faults = [...fields, ...besides(fields, issues)];
    if (!read.success || faults.length > 0) throw refusalOf(faults);
    return read.data;
  }
}

/** A strict schema names a field that is not known as well. */
function besides(fields: readonly Fault[], issues: readonly Fault[]): readonly Fault[] {
  const told = new Set(fields.map(({ path }) => JSON.stringify(path)));
  return issues.filter(({ path }) => !told.has(JSON.stringify(path)));
}

/** A query string is flat, and short by the server's bound on a request's head. */
function textFaultsOf(parameters: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  visitTexts(parameters, (text, isName, path, step) => {
    const message = textFault(text, isName);
    if (message !== undefined) faults.push({ path: placeOf(isName, path, step), message });
  });
  return faults;
}
