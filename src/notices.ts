import type { Config } from './config.ts';
import { type ApiClient, createApiClient } from './outbound/api-client.ts';
import { egressPolicy, plainHost, portOf } from './outbound/egress-policy.ts';
import { Notifier } from './services/grants/notifier.ts';

type ClientParts = Omit<Parameters<typeof createApiClient>[0], 'egress' | 'limits'>;

/** What notices take besides the setting itself. */
export interface NoticesParts extends ClientParts {
  readonly config: Pick<Config, 'notifyUrl'>;
  readonly publicUrl: string;
  /** Ports of ours that no notice may reach. */
  readonly ownPorts: () => readonly number[];
}

const CONNECT_MS = 5_000;

/**
 * What tells `NOTIFY_URL`, and the client it goes out by; null where the setting is not given. The operator named the
 * address, so it may be reached wherever it is, but metadata and link-local addresses and our own ports, and nothing else
 * may be reached by that client.
 */
export function openNotices(parts: NoticesParts): { notifier: Notifier; client: ApiClient } | null {
  const { config, publicUrl, ownPorts, clock, logger } = parts;
  const { notifyUrl } = config;
  if (notifyUrl === null) return null;
  const url = new URL(notifyUrl);
  const host = plainHost(url.hostname);
  const egress = egressPolicy({ entries: [{ kind: 'host', host, port: portOf(url) }], ownPorts });
  const client = createApiClient({ ...parts, egress, limits: { width: 1, line: 1, connectMs: CONNECT_MS } });
  return { client, notifier: new Notifier({ clock, logger, send: client.send, notifyUrl, publicUrl }) };
}
