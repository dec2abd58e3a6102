import { startSimulator } from './simulator.js';

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));

/** A request holds a provider key, so the process neither stores nor logs requests. */
try {
  const { url } = await startSimulator({
    port: wholeNumber('SIMULATOR_PORT'),
    delayMs: wholeNumber('SIMULATOR_DELAY_MS'),
    record: false,
  });
  console.log(`Provider simulator (a rule-based stand-in, no model) on ${url}`);
} catch (error) {
  console.error(
    `Provider simulator: ${error instanceof Error ? error.message : 'could not start'}`,
  );
  process.exitCode = 1;
}

function wholeNumber(name: string): number {
  const value = process.env[name] ?? '0';
  if (!/^\d{1,5}$/.test(value)) throw new Error(`${name}: must be a whole number`);
  return Number(value);
}
