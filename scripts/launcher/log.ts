import { styleText } from 'node:util';

const SEVERITY: Readonly<Record<Level, number>> = {
  fatal: 0,
  error: 1,
  warn: 2,
  info: 3,
  debug: 4,
  trace: 5,
};

const COLOUR = {
  fatal: 'red',
  error: 'red',
  warn: 'yellow',
  info: 'green',
  debug: 'gray',
  trace: 'gray',
} as const satisfies Record<Level, string>;

/** The length of the longest name, `extraction-worker`. */
const NAME_WIDTH = 17;

/** One readable log for the launcher and all its programs. */
export class Log {
  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly level: Level,
  ) {}

  info(message: string): void {
    this.#write('launcher', { at: new Date(), level: 'info', message });
  }

  warn(message: string): void {
    this.#write('launcher', { at: new Date(), level: 'warn', message });
  }

  error(message: string): void {
    this.#write('launcher', { at: new Date(), level: 'error', message });
  }

  /** Writes a line of a child. A line that is not JSON gets `plainLevel`. */
  line(name: string, line: string, plainLevel: Level): void {
    if (line.trim() === '') return;
    const entry = readLine(line, new Date(), plainLevel);
    if (entry.chatter && SEVERITY[this.level] < SEVERITY.debug) return;
    this.#write(name, entry);
  }

  /** Writes text unchanged, at every level. */
  print(text: string): void {
    this.out.write(text);
  }

  #write(name: string, entry: Entry): void {
    if (SEVERITY[entry.level] > SEVERITY[this.level]) return;
    const level = styleText(COLOUR[entry.level], entry.level.padEnd(5), { stream: this.out });
    this.out.write(`${clock(entry.at)}  ${name.padEnd(NAME_WIDTH)}  ${level}  ${entry.message}\n`);
  }
}

/** Local time, to the second. */
function clock(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
export type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface Entry {
  readonly at: Date;
  readonly level: Level;
  readonly message: string;
  /** A line about the framework's own start. There are dozens; they are shown at level debug only. */
  readonly chatter?: boolean;
}

/** Names of levels in Nest's log and in ours. */
const LEVELS: Readonly<Record<string, Level>> = {
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  log: 'info',
  info: 'info',
  debug: 'debug',
  verbose: 'trace',
  trace: 'trace',
};

const CHATTER = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Fields that the readable line shows elsewhere or not at all. */
const NOT_DETAILS = new Set(['level', 'pid', 'timestamp', 'message', 'context', 'stack']);

/** Reads a line of a child: a JSON line of ours, or plain text at `plainLevel`. */
export function readLine(line: string, now: Date, plainLevel: Level): Entry {
  const event = parseEvent(line);
  if (!event) return { at: now, level: plainLevel, message: line };
  const level = LEVELS[String(event['level'])] ?? plainLevel;
  return {
    at: timeOf(event['timestamp']) ?? now,
    level,
    message: [textOf(event['message']), ...detailsOf(event)].join('  ') + stackOf(event['stack']),
    chatter: level === 'info' && CHATTER.has(String(event['context'])),
  };
}

function parseEvent(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === 'object' && event !== null && 'level' in event && 'message' in event
      ? event
      : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(timestamp: unknown): Date | undefined {
  const at = new Date(timestamp as string | number);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

function detailsOf(event: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(event)
    .filter(([name, value]) => !NOT_DETAILS.has(name) && value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${textOf(value)}`);
}

function stackOf(stack: unknown): string {
  return typeof stack === 'string' && stack !== '' ? `\n${stack.replace(/^/gm, '    ')}` : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
