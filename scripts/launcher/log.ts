import { styleText } from 'node:util';

import { type Entry, type Level, readLine } from './log-line.js';

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

/** As wide as the longest name, `extraction-worker`. */
const NAME_WIDTH = 17;

/** One readable log for the launcher and everything that it runs. */
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

  /** A line that a child wrote. Plain lines have the level that its program gives them. */
  line(name: string, line: string, plainLevel: Level): void {
    if (line.trim() === '') return;
    const entry = readLine(line, new Date(), plainLevel);
    if (entry.chatter && SEVERITY[this.level] < SEVERITY.debug) return;
    this.#write(name, entry);
  }

  /** Text as it stands, whatever the level. */
  print(text: string): void {
    this.out.write(text);
  }

  #write(name: string, entry: Entry): void {
    if (SEVERITY[entry.level] > SEVERITY[this.level]) return;
    const level = styleText(COLOUR[entry.level], entry.level.padEnd(5), { stream: this.out });
    this.out.write(`${clock(entry.at)}  ${name.padEnd(NAME_WIDTH)}  ${level}  ${entry.message}\n`);
  }
}

/** The reader's own clock, to the second. */
function clock(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
