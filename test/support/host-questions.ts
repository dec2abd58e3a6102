import { type ByoBench, startByo } from './byo.js';

export const QUESTION = 'Where does Dana work?';
export const ANSWER = 'Dana works at Globex [mem-1].';
export const THOUGHT = 'Globex or Initech [mem-2]?';

/** A gateway that listens, so that answers can be streamed, with two memories that `QUESTION` finds. */
export interface QuestionBench {
  readonly byo: ByoBench;
  readonly apiKey: string;
  readonly url: string;
}

export async function startQuestionBench(): Promise<QuestionBench> {
  const byo = await startByo();
  await byo.gateway.app.listen(0, '127.0.0.1');
  const apiKey = await byo.gateway.makeKey({});
  for (const content of ['Dana works at Globex.', 'Dana once asked Initech for work.'])
    await byo.gateway.send('/agent/memories', { body: { content }, key: apiKey });
  return { byo, apiKey, url: await byo.gateway.app.getUrl() };
}
