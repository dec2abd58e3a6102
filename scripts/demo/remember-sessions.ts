import { setTimeout as delay } from 'node:timers/promises';

import { acceptedSchema, type AurraClient, jobSchema } from './aurra-client.js';
import type { Progress } from './progress.js';
import type { Session } from './sessions.js';
import type { WireTarget } from './demo-settings.js';

const POLL_MS = 500;

/** Keeps the demo's memories apart from the other memories of the account. */
export const DEMO_TENANT = 'demo';

interface RememberedSessions {
  /** The number of stored memories. */
  readonly saved: number;
  /** One message of Aurra for each session that failed. */
  readonly failures: readonly string[];
}

/** Posts all sessions at the same time, each as one job, and waits until all jobs have ended. */
export async function rememberSessions(
  aurra: AurraClient,
  person: string,
  sessions: readonly Session[],
  llm: WireTarget,
  progress: Progress,
): Promise<RememberedSessions> {
  const outcomes = await Promise.all(
    sessions.map(async (session) => {
      const outcome = await rememberSession(aurra, person, session, llm);
      progress.advance(`session ${session.session_id}`);
      return outcome;
    }),
  );
  return {
    saved: outcomes.reduce((sum, outcome) => sum + (outcome.saved ?? 0), 0),
    failures: outcomes.flatMap(({ failure }) => failure ?? []),
  };
}

async function rememberSession(
  aurra: AurraClient,
  person: string,
  { session_id, messages }: Session,
  llm: WireTarget,
): Promise<{ readonly saved?: number; readonly failure?: string }> {
  const named = messages.map((message) =>
    message.role === 'user' ? { ...message, name: person } : message,
  );
  const { job_id } = await aurra.post(
    '/agent/memories',
    { session_id, tenant_id: DEMO_TENANT, messages: named, llm },
    acceptedSchema,
    { prefer: 'respond-async' },
  );
  for (;;) {
    const { state, result, error } = await aurra.get(`/agent/jobs/${job_id}`, jobSchema);
    if (state === 'succeeded') return { saved: result?.saved_count ?? 0 };
    if (state === 'failed' || state === 'cancelled') {
      return { failure: `${session_id}: ${error?.detail ?? error?.code ?? state}` };
    }
    await delay(POLL_MS);
  }
}
