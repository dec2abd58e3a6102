import { ALL_TENANTS, type Question } from '@app/memory';
import { describe, expect, it } from 'vitest';

import { enclosedQuestionSchema } from './question.schemas.js';

const QUESTION: Question = {
  question: 'Where does Alex live?',
  scope: { accountId: '018f2f7e-0000-7000-8000-000000000001', tenantId: ALL_TENANTS },
  filter: { sources: ['agent'], metadata: { team: 'a', tags: ['b', 1] } },
  moment: { asOf: new Date('2024-05-01T00:00:00Z') },
  referenceDate: new Date('2024-06-01T12:00:00Z'),
  offsetMinutes: { referenceDate: 540, asOf: -300 },
  limit: 10,
  includeProofTree: true,
};

describe('enclosedQuestionSchema', () => {
  it('reads the question that was put into an envelope', () => {
    expect(enclosedQuestionSchema.parse(JSON.parse(JSON.stringify(QUESTION)))).toEqual(QUESTION);
  });

  it('reads a question of an older gateway, without the newer fields', () => {
    const { includeProofTree: _, ...older } = QUESTION;
    expect(enclosedQuestionSchema.parse(JSON.parse(JSON.stringify(older)))).toMatchObject({
      includeProofTree: false,
    });
    const { offsetMinutes: __, ...oldest } = older;
    expect(enclosedQuestionSchema.parse(JSON.parse(JSON.stringify(oldest)))).not.toHaveProperty(
      'offsetMinutes',
    );
  });

  it('refuses an unknown filter, because ignoring it would widen the answer', () => {
    const newer = { ...QUESTION, filter: { ...QUESTION.filter, language: 'en' } };
    const read = enclosedQuestionSchema.safeParse(JSON.parse(JSON.stringify(newer)));
    expect(read.error?.issues.map(({ path }) => path)).toEqual([['filter']]);
  });

  it('refuses any other unknown field', () => {
    const newer = { ...QUESTION, language: 'en', moment: { ...QUESTION.moment, until: 'now' } };
    const read = enclosedQuestionSchema.safeParse(JSON.parse(JSON.stringify(newer)));
    expect(read.error?.issues.map(({ path }) => path)).toEqual([['moment'], []]);
  });

  it('does not read null as a date', () => {
    const enclosed: unknown = JSON.parse(
      JSON.stringify({ ...QUESTION, referenceDate: null, moment: {} }),
    );
    expect(enclosedQuestionSchema.parse(enclosed)).toMatchObject({
      referenceDate: null,
      moment: {},
    });
  });
});
