import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { signInPage } from '../../../src/web/presenters/entrance-page.ts';
import { everyPage, rendered } from './every-page.ts';
import { PLANTED, sampleConnection, sampleExchange } from './samples.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NASTY = '"><script>alert(1)</script>\u202Etxt\u0000\u0007</textarea></title>';

describe.each(everyPage())('the page %s', (_, html) => {
  test('is a whole document with one heading and one main part', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html.match(/<h1[ >]/g)).toHaveLength(1);
    expect(html.match(/<main[ >]/g)).toHaveLength(1);
    expect(html).toContain('<a class="skip" href="#content">');
  });

  test('uses an id once', () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test('points its labels and descriptions at something', () => {
    const ids = new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    const named = [...html.matchAll(/ (?:for|aria-labelledby|aria-describedby)="([^"]*)"/g)];
    for (const [, names = ''] of named) for (const name of names.split(' ')) expect(ids).toContain(name);
  });

  test('labels every field', () => {
    const labelled = new Set([...html.matchAll(/<label[^>]* for="([^"]*)"/g)].map(([, id]) => id));
    for (const [tag, kind] of html.matchAll(/<(input|select|textarea) [^>]*>/g)) {
      if (kind === 'input' && tag.includes('type="hidden"')) continue;
      expect(labelled).toContain(/ id="([^"]*)"/.exec(tag)?.[1]);
    }
  });

  test('carries the token in every form that changes something', () => {
    const forms = html.match(/<form [^>]*method="post"[\s\S]*?<\/form>/g) ?? [];
    for (const form of forms) expect(form).toContain('<input type="hidden" name="csrf" value="csrf-4711">');
  });

  test('asks for nothing that the content security policy forbids', () => {
    expect(html).not.toMatch(/ style="| on[a-z]+="|<style|<script(?! [^>]*src=)/);
    expect(html).not.toMatch(/(?:src|href)="javascript:/);
  });

  test('shows no column that nobody allowed', () => {
    expect(html).not.toContain(PLANTED);
  });
});

describe('a page with hostile things in it', () => {
  const exchange = sampleExchange({
    url: `https://api.partner.example/${NASTY}`,
    method: NASTY,
    detail: NASTY,
    sentBy: NASTY,
    connectionName: NASTY,
    requestHeaders: [[NASTY, NASTY]],
    responseHeaders: [
      ['content-type', 'text/html'],
      [NASTY, NASTY],
    ],
  });
  const connection = sampleConnection({ name: NASTY, origins: [NASTY], headers: [[NASTY, NASTY]] });
  const pages = everyPage({ connection, exchange, body: Buffer.from(NASTY), text: NASTY });

  test.each(pages)('shows it as text on %s', (_, html) => {
    expect(html).not.toContain('<script>alert');
    expect(html).not.toContain('"><script');
    expect(html.match(/<\/title>/g)).toHaveLength(1);
    expect(html).not.toContain('\0');
  });

  test.each(pages)('spells out what cannot be seen on %s, but in fields', (_, html) => {
    const outsideFields = html.replace(/<textarea[\s\S]*?<\/textarea>| value="[^"]*"/g, '');
    expect(outsideFields).not.toMatch(/[\u0007\u202e]/);
  });

  test('shows the characters by their numbers', () => {
    const [, html = ''] = pages.find(([name]) => name === 'exchange') ?? [];
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;⟨U+202E⟩txt⟨U+0000⟩⟨U+0007⟩');
  });

  test('gives fields back what was typed', () => {
    const [, html = ''] = pages.find(([name]) => name === 'connection, fresh') ?? [];
    expect(html).toContain('&lt;/script&gt;\u202Etxt\uFFFD');
  });
});

describe('the views as files', () => {
  const files = readdirSync(join(ROOT, 'views'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eta'));

  test('write unescaped once, in the layout', () => {
    const raw = files.flatMap((name) => (readFileSync(join(ROOT, 'views', name), 'utf8').match(/<%~/g) ?? []).map(() => name));
    expect(raw).toEqual(['layouts/page.eta']);
  });

  test('say a fault of the whole form once', () => {
    const html = rendered('sign-in/new', signInPage({}, 'They do not belong together.'), { actor: null });
    expect(html.match(/They do not belong together\./g)).toHaveLength(1);
    expect(html).not.toContain('aria-invalid');
  });

  test('fail where a presenter does not give what they ask for', () => {
    expect(() => rendered('problem', { title: 'No status here' })).toThrow('presenter');
  });
});
