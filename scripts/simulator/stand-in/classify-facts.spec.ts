import { describe, expect, it } from 'vitest';

import { classifyFacts } from './classify-facts.js';

const verdict = (fact: string, stands: string) =>
  classifyFacts({ fact, candidates: [{ candidate: 1, fact: stands }] }).comparisons[0]?.verdict;

describe('the stand-in as a classifier', () => {
  it.each([
    ['Dana moved to Rome.', 'Dana lives in Lisbon.', 'supersedes'],
    ['On 3 May 2024 Dana moved to Rome.', 'Dana moved to Lisbon last spring.', 'supersedes'],
    ['Dana now works at Initech.', 'Dana works at Globex as an engineer.', 'supersedes'],
    ['Dana has three children.', 'Dana has two children.', 'supersedes'],
    ["Dana's favourite colour is green.", "Dana's favourite colour is blue.", 'supersedes'],
    ['The deadline is Friday.', 'The deadline is Monday.', 'supersedes'],
    ['Dana no longer works at Globex.', 'Dana works at Globex.', 'supersedes'],
    ['Dana lives in Lisbon near the river.', 'Dana lives in Lisbon.', 'refines'],
    ['Dana plans to move to Rome.', 'Dana lives in Lisbon.', 'independent'],
    ['Dana may have four children.', 'Dana has two children.', 'independent'],
    ['Dana might have three children.', 'Dana has two children.', 'independent'],
    ['Ben moved to Rome.', 'Dana lives in Lisbon.', 'independent'],
    ['Dana has three dogs.', 'Dana has two children.', 'independent'],
    ['Dana took the train today.', 'Dana cycles to work.', 'independent'],
    ['Dana likes chess.', 'Dana likes tea.', 'independent'],
  ])('%s beside %s %s', (fact, stands, said) => {
    expect(verdict(fact, stands)).toBe(said);
  });

  it('judges every candidate, and says what the fact is about', () => {
    const candidates = [
      { candidate: 1, fact: 'Dana lives in Lisbon.' },
      { candidate: 2, fact: 'Dana works at Globex.' },
    ];
    expect(classifyFacts({ fact: 'Dana moved to Rome.', candidates })).toMatchObject({
      category: 'location',
      comparisons: [
        { candidate: 1, verdict: 'supersedes' },
        { candidate: 2, verdict: 'independent' },
      ],
    });
  });
});
