import { AppError } from '@app/errors';
import { requestContext } from '@app/observability';
import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';

import { faultsOf, refusalOf } from './faults.js';
import { holdsKeyOf, keyElsewhere } from './key-elsewhere.js';
import { type Path, textFault, textsOf } from './texts.js';

/** What the wire sent → what a handler's schema makes of it. Every refusal names the place and quotes nothing. */
export class RequestPipe extends StandardSchemaValidationPipe {
  override async transform<Value>(
    value: Value,
    { schema, type }: ArgumentMetadata,
  ): Promise<Value> {
    if (!schema || type === 'custom') return value;
    const sent = type === 'body' ? parseBody(value) : value;
    this.#checkTexts(sent, type === 'body');
    const read = await this.validate<Value>(sent, schema);
    if (read.issues) throw refusalOf(faultsOf(read.issues as readonly z.core.$ZodIssue[]));
    return read.value;
  }

  #checkTexts(sent: unknown, isBody: boolean): void {
    // First, because later faults may be named by what holds the key.
    const misplaced = isBody ? [...keyElsewhere(sent), ...keyAsRequestId(sent)] : [];
    if (misplaced.length > 0) throw refusalOf(misplaced);
    const faults = [...textsOf(sent)].flatMap((text) => {
      const message = textFault(text);
      return message === undefined ? [] : [{ path: text.path, message }];
    });
    if (faults.length > 0) throw refusalOf(faults);
  }
}

/** A client's own id is echoed, stored and logged: one that holds the key is dropped, and the request refused. */
function keyAsRequestId(body: unknown): readonly { path: Path; message: string }[] {
  const context = requestContext.get();
  if (!context || !holdsKeyOf(body, context.requestId)) return [];
  context.requestId = randomUUID();
  return [
    { path: ['X-Request-Id'], message: 'holds the llm key. The key may stand in llm.key alone' },
  ];
}

/**
 * The body is parsed here and not by Fastify, so that whoever has no Aurra key hears that first. Its bytes are wiped:
 * they may hold a caller's key.
 */
function parseBody(bytes: unknown): unknown {
  // No body at all is an empty one: what is required is then named.
  if (bytes === undefined || bytes === null) return {};
  if (!Buffer.isBuffer(bytes)) throw malformed();
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // What the parser says quotes the body.
    throw malformed();
  } finally {
    bytes.fill(0);
  }
}

const malformed = (): AppError =>
  new AppError(
    'invalid_request',
    'The body must be one JSON object in UTF-8, sent as application/json.',
    {
      faults: [{ path: '', message: 'is not valid JSON' }],
    },
  );
