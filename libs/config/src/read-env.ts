import { z } from 'zod';

/** Thrown at start when settings are missing or wrong. Its message names each of them, and never a value. */
export class BadSettings extends Error {
  override readonly name = 'BadSettings';
}

/** The new name of each renamed setting. To ignore an old name would silently replace the operator's value by a default. */
const RENAMED: Readonly<Record<string, string>> = { JOB_DEADLINE_MS: 'ATTEMPT_TIMEOUT_MS' };

/**
 * Reads the environment once, through one schema.
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
  const renamed = Object.keys(given)
    .filter((name) => Object.hasOwn(RENAMED, name))
    .map((name) => `  ${name}: is now called ${RENAMED[name]}; rename it`);
  const read = schema.safeParse(given);
  if (read.success && renamed.length === 0) return read.data;
  const faults = (read.error?.issues ?? []).map(({ path, code, message }) => {
    const name = path.join('.');
    const missing = code === 'invalid_type' && given[String(path[0])] === undefined;
    return `  ${name}: ${missing ? 'is required' : message}`;
  });
  throw new BadSettings(
    `These settings are wrong:\n${[...new Set([...renamed, ...faults])].join('\n')}`,
  );
}

/** For `main.ts`: prints one message on standard error and exits with code 1 when settings are wrong. */
export function readEnvOrExit<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  try {
    return readEnv(schema);
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
}

/** Removes settings from the environment, so that no library, child process or crash report sees them. */
export function forgetEnv(
  names: readonly string[],
  environment: Record<string, string | undefined> = process.env,
): void {
  for (const name of names) delete environment[name];
}

/** Variables with credentials of a cloud. The SDK of any vendor may read them. */
const CLOUD_PREFIXES = ['AWS_', 'GOOGLE_'];

/**
 * Removes the variables that vendors' SDKs and Node read even if they get explicit options: `*_CUSTOM_HEADERS` would replace
 * a caller's key on the wire, and a proxy variable would send it to another host.
 * @param vendorPrefixes prefixes of the names of the vendors' variables.
 */
export function forgetVendorSettings(
  vendorPrefixes: readonly string[],
  environment: Record<string, string | undefined> = process.env,
): void {
  const prefixes = [...vendorPrefixes, ...CLOUD_PREFIXES];
  for (const name of Object.keys(environment)) {
    const upper = name.toUpperCase();
    if (upper.endsWith('_PROXY') || prefixes.some((prefix) => upper.startsWith(prefix)))
      delete environment[name];
  }
}
