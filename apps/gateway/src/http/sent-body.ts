import { AppError } from '@app/errors';

/** A body that was parsed before its turn: what compares requests has to see it first. */
export class ParsedBody {
  constructor(readonly value: unknown) {}
}

/**
 * Parses a request's body for whoever has to see it before the pipe does.
 * @returns its bytes where they are no JSON: the pipe refuses them.
 */
export function parseEarly(request: { body: unknown }): ParsedBody | Buffer {
  const sent = request.body;
  if (!Buffer.isBuffer(sent)) return new ParsedBody(parseBody(sent));
  try {
    const parsed = new ParsedBody(parseJson(sent));
    sent.fill(0);
    request.body = parsed;
    return parsed;
  } catch {
    return sent;
  }
}

/**
 * The body is parsed after the guards and not by Fastify, so that whoever has no Aurra key hears that first. Its bytes
 * are wiped: they may hold a caller's key.
 */
export function parseBody(sent: unknown): unknown {
  if (sent instanceof ParsedBody) return sent.value;
  // No body at all is an empty one: what is required is then named.
  if (sent === undefined || sent === null) return {};
  if (!Buffer.isBuffer(sent)) throw malformed();
  try {
    return parseJson(sent);
  } catch {
    // What the parser says quotes the body.
    throw malformed();
  } finally {
    sent.fill(0);
  }
}

const parseJson = (bytes: Buffer): unknown =>
  JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));

const malformed = (): AppError =>
  new AppError(
    'invalid_request',
    'The body must be one JSON object in UTF-8, sent as application/json.',
    {
      faults: [{ path: '', message: 'is not valid JSON' }],
    },
  );
