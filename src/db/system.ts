import { inScope } from './scope.ts';
import type { ScopeOptions } from './session.ts';

/**
 * Runs `work` with a session bound to no workspace: nothing is filtered. Only for start-up, the gatekeeper, sweeps and
 * retention; `.dependency-cruiser.cjs` names the files that may import this. Otherwise as `withSession`.
 */
export async function withSystem<T>(work: () => Promise<T>, options: ScopeOptions = {}): Promise<T> {
  return inScope(null, options.label ?? 'the system', work);
}
