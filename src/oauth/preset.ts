import { type GrantType, type OAuth2Settings, USUAL_OAUTH2 } from '../kernel/auth.ts';
import type { FieldFault } from '../kernel/errors.ts';

/** A part of a provider's addresses that only the person knows; stands in braces in a preset's texts. */
export interface Placeholder {
  readonly name: string;
  readonly label: string;
  readonly example: string;
  /** What it may be; nothing of it may lead to another host than the preset means. */
  readonly pattern: RegExp;
  readonly hint: string;
}

/** How a preset was confirmed: the day, and what it was held against. */
export interface PresetCheck {
  readonly on: string;
  readonly against: string;
}

/** What is known of a provider before anybody types. */
export interface Preset {
  readonly slug: string;
  readonly name: string;
  /** Pages of the provider's own documentation that tell of it; that they were read is for `checked` to say. */
  readonly sources: readonly string[];
  /** Null: nobody has confirmed it, and the page says so. */
  readonly checked: PresetCheck | null;
  readonly placeholders: readonly Placeholder[];
  readonly baseUrl: string;
  /** Grant types it offers that we have; the first is chosen. */
  readonly grantTypes: readonly [GrantType, ...GrantType[]];
  readonly settings: PresetSettings;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

/** Settings that a preset gives; a person gives the rest. */
export type PresetSettings = Pick<OAuth2Settings, 'tokenUrl' | 'clientAuthentication'> &
  Partial<Omit<OAuth2Settings, 'type' | 'grantType' | 'clientId' | 'username'>>;

/** A preset with its placeholders filled in: a connection's beginning, without client id and secrets. */
export interface FilledPreset {
  readonly name: string;
  readonly baseUrl: string;
  readonly settings: OAuth2Settings;
}

/** A whole host name. */
export const HOST_NAME = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
/** A segment of a path. */
export const PATH_SEGMENT = /^[\w-]{1,120}$/;

/** What is wrong with what was filled in, with a pointer to each placeholder. */
export function placeholderFaults(preset: Preset, given: Readonly<Record<string, string>>): FieldFault[] {
  return preset.placeholders
    .filter(({ name, pattern }) => !pattern.test(valueOf(given, name)))
    .map(({ name, label, example }) => ({
      pointer: `/${name}`,
      detail: `${label} looks like ${example}. Write yours.`,
    }));
}

/** The preset with its placeholders filled in; see `placeholderFaults` first. */
export function filledPreset(preset: Preset, given: Readonly<Record<string, string>>): FilledPreset {
  const fill = (text: string) => text.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => valueOf(given, name));
  const settings: OAuth2Settings = {
    ...USUAL_OAUTH2,
    ...preset.settings,
    type: 'oauth2',
    grantType: preset.grantTypes[0],
    clientId: '',
  };
  return { name: preset.name, baseUrl: fill(preset.baseUrl), settings: filledIn(settings, fill) };
}

function filledIn(settings: OAuth2Settings, fill: (text: string) => string): OAuth2Settings {
  const pairs = Object.entries(settings).map(([name, value]) => [
    name,
    typeof value === 'string' ? fill(value) : value,
  ]);
  return Object.fromEntries(pairs) as OAuth2Settings;
}

function valueOf(given: Readonly<Record<string, string>>, name: string): string {
  return (given[name] ?? '').trim();
}
