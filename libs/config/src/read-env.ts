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

/** For `main.ts`: one message on standard error and exit code 1 where settings are wrong. */
export function readEnvOrExit<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  try {
    return readEnv(schema);
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
}

/** Takes settings out of the environment: what was read once is no business of a library, a child or a crash report. */
export function forgetEnv(
  names: readonly (string | RegExp)[],
  environment: Record<string, string | undefined> = process.env,
): void {
  for (const name of Object.keys(environment)) {
    if (names.some((given) => (typeof given === 'string' ? given === name : given.test(name))))
      delete environment[name];
  }
}

/**
 * What vendors' SDKs and Node read by themselves whatever they are told: `*_CUSTOM_HEADERS` would replace a caller's
 * key on the wire, a proxy variable would send it elsewhere.
 */
export const VENDOR_SETTINGS = [/^(OPENAI|ANTHROPIC|AZURE|AWS|GOOGLE)_/i, /_PROXY$/i] as const;
