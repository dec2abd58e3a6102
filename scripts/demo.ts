/**
 * `npm run demo`: one person's conversations into a running Aurra, then a few questions about them.
 * On the provider simulator by default; on a real model when LLM_PROVIDER, LLM_MODEL and LLM_KEY are set.
 */
import { DemoError } from './demo/demo-error.js';
import { runDemo } from './demo/run-demo.js';

try {
  await runDemo();
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
