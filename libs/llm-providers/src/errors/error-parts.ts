type Fields = ReadonlyMap<string, unknown>;

/** The error that one level of a failed answer's body states. */
export interface ErrorPart {
  readonly type: string | null;
  readonly code: string | null;
  /** An outcome such as MiniMax's `status_code`. Read only if HTTP's own status is not an error. */
  readonly outcome: string | null;
  readonly param: string | null;
  readonly message: string | null;
}

const MAX_DEPTH = 6;
const MAX_WORDS = 8_000;
const MAX_LISTED = 8;

/** Names are compared in lower case and without punctuation: `error_msg`, `errorMsg` and `ErrorMsg` are equal. */
const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Where servers put an error, the most exact place first. OpenRouter keeps the host's own error in `metadata.raw`. */
const HOLDERS = [
  'metadata',
  'raw',
  'error',
  'err',
  'fault',
  'baseresp',
  'errorinfo',
  'response',
  'header',
];
const LISTS = ['errors', 'violations', 'validationerrors', 'fielderrors', 'invalidparams'];
/** Fields with the readable text of an error, the most exact name first. */
const TEXTS = [
  'message',
  'msg',
  'errormessage',
  'errormsg',
  'errmsg',
  'statusmsg',
  'statusmessage',
  'faultstring',
  'errordescription',
  'detail',
  'details',
  'description',
  'reason',
  'title',
  'info',
];
const CODES = ['code', 'errorcode', 'errcode', 'ret'];
/** Redundant if HTTP's own status is an error. */
const OUTCOMES = ['statuscode'];
const TYPES = ['type', 'errortype', 'status'];
const PARAMS = ['param', 'parameter', 'field', 'pointer'];
/** Fields whose text is not the server's own: copies of the request, links to help pages, generated text. */
const ECHOES: ReadonlySet<string> = new Set(
  'input request body payload headers prompt messages ctx url help docs data flaggedinput failedgeneration'.split(
    ' ',
  ),
);

/** The parts of a body that may state its error, the most exact first. */
export function errorPartsOf(given: unknown, depth = 0): readonly ErrorPart[] {
  const value = unpack(given);
  if (depth > MAX_DEPTH) return [];
  if (typeof value === 'string') return value === '' ? [] : [{ ...NO_PART, message: value }];
  if (Array.isArray(value)) return partsOfList(value, depth);
  if (!isObject(value)) return [];
  const fields = fieldsOf(value);
  const held = HOLDERS.flatMap((name) => {
    const inner = unpack(fields.get(name));
    return isObject(inner) || Array.isArray(inner) ? errorPartsOf(inner, depth + 1) : [];
  });
  const texts = ['message', 'msg', 'detail', 'details'].flatMap((name) => {
    const inner = unpack(fields.get(name));
    return isObject(inner) ? errorPartsOf(inner, depth + 1) : [];
  });
  const listed = LISTS.flatMap((name) => partOfErrors(unpack(fields.get(name)), depth));
  const own = ownPart(fields);
  return [...held.map((part) => withGatewayMessage(own, part, fields)), ...texts, ...listed, own];
}

/** OpenRouter adds a message of its own: put it before the message of the host that it called. */
const withGatewayMessage = (own: ErrorPart, part: ErrorPart, fields: Fields): ErrorPart =>
  fields.has('metadata') && own.message !== null && part.message !== null
    ? { ...part, message: `${own.message}: ${part.message}` }
    : part;

const NO_PART: ErrorPart = {
  type: null,
  code: null,
  outcome: null,
  param: null,
  message: null,
};

function ownPart(fields: Fields): ErrorPart {
  const type = TYPES.map((name) => fields.get(name)).find(isText) ?? null;
  return {
    // Anthropic's outer object has the type `error`, which adds nothing.
    type: type === 'error' ? null : type,
    code: reasonIn(unpack(fields.get('details'))) ?? firstWord(fields, CODES),
    outcome: firstWord(fields, OUTCOMES),
    param: firstWord(fields, PARAMS),
    message:
      [...TEXTS, 'error', 'raw'].map((name) => textOf(fields.get(name))).find(Boolean) ?? null,
  };
}

/** FastAPI's `detail` has one entry for each field; Google's streams and Vertex have a list of one error. */
function partsOfList(list: readonly unknown[], depth: number): readonly ErrorPart[] {
  const message = textOf(list);
  return message === '' ? errorPartsOf(list[0], depth + 1) : [{ ...NO_PART, message }];
}

/** `{"errors": {"max_tokens": ["must be at most 4096"]}}` names the parameter by a key; others have a list of errors. */
function partOfErrors(value: unknown, depth: number): readonly ErrorPart[] {
  if (Array.isArray(value)) return partsOfList(value, depth);
  if (!isObject(value)) return [];
  const entries = Object.entries(value)
    .map(([name, held]): [string, string] => [name, textOf(held)])
    .filter(([, text]) => text !== '')
    .slice(0, MAX_LISTED);
  const [first] = entries;
  if (first === undefined) return errorPartsOf(value, depth + 1);
  const message = entries.map(([name, text]) => `${name}: ${text}`).join('; ');
  return [{ ...NO_PART, param: first[0], message }];
}

/** A text, or the joined texts of a list; empty if there is none. */
function textOf(given: unknown): string {
  const value = unpack(given);
  if (typeof value === 'string') return value.trim();
  if (!Array.isArray(value)) return '';
  return value.slice(0, MAX_LISTED).map(entryText).filter(Boolean).join('; ');
}

/** `body.stream_options: Extra inputs are not permitted`. */
function entryText(given: unknown): string {
  const entry = unpack(given);
  if (typeof entry === 'string') return entry.trim();
  if (!isObject(entry)) return '';
  const fields = fieldsOf(entry);
  const text = textOf(fields.get('msg'));
  const at = ['loc', 'path', 'field'].map((name) => fields.get(name)).find(Boolean);
  const place = Array.isArray(at) ? at.join('.') : at;
  return text === '' || !isText(place) ? '' : `${place}: ${text}`;
}

/** `error_code` and Google's `reason` are more exact than the code beside them. */
function reasonIn(details: unknown): string | null {
  const entries = Array.isArray(details) ? details : [details];
  const names = entries
    .filter(isObject)
    .map((entry) => wordOf(entry['error_code']) ?? wordOf(entry['reason']));
  return names.find((name) => name !== null) ?? null;
}

function firstWord(fields: Fields, names: readonly string[]): string | null {
  return names.map((name) => wordOf(fields.get(name))).find((word) => word !== null) ?? null;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const wordOf = (value: unknown): string | null =>
  typeof value === 'number' || isText(value) ? String(value) : null;

/** Every text of a body, and the names of faulty fields: a refused parameter may be named in any of them. */
export function searchableText(body: unknown): string {
  const words: string[] = [];
  let left = MAX_WORDS;
  const collect = (given: unknown, namesFields: boolean, depth: number): void => {
    const value = unpack(given);
    if (depth > MAX_DEPTH || left <= 0) return;
    if (typeof value === 'string') {
      words.push(value);
      left -= value.length;
    } else if (Array.isArray(value)) for (const entry of value) collect(entry, false, depth + 1);
    else if (isObject(value)) {
      for (const [name, held] of Object.entries(value)) {
        const plain = plainName(name);
        if (ECHOES.has(plain)) continue;
        if (namesFields) words.push(`${name}:`);
        collect(held, LISTS.includes(plain) || plain === 'detail', depth + 1);
      }
    }
  };
  collect(body, false, 0);
  return words.join(' ').slice(0, MAX_WORDS);
}

/** Some proxies embed the host's error as a JSON string. Parse it. */
function unpack(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s{0,16}[{[]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const fieldsOf = (value: Readonly<Record<string, unknown>>): Fields =>
  new Map(Object.entries(value).map(([name, held]) => [plainName(name), held]));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
