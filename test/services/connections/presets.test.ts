import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConnectionInput } from '../../../src/services/connections/connection-input.ts';
import { fillPreset, type Preset, presetOf, presets } from '../../../src/services/connections/presets.ts';
import { oauthFaults } from '../../../src/oauth/settings-faults.ts';
import { isOurParameter } from '../../../src/oauth/authorization.ts';
import { presetPicker } from '../../../src/web/presenters/preset-picker.ts';
import { createViews } from '../../../src/web/views.ts';

const rows = presets().map((preset) => [preset.slug, preset] as const);
const views = createViews({ dir: join(import.meta.dirname, '../../../views'), cache: true });
const examplesOf = (slug: string) =>
  Object.fromEntries(presetOf(slug).placeholders.map(({ name, example }) => [name, example]));

describe('a preset', () => {
  test('is there for a dozen providers, each by a slug of its own, in the order of their names', () => {
    expect(new Set(rows.map(([slug]) => slug)).size).toBe(12);
    const names = presets().map(({ name }) => name);
    expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b)));
  });

  test.each(rows)('for %s makes a connection once its placeholders are filled in', (slug, preset) => {
    const { filled, faults } = fillPreset(preset, examplesOf(slug));
    expect(faults).toEqual([]);
    expect(JSON.stringify(filled)).not.toMatch(/\{\w+\}/);

    for (const grantType of preset.grantTypes) {
      const settings = { ...filled!.settings, grantType, clientId: 'client-1' };
      const input = readConnectionInput({ name: filled!.name, baseUrl: filled!.baseUrl, auth: settings });
      expect(input.auth).toMatchObject({ type: 'oauth2', tokenUrl: settings.tokenUrl });
      expect(oauthFaults(settings)).toEqual([]);
    }
  });

  test.each(rows)(
    'for %s says where its documentation is, and how it was checked if it was',
    (_slug, { sources, checked, notes }) => {
      expect(sources.length).toBeGreaterThan(0);
      expect(sources.filter((source) => new URL(source).protocol !== 'https:')).toEqual([]);
      expect(checked?.on ?? '2026-11-23').toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(checked?.against ?? 'nothing').not.toBe('');
      expect(notes.filter((note) => !/^[A-Z].*[^.]\.$/.test(note))).toEqual([]);
    },
  );

  test.each(rows)('for %s tells on the page what it was checked against, or that it was not', (_slug, preset) => {
    const page = (chosen: Preset) => views.render('connections/presets', { page: {}, presets: presetPicker(chosen) });
    const checked = page({ ...preset, checked: preset.checked ?? { on: '2026-11-23', against: 'its documentation' } });
    expect(checked).toMatch(/Checked on \d{4}-\d\d-\d\d against /);
    expect(checked).not.toContain('Not checked');

    const unchecked = page({ ...preset, checked: null });
    expect(unchecked).toContain('Not checked against its documentation');
    expect(unchecked).not.toMatch(/Checked on|Read from/);
  });

  test.each(rows)('for %s sets nothing that is ours to say', (_slug, { settings }) => {
    const own = (settings.parameters ?? []).filter(({ phase }) => phase === 'authorize');
    expect(own.filter(({ name }) => isOurParameter(name))).toEqual([]);
  });

  test.each(rows.flatMap(([slug, preset]) => preset.placeholders.map(({ name }) => [slug, name, preset] as const)))(
    'for %s lets nobody lead it elsewhere by %s',
    (slug, name, preset) => {
      for (const evil of [
        '',
        'evil.example/',
        'a@evil.example',
        'evil.example#',
        'evil.example?',
        'a b',
        '../..',
        '{x}',
        'a\\b',
      ]) {
        const { filled, faults } = fillPreset(preset, { ...examplesOf(slug), [name]: evil });
        expect(filled).toBeNull();
        expect(faults).toMatchObject([{ pointer: `/${name}`, detail: expect.stringContaining('Write yours.') }]);
      }
    },
  );
});
