import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

import { LaunchFailure } from './launch-failure.js';

/** `.aurra/`: data, kept secrets, and who runs here. */
export class HomeDirectory {
  readonly path: string;

  constructor(path = '.aurra') {
    this.path = resolve(path);
  }

  /** Searchable by all: Postgres runs as another user when we are root. What is secret has a mode of its own. */
  create(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o755 });
      accessSync(this.path, constants.W_OK | constants.X_OK);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new LaunchFailure(
        `Aurra keeps its data in ${this.path} and may not write there (${code}): give this user the right to, or run it elsewhere.`,
      );
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read(name: string): string | undefined {
    return existsSync(this.file(name)) ? readFileSync(this.file(name), 'utf8').trim() : undefined;
  }

  /** For this user's eyes only. */
  keepSecret(name: string, secret: string): void {
    writeFileSync(this.file(name), `${secret}\n`, { mode: 0o600 });
    // The mode above is for a new file only.
    chmodSync(this.file(name), 0o600);
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  keep(name: string, value: unknown): void {
    writeFileSync(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** @returns what was kept under that name, or undefined when it is not there or not whole. */
  find(name: string): unknown {
    try {
      return JSON.parse(this.read(name) ?? '');
    } catch {
      return undefined;
    }
  }
}
