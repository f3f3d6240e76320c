import { createHash } from 'node:crypto';
import type { ParameterizedContext } from 'koa';

const STYLE = `
:root{color-scheme:light dark;--paper:#f6f5f1;--sheet:#fff;--ink:#1d2126;--soft:#5b636d;--line:#dcd9d0;--go:#1f5f4a;--on-go:#fff}
@media(prefers-color-scheme:dark){:root{--paper:#14171a;--sheet:#1c2024;--ink:#e8e6e1;--soft:#a3abb3;--line:#343a40;--go:#7fd1b1;--on-go:#0d1f18}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{width:100%;max-width:440px;background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:32px}
.badge{margin:0 0 16px;font-size:13px;font-weight:600;color:var(--soft)}
h1{margin:0 0 8px;font-size:22px;line-height:1.25}
p{margin:0 0 16px}
ul{margin:0 0 24px;padding:0;list-style:none;border-block:1px solid var(--line)}
li{padding:12px 0}li+li{border-top:1px solid var(--line)}
li b{display:block}li span,small{color:var(--soft)}
code{font:13px ui-monospace,monospace;overflow-wrap:anywhere}
form{display:flex;gap:8px;margin:0 0 16px}
button{flex:1;min-height:44px;border:1px solid var(--line);border-radius:8px;background:transparent;color:inherit;font:inherit;font-weight:600;cursor:pointer}
button[value=allow]{background:var(--go);border-color:var(--go);color:var(--on-go)}
button:focus-visible{outline:3px solid var(--go);outline-offset:2px}
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const MEANING: Readonly<Record<string, string>> = {
  orders: 'List, create, read, change and delete practice orders.',
  offline_access: 'Renew access later without asking you again.',
  openid: 'Know that you are the practice user.',
};

/** What the consent page asks. */
export interface ConsentQuestion {
  readonly client: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
}

/** Shows the one page of the practice provider: who asks, for what, and two answers. */
export function consentPage(ctx: ParameterizedContext, { client, scopes, redirectUri }: ConsentQuestion): void {
  const items = scopes.map(
    (scope) => `<li><b>${safe(scope)}</b><span>${safe(MEANING[scope] ?? 'No description.')}</span></li>`,
  );
  const back = URL.parse(redirectUri)?.origin ?? '';
  show(
    ctx,
    `Let ${client} in?`,
    `<p>${safe(client)} asks for access to the practice API. Nothing here is real: no password is needed, and no data leaves this machine.</p>
<ul>${items.join('')}</ul>
<form method="post"><button name="answer" value="refuse">Refuse</button><button name="answer" value="allow" autofocus>Allow</button></form>
<small>Either answer takes you back to <code>${safe(back)}</code>.</small>`,
    `'self' ${back}`,
  );
}

/** Shows what went wrong, in the same dress. Sets no status. */
export function errorPage(ctx: ParameterizedContext, code: string, sentence: string): void {
  show(
    ctx,
    'This did not work',
    `<p>${safe(sentence)}</p><p><code>${safe(code)}</code></p><small>Go back and start the consent again.</small>`,
    "'none'",
  );
}

/** `formTargets` names where a form may lead: Chrome applies it to the redirects after a post as well. */
function show(ctx: ParameterizedContext, title: string, main: string, formTargets: string): void {
  ctx.set({
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${formTargets}; frame-ancestors 'none'; base-uri 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  ctx.type = 'html';
  ctx.body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(title)} · Practice provider</title><style>${STYLE}</style></head>
<body><main><p class="badge">Practice provider</p><h1>${safe(title)}</h1>
${main}
</main></body></html>
`;
}

function safe(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
