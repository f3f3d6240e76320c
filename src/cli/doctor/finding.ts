import { table } from '../terminal/table.ts';

/** What one check found. A warning is no fault: everything works, for now. */
export interface Finding {
  readonly check: string;
  readonly standing: 'ok' | 'warning' | 'fault';
  readonly detail: string;
  /** How to mend it; null where nothing has to be. */
  readonly mend: string | null;
}

/** All is well. */
export function fine(check: string, detail: string): Finding {
  return { check, standing: 'ok', detail, mend: null };
}

/** Everything works, for now. */
export function warning(check: string, detail: string, mend: string): Finding {
  return { check, standing: 'warning', detail, mend };
}

/** Something does not work. */
export function fault(check: string, detail: string, mend: string): Finding {
  return { check, standing: 'fault', detail, mend };
}

/** Findings as people read them, a line each, and under it how to mend what is wrong. */
export function findingsText(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ check, standing, detail, mend }) => [
    [standing, check, detail],
    ...(mend === null ? [] : [['', '', `→ ${mend}`]]),
  ]);
  return table(null, rows);
}
