export type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface Entry {
  readonly at: Date;
  readonly level: Level;
  readonly message: string;
  /** What the framework says of its own start: dozens of lines that help nobody who is not looking for them. */
  readonly chatter?: boolean;
}

/** Nest's words for levels, and ours. */
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

/** What every line has, or what the readable line says in its own place. */
const NOT_DETAILS = new Set(['level', 'pid', 'timestamp', 'message', 'context', 'stack']);

/** @returns what a child wrote: one of our JSON lines, or plain text at the level given for it. */
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
