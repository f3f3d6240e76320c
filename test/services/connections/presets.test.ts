import { describe, expect, test } from '@jest/globals';
import { readConnectionInput } from '../../../src/services/connections/connection-input.ts';
import { fillPreset, presetOf, presets } from '../../../src/services/connections/presets.ts';
import { oauthFaults } from '../../../src/oauth/settings-faults.ts';
import { isOurParameter } from '../../../src/oauth/authorization.ts';

const rows = presets().map((preset) => [preset.slug, preset] as const);
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

  test.each(rows)('for %s says where it was read and when', (_slug, { sources, readOn, notes }) => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.filter((source) => !source.startsWith('https://'))).toEqual([]);
    expect(readOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(notes.filter((note) => !/^[A-Z].*[^.]\.$/.test(note))).toEqual([]);
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
