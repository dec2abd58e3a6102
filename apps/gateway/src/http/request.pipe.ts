import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import type { z } from 'zod';

import { type Fault, faultsOf, refusalOf } from './faults.js';
import { refuseMisplacedKeys } from './misplaced-keys.js';
import { ownReaderOf } from './own-reader.js';
import { SentBody } from './sent-body.js';
import { placeOf, textFault, visitTexts } from './texts.js';

/** Turns what a request sent into what its handler's schema makes of it. Every refusal names the place and quotes no value. */
export class RequestPipe extends StandardSchemaValidationPipe {
  override async transform<Value>(
    value: Value,
    { schema, type }: ArgumentMetadata,
  ): Promise<Value> {
    if (!schema || type === 'custom') return value;
    if (value instanceof SentBody) return this.#readBody<Value>(value, schema);
    if (type === 'body') throw new TypeError('The input interceptor takes in a body first.');
    return this.#read<Value>(value, schema, textFaultsOf(value));
  }

  async #readBody<Value>(
    sent: SentBody,
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
    const { texts, unknown } = sent.findings;
    const read = await this.#read<Value>(value, schema, texts, unknown.faults(isStrict));
    sent.close(unknown);
    return read;
  }

  /**
   * @param texts are told alone: a schema's own check of such a text would say the same in other words.
   * @param fields are told with what the schema finds: a field that is not known is often the one that is missing.
   */
  async #read<Value>(
    sent: unknown,
    schema: NonNullable<ArgumentMetadata['schema']>,
    texts: readonly Fault[],
    fields: readonly Fault[] = [],
  ): Promise<Value> {
    if (texts.length > 0) throw refusalOf([...texts, ...fields]);
    const read = await this.validate<Value>(sent, schema);
    const issues = read.issues ? faultsOf(read.issues as readonly z.core.$ZodIssue[]) : [];
    const faults = [...fields, ...besides(fields, issues)];
    if (faults.length > 0) throw refusalOf(faults);
    return (read as { readonly value: Value }).value;
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
