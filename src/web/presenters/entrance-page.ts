/** What the page shows where the first owner is made. `errors` by field name. */
export function setupPage(values: { readonly code?: string; readonly email?: string }, errors: Record<string, string>) {
  return {
    title: 'Create the owner',
    code: values.code ?? '',
    email: values.email ?? '',
    error: errors[''] ?? null,
    errors: { code: errors.code ?? null, email: errors.email ?? null, password: errors.password ?? null },
  };
}

/** What the sign-in page shows. `next` is a path of ours to go on to; `error` one sentence, or null. */
export function signInPage(values: { readonly email?: string; readonly next?: string }, error: string | null) {
  return { title: 'Sign in', email: values.email ?? '', next: values.next ?? '/', error };
}
