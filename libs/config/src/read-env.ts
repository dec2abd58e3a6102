import { z } from 'zod';

/** Thrown at start when settings are missing or wrong. Names every bad one and prints no value. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

/**
 * The environment, read once through one schema.
 * An empty string counts as not set, so that `FOO=` in a file means the default.
 * @throws BadSettings with one line per bad setting.
 */
export function readEnv<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.output<Schema> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, code, message }) => {
    const name = path.join('.');
    const missing = code === 'invalid_type' && given[String(path[0])] === undefined;
    return `  ${name}: ${missing ? 'is required' : message}`;
  });
  throw new BadSettings(`These settings are wrong:\n${[...new Set(faults)].join('\n')}`);
}
