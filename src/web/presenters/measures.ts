const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB'];

/** A size for people: `0 B`, `14 B`, `1.4 KiB`, `16 MiB`. */
export function sizeText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 10 ? 0 : 1;
  return `${size.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}

/** A size to the byte: `14 bytes`, `1.4 KiB (1,434 bytes)`. */
export function exactSize(bytes: number): string {
  const exact = `${bytes.toLocaleString('en')} ${bytes === 1 ? 'byte' : 'bytes'}`;
  return bytes < 1024 ? exact : `${sizeText(bytes)} (${exact})`;
}

/** Milliseconds for people: `0.2 ms`, `37 ms`, `1.25 s`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** A span of whole seconds for people, in one unit or two: `40 s`, `58 min`, `3 h 05 min`, `2 d 4 h`. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 90) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A moment for a `<time>` element, in UTC: the machine's form, the day and the time to the second. */
export function moment(date: Date) {
  const iso = date.toISOString();
  return { iso, day: iso.slice(0, 10), clock: iso.slice(11, 19), text: `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC` };
}
export type Moment = ReturnType<typeof moment>;

/** A moment in UTC to the millisecond, as exchanges are told apart by it: `2026-11-22 09:00:00.042 UTC`. */
export function exactMoment(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

/** How long ago something was, in words: `just now`, `4 min ago`. */
export function agoText(date: Date, now: Date): string {
  const seconds = (now.getTime() - date.getTime()) / 1000;
  return seconds < 5 ? 'just now' : `${spanText(seconds)} ago`;
}
