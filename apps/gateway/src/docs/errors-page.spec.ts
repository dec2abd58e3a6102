import { CODES } from '@app/errors';
import { problemOf } from '@app/http-problems';
import { describe, expect, it } from 'vitest';

import { errorsPage } from './errors-page.js';

const page = errorsPage();

describe('the errors page', () => {
  it.each(Object.keys(CODES) as (keyof typeof CODES)[])(
    'has the place that a problem of type %s leads to, once',
    (code) => {
      const { type } = problemOf({ code, detail: '' }, 'r');
      const [path, anchor] = type.split('#');
      expect(path).toBe('/docs/errors');
      expect(page.split(`<section id="${anchor}">`)).toHaveLength(2);
      expect(page).toContain(CODES[code].title.replaceAll("'", '&#39;'));
    },
  );

  it('has no script and loads nothing', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\bon\w+=|\bsrc=|@import|url\(/i);
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, to]) => to);
    expect(links.every((to) => to?.startsWith('#'))).toBe(true);
  });

  it('shows text in backticks as code, and escapes markup', () => {
    expect(page).toContain('<code>Retry-After</code>');
    expect(page).toContain('GET /agent/jobs/{id}');
    expect(
      page.replaceAll(
        /<\/?(code|strong|p|h1|h2|a|section|html|head|body|title|meta|style|!doctype)\b[^<>]*>/g,
        '',
      ),
    ).not.toMatch(/[<>`]/);
  });
});
