import { llmTargetSchema } from '@app/caller-keys';
import { readEnv } from '@app/config';

import { z } from 'zod';

import { DEMO_KEY_FILE } from '../launcher/demo-account.js';
import { HomeDirectory, RUN_FILE } from '../launcher/home-directory.js';
import { DemoError } from './demo-error.js';

/** The `llm` object of each request. */
export type WireTarget = z.input<typeof llmTargetSchema>;

export interface DemoSettings {
  readonly url: string;
  readonly apiKey: string;
  readonly llm: WireTarget;
  readonly isSimulated: boolean;
}

const runSchema = z.object({ url: z.url(), simulatorUrl: z.url() });

const settingsSchema = z.object({
  AURRA_URL: z.url().optional(),
  AURRA_API_KEY: z.string().optional(),
  LLM_PROVIDER: z.string().optional(),
  LLM_MODEL: z.string().optional(),
  LLM_KEY: z.string().optional(),
  LLM_BASE_URL: z.string().optional(),
  LLM_API_VERSION: z.string().optional(),
});

/** Reads Aurra's address, the API key and the model from the environment, else from the files of the launcher. @throws DemoError */
export function readDemoSettings(): DemoSettings {
  const settings = readEnv(settingsSchema);
  const home = new HomeDirectory();
  const run = runSchema.safeParse(home.find(RUN_FILE)).data;
  const url = (settings.AURRA_URL ?? run?.url ?? 'http://127.0.0.1:8080').replace(/\/+$/, '');
  const apiKey = settings.AURRA_API_KEY ?? home.read(DEMO_KEY_FILE);
  if (apiKey === undefined) {
    throw new DemoError('There is no demo API key yet: run npm start first, or set AURRA_API_KEY.');
  }
  const own = ownTarget(settings);
  if (own) return { url, apiKey, llm: own, isSimulated: false };
  if (!run) {
    throw new DemoError(
      'Aurra is not running here: run npm start first, or set AURRA_URL, LLM_PROVIDER, LLM_MODEL and LLM_KEY.',
    );
  }
  const llm: WireTarget = {
    provider: 'openai',
    model: 'stand-in',
    base_url: `${run.simulatorUrl}/v1`,
    key: 'sk-any-key-will-do-here',
  };
  return { url, apiKey, llm, isSimulated: true };
}

function ownTarget(settings: z.output<typeof settingsSchema>): WireTarget | undefined {
  const { LLM_PROVIDER: provider, LLM_MODEL: model, LLM_KEY: key } = settings;
  if (!provider && !model && !key) return undefined;
  const target = {
    provider,
    model,
    key,
    ...(settings.LLM_BASE_URL && { base_url: settings.LLM_BASE_URL }),
    ...(settings.LLM_API_VERSION && { api_version: settings.LLM_API_VERSION }),
  };
  const read = llmTargetSchema.safeParse(target);
  if (read.success) return target as WireTarget;
  const faults = read.error.issues.map(
    ({ path, message }) => `LLM_${String(path.at(-1) ?? '').toUpperCase()} ${message}`,
  );
  throw new DemoError(`The model settings are not valid: ${faults.join('; ')}.`);
}
