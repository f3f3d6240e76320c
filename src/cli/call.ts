import { bodyFrom } from './terminal/body-argument.ts';
import { EXIT, type Terminal } from './terminal/terminal.ts';
import { WrongUse } from './terminal/refusal.ts';
import type { Verb } from './terminal/verb.ts';
import { type ShownExchange, exchangeJson, headLines, statusLine } from './exchange-text.ts';
import { type InWorkspace, withWorkspace } from './with-workings.ts';

type Headers = readonly (readonly [name: string, value: string])[];

interface Options {
  readonly data?: string;
  readonly header?: Headers;
  readonly include?: true;
  readonly workspace?: string;
  readonly json?: true;
}

/** Failures in which something answered, or was kept from being asked; after the others nobody knows. */
const REFUSALS: readonly (string | null | undefined)[] = ['refused-address', 'too-large', 'redirect-limit'];

/** `callbook call`: sends a call with a fresh token and writes it down. */
export function callCommand(program: Verb, terminal: Terminal): void {
  program
    .command('call')
    .argument('<slug>', 'the connection')
    .argument('<method>', 'such as GET or POST')
    .argument('<path>', "a path on the connection's base URL, with its query")
    .saying({
      summary: 'Send a call with a fresh token, and keep a record of it',
      more: [
        "The answer's body goes to standard output as it is on record: byte for byte, with secrets masked. Its status and",
        "the record's id go to standard error.",
      ].join(' '),
      examples: [
        'callbook call partner GET "/orders?limit=2"',
        `callbook call partner POST /orders -H 'Content-Type: application/json' -d '{"item": 7}'`,
        'callbook call partner PUT /files/7 -d @report.pdf --json',
      ],
    })
    .option('-d, --data <body>', 'the body: text, @file, or - for standard input')
    .option("-H, --header <'Name: value'>", 'a header; may be given several times', headerOf)
    .option('-i, --include', "print the answer's status and headers before its body")
    .option('--workspace <slug>', 'which workspace, where there are several')
    .option('--json', 'print the record, with the answer as "body" or, where it is no text, "bodyBase64"')
    .action(async (slug: string, method: string, path: string, options: Options) => {
      const body = options.data === undefined ? null : await bodyFrom(options.data, terminal.world.stdin);
      const composed = { method: method.toUpperCase(), path, headers: options.header ?? [], body };
      const shown = await withWorkspace(terminal, options.workspace, (at) => sent(terminal, at, slug, composed));
      await show(terminal, shown, options);
      terminal.exitCode = exitCodeFor(shown);
    });
}

type Composed = Parameters<InWorkspace['workings']['sender']['send']>[2];

/** Sends as an instance among others, so that they know what is under way here for alive. */
async function sent(terminal: Terminal, { workings, workspace }: InWorkspace, slug: string, composed: Composed) {
  const { register, sender, history, keeper, abortCalls } = workings;
  await register.enter();
  const stop = () => {
    terminal.tell('The call is ended and recorded as aborted.');
    // A token call is let finish: the grant would be in doubt.
    void keeper.landed().then(abortCalls);
  };
  terminal.world.once('SIGINT', stop);
  terminal.world.once('SIGTERM', stop);
  try {
    const actor = { workspaceId: workspace.id, role: 'owner', name: 'command line' } as const;
    const id = await sender.send(actor, slug, composed);
    return await history.show(id, { request: 0 });
  } finally {
    await workings.leave().catch(() => terminal.tell('This process could not sign off; the next start does it.'));
  }
}

async function show(terminal: Terminal, shown: ShownExchange, { include, json }: Options): Promise<void> {
  terminal.tell(statusLine(shown));
  if (json) return terminal.printJson(exchangeJson(shown));
  if (include) await terminal.write(headLines(shown));
  await terminal.write(shown.responseBody ?? '');
}

function exitCodeFor({ exchange: { outcome, reason, status } }: ShownExchange): number {
  if (outcome === 'answered') return (status ?? 0) < 400 ? EXIT.done : EXIT.no;
  return REFUSALS.includes(reason) ? EXIT.no : EXIT.notNow;
}

function headerOf(line: string, before: Headers = []): Headers {
  const [, name, value] = /^([^:]+):\s*(.*)$/s.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new WrongUse("Write a header as -H 'Name: value'.");
  return [...before, [name.trim(), value.trim()]];
}
