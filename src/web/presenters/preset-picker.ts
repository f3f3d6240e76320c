import type { FieldFault } from '../../kernel/errors.ts';
import { type FilledPreset, type Preset, presets } from '../../services/connections/presets.ts';
import { type ConnectionValues, connectionValues } from './connection-values.ts';
import { faultsByField } from './field-faults.ts';

/** What a new connection may start from; `chosen` is what was chosen, with its notes. */
export function presetPicker(chosen: Preset | null) {
  return {
    choices: presets().map(({ slug, name }) => ({
      name,
      href: `/connections/new?preset=${slug}`,
      isChosen: slug === chosen?.slug,
    })),
    chosen: chosen && {
      name: chosen.name,
      notes: chosen.notes,
      source: chosen.sources[0] ?? null,
      checked: chosen.checked,
    },
  };
}

/** What the page asks before the form: a preset's placeholders, as they were typed. */
export function presetQuestions(
  preset: Preset,
  typed: Readonly<Record<string, string>>,
  faults: readonly FieldFault[],
) {
  const errors = faultsByField(
    faults,
    preset.placeholders.map(({ name }) => name),
  );
  return {
    title: `New connection to ${preset.name}`,
    slug: preset.slug,
    name: preset.name,
    questions: preset.placeholders.map(({ name, label, example, hint }) => ({
      name,
      label,
      hint,
      placeholder: example,
      value: typed[name] ?? '',
      error: errors[name] ?? null,
    })),
  };
}

/** The form as a preset fills it in. */
export function presetValues({ name, baseUrl, settings }: FilledPreset, empty: ConnectionValues): ConnectionValues {
  return connectionValues({
    name,
    slug: '',
    baseUrl,
    origins: [],
    headers: [],
    timeoutMs: Number(empty.timeoutMs),
    width: Number(empty.width),
    maskNames: [],
    resendUnsafeOn401: empty.resendUnsafeOn401,
    keepAlive: empty.keepAlive,
    certificateAuthorities: null,
    auth: settings,
  });
}
