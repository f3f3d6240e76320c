import type { SuggestedSettings } from '../../services/connections/discovery.ts';
import type { Form } from '../context.ts';

/** The form as it was sent, with what an issuer says in place of what was typed. What it does not have stays as typed. */
export function discoveredForm(form: Form, suggested: SuggestedSettings): Form {
  const { issuer, endpoints, requiresIss, clientAuthentication } = suggested;
  return {
    ...form,
    ...endpoints,
    issuer,
    requiresIss: requiresIss ? 'on' : '',
    ...(clientAuthentication && { clientAuthentication }),
  };
}
