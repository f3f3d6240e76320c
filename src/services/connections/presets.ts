import type { FieldFault } from '../../kernel/errors.ts';
import { NotFound } from '../../kernel/errors.ts';
import { type FilledPreset, filledPreset, placeholderFaults, type Preset } from '../../oauth/preset.ts';
import { PRESETS } from '../../oauth/presets/all.ts';

export type { FilledPreset, Preset } from '../../oauth/preset.ts';

/** Every preset, by name. */
export function presets(): readonly Preset[] {
  return PRESETS;
}

/** Throws `NotFound`. */
export function presetOf(slug: string): Preset {
  const preset = PRESETS.find((one) => one.slug === slug);
  if (!preset) throw new NotFound('preset', slug);
  return preset;
}

/** The preset with its placeholders filled in, or what is wrong with them. */
export function fillPreset(
  preset: Preset,
  given: Readonly<Record<string, string>>,
): { readonly filled: FilledPreset | null; readonly faults: readonly FieldFault[] } {
  const faults = placeholderFaults(preset, given);
  return { filled: faults.length === 0 ? filledPreset(preset, given) : null, faults };
}
