import { readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Warnings that tell of a thing somebody took and forgot. */
export function isOfLeak(warning: Error & { readonly code?: string }): boolean {
  return warning.code === 'DEP0137' || warning.name === 'MaxListenersExceededWarning';
}

/** Temporary files that are gone and that this process holds open all the same, by descriptor. Only Linux tells. */
export function goneAndOpen(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    const target = targetOf(descriptor);
    return target.startsWith(tmpdir()) && target.endsWith(' (deleted)') ? [`${descriptor}: ${target}`] : [];
  });
}

/** Nothing for the one that reads the folder, which is closed by then. */
function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}
