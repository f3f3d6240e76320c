import { type ExtraParameter, PARAMETER_PHASES, PARAMETER_PLACES } from '../../kernel/auth.ts';
import type { FieldFault } from '../../kernel/errors.ts';

const LINE = new RegExp(
  `^\\s*(${PARAMETER_PHASES.join('|')})\\s+(${PARAMETER_PLACES.join('|')})\\s+([^\\s=]+)=(.*)$`,
  's',
);
const WRONG =
  'Write authorize, token or refresh, then query, body or header, then name=value: "token body prompt=none".';
/** Keeps the places of the lines around one that cannot be read. */
const UNREAD: ExtraParameter = { phase: 'token', in: 'body', name: 'unread', value: '' };

/** Parameters written as `phase place name=value`, one a line; a value is taken as it was typed. */
export function readParameterLines(text: string | undefined): {
  readonly parameters: readonly ExtraParameter[];
  readonly faults: readonly FieldFault[];
} {
  const read = (text ?? '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(parameterOf);
  return {
    parameters: read.map((parameter) => parameter ?? UNREAD),
    faults: read.flatMap((parameter, at) => (parameter ? [] : [{ pointer: `/auth/parameters/${at}`, detail: WRONG }])),
  };
}

/** Parameters as `readParameterLines` takes them. */
export function parameterLines(parameters: readonly ExtraParameter[]): string {
  return parameters.map(({ phase, in: place, name, value }) => `${phase} ${place} ${name}=${value}`).join('\n');
}

function parameterOf(line: string): ExtraParameter | null {
  const [, phase, place, name, value] = LINE.exec(line) ?? [];
  if (name === undefined || value === undefined) return null;
  return { phase: phase as ExtraParameter['phase'], in: place as ExtraParameter['in'], name, value };
}
