import { z } from 'zod';

import { answerSchema, AurraClient } from './aurra-client.js';
import { DemoError } from './demo-error.js';
import { showProgress } from './progress.js';
import { DEMO_TENANT, rememberSessions } from './remember-sessions.js';
import { renderAnswer } from './render-answer.js';
import { QUESTIONS, readPerson } from './sessions.js';
import { readDemoSettings } from './demo-settings.js';

/** Remembers one person's conversations and asks about them. @throws DemoError */
export async function runDemo(): Promise<void> {
  const { url, apiKey, llm, isSimulated } = readDemoSettings();
  const aurra = new AurraClient(url, apiKey);
  const { person, sessions } = readPerson();

  // Fails before the first output if Aurra does not run or does not accept the key.
  await aurra.get('/agent/memories?limit=1', z.unknown());
  console.log(
    isSimulated
      ? 'On the provider simulator: a rule-based stand-in that copies sentences, not a model.\nSet LLM_PROVIDER, LLM_MODEL and LLM_KEY to use a real one.'
      : `On ${llm.provider}, model ${llm.model}, with your key.`,
  );
  const bar = showProgress(`Remembering what ${person} said`, sessions.length);
  const { saved, failures } = await rememberSessions(aurra, person, sessions, llm, bar);
  bar.finish(`${saved} new memories from ${sessions.length - failures.length} sessions.`);
  for (const failure of failures) console.error(`Not remembered: ${failure}`);
  if (failures.length === sessions.length) {
    throw new DemoError('No session could be remembered, so there is nothing to ask about.');
  }

  for (const question of QUESTIONS) {
    const asked = { question, tenant_id: DEMO_TENANT, llm };
    const answer = await aurra.post('/agent/query', asked, answerSchema);
    console.log(renderAnswer(question, answer));
  }
}
