/**
 * `npm run demo` writes one person's conversations to a running Aurra and asks a few questions about them.
 * It uses the provider simulator, or a real model when LLM_PROVIDER, LLM_MODEL and LLM_KEY are set.
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
