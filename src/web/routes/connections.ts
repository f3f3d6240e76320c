import { Router } from '@koa/router';
import type { Clock } from '../../kernel/clock.ts';
import type { Connection } from '../../model/connection.ts';
import type { ConnectionInput } from '../../services/connections/connection-input.ts';
import type { ConnectionRemoval } from '../../services/connections/connection-removal.ts';
import type { Connector } from '../../services/connections/connector.ts';
import { fillPreset, presetOf } from '../../services/connections/presets.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import { actorOf, formOf } from '../context.ts';
import { readConnectionForm } from '../forms/connection-form.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { requireRole } from '../middleware/gate.ts';
import { connectionList } from '../presenters/connection-list.ts';
import { presetPicker, presetQuestions } from '../presenters/preset-picker.ts';
import { connectionValues } from '../presenters/connection-values.ts';
import { connectionDeletePage, deletionWords } from '../presenters/connection-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';
import type { ConnectionForms, ShownForm } from './connection-forms.ts';
import { toldConnections } from './told-connections.ts';

interface Parts {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly removal: ConnectionRemoval;
  readonly teller: GrantTeller;
  readonly forms: ConnectionForms;
  /** The practice API as a connection, or null where it does not run. */
  readonly practice: () => ConnectionInput | null;
  readonly render: Render;
}

/** Connections: list, make, change, delete. What one of them does is in `workbench.ts`. */
export function connectionRoutes({ clock, connector, removal, teller, forms, practice, render }: Parts): Router {
  const router = new Router();
  const viewer = requireRole('viewer');
  const editor = requireRole('editor');
  const owner = requireRole('owner');

  router.get('/connections', viewer, async (ctx) => {
    const { workspaceId, role } = actorOf(ctx);
    const connections = await toldConnections(workspaceId, connector, teller);
    const page = connectionList(connections, role, clock.now());
    await render(ctx, 'connections/index', { ...page, flash: deletionWords(String(ctx.query.deleted)) });
  });

  router.get('/connections/new', editor, async (ctx) => {
    const typed = textsOf(ctx.query);
    if (typed.preset === undefined) return forms.showNew(ctx, { beside: { presets: presetPicker(null) } });
    const preset = presetOf(typed.preset);
    const { filled, faults } = fillPreset(preset, typed);
    if (filled) return forms.showNew(ctx, { filled, beside: { presets: presetPicker(preset) } });
    const isAnswered = preset.placeholders.some(({ name }) => typed[name] !== undefined);
    if (isAnswered) ctx.status = 422;
    await render(ctx, 'connections/preset', presetQuestions(preset, typed, isAnswered ? faults : []));
  });

  router.post('/connections', editor, (ctx) =>
    orFormAgain(
      ctx,
      async () => {
        const { slug } = await connector.create(actorOf(ctx), readConnectionForm(formOf(ctx)));
        seeOther(ctx, `/connections/${slug}`);
      },
      (faults) => forms.showNew(ctx, { faults }),
    ),
  );

  router.post('/practice-connections', editor, async (ctx) => {
    const input = practice();
    const known = (await connector.list()).find(({ slug }) => slug === input?.slug);
    if (input && !known) await connector.create(actorOf(ctx), input);
    seeOther(ctx, input ? `/connections/${input.slug}` : '/');
  });

  router.get('/connections/:slug/edit', editor, async (ctx) => {
    const connection = await connector.find(String(ctx.params.slug));
    const { movedTokenUrl } = await teller.tell(actorOf(ctx).workspaceId, connection.slug);
    const isWanted = ctx.query.endpoint === 'named' && movedTokenUrl !== null;
    await forms.showEdit(ctx, connection, isWanted ? withEndpoint(connection, movedTokenUrl) : {});
  });

  router.post('/connections/:slug', editor, async (ctx) => {
    const connection = await connector.find(String(ctx.params.slug));
    await orFormAgain(
      ctx,
      async () => {
        const form = formOf(ctx);
        const { slug } = await connector.edit(actorOf(ctx), connection.slug, (is) => readConnectionForm(form, is));
        seeOther(ctx, `/connections/${slug}`);
      },
      (faults) => forms.showEdit(ctx, connection, { faults }),
    );
  });

  router.get('/connections/:slug/deletion', owner, async (ctx) => {
    await render(ctx, 'connections/delete', connectionDeletePage(await connector.find(String(ctx.params.slug))));
  });

  router.post('/connections/:slug/deletion', owner, async (ctx) => {
    const { kind } = await removal.remove(actorOf(ctx), String(ctx.params.slug));
    seeOther(ctx, `/connections?deleted=${kind}`);
  });

  return router;
}

/** The form with the token endpoint that the issuer names, to be looked at and saved, or not. */
function withEndpoint(connection: Connection, tokenUrl: string): ShownForm {
  const flash =
    'The token URL is the one that the issuer names. Nothing is changed until you save; no secret goes along to another address, so write the client secret and the tokens you hold again.';
  return { values: { ...connectionValues(connection), tokenUrl }, beside: { flash } };
}

/** What stands in a query once each. */
function textsOf(query: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
