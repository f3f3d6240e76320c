import type { Context } from 'koa';
import type { FieldFault } from '../../kernel/errors.ts';
import type { Connection } from '../../model/connection.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { FilledPreset } from '../../services/connections/presets.ts';
import { formOf } from '../context.ts';
import { connectionForm } from '../presenters/connection-form.ts';
import {
  type ConnectionValues,
  connectionValues,
  NEW_CONNECTION,
  typedValues,
} from '../presenters/connection-values.ts';
import { presetValues } from '../presenters/preset-picker.ts';
import { secretFields } from '../presenters/secret-fields.ts';
import type { Render } from '../render.ts';

/** What a form shows besides itself. `values` stand in place of what was typed or kept; `beside` goes to its view. */
export interface ShownForm {
  readonly faults?: readonly FieldFault[];
  readonly values?: ConnectionValues;
  /** A preset that a new connection starts from. */
  readonly filled?: FilledPreset;
  readonly beside?: object;
}

/** Shows the connection form as a page: empty, as kept, or as it was sent. */
export interface ConnectionForms {
  showNew(ctx: Context, shown?: ShownForm): Promise<void>;
  showEdit(ctx: Context, connection: Connection, shown?: ShownForm): Promise<void>;
}

interface Parts {
  readonly connector: Connector;
  /** The one redirect URI, under the public address. */
  readonly redirectUri: () => string;
  /** A call's usual deadline. */
  readonly timeoutMs: number;
  readonly render: Render;
}

/** The pages of the connection form, for every route that shows it. */
export function connectionForms({ connector, redirectUri, timeoutMs, render }: Parts): ConnectionForms {
  const empty = { ...NEW_CONNECTION, timeoutMs: String(timeoutMs) };
  const begun = (filled?: FilledPreset) => (filled ? presetValues(filled, empty) : empty);

  return {
    async showNew(
      ctx,
      { faults = [], filled, values = ctx.method === 'POST' ? typedValues(formOf(ctx)) : begun(filled), beside } = {},
    ) {
      const parts = { slug: null, name: null, values, faults, held: [], redirectUri: redirectUri() };
      await render(ctx, 'connections/new', { ...connectionForm(parts), ...beside });
    },

    async showEdit(ctx, connection, { faults = [], values, beside } = {}) {
      const kept = ctx.method === 'POST' ? typedValues(formOf(ctx)) : connectionValues(connection);
      const { held: secrets, publicJwks } = await connector.keptSecrets(connection);
      const { slug, name, auth } = connection;
      const held = secretFields(secrets, auth.type);
      const parts = { slug, name, values: values ?? kept, faults, held, redirectUri: redirectUri(), publicJwks };
      await render(ctx, 'connections/edit', { ...connectionForm(parts), ...beside });
    },
  };
}
