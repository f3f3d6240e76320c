import { readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Milliseconds of CPU, user and system, that a process and its children have used so far. Linux only. */
export function cpuMs(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, id) => sum + ownTicks(id), 0) * (1000 / TICKS);
}

/** Resident memory of a process and its children, in MiB. */
export function residentMiB(pid: number): number {
  return memoryMiB(pid, 'VmRSS');
}

/** The most that was resident since `forgetPeak`, in MiB. */
export function peakMiB(pid: number): number {
  return memoryMiB(pid, 'VmHWM');
}

/** Lets the kernel count a process's peak anew (proc(5), `clear_refs`). */
export function forgetPeak(pid: number): void {
  for (const id of [pid, ...descendants(pid)]) writeFileSync(`/proc/${id}/clear_refs`, '5');
}

function memoryMiB(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const kib = [pid, ...descendants(pid)].map((id) => {
    const line = new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${id}/status`, 'utf8'));
    return Number(line?.[1] ?? 0);
  });
  return kib.reduce((sum, one) => sum + one, 0) / 1024;
}

function ownTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold anything: count the fields after it (proc(5): utime is the 14th of all, stime the 15th).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function descendants(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const children = text === '' ? [] : text.split(' ').map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
