import { createServer } from 'node:https';
import { describe, expect, test } from '@jest/globals';
import { Agent } from 'undici';
import { TlsAgents } from '../../src/outbound/tls-agents.ts';
import { authority } from '../support/certificate.ts';
import { ownParts, running } from './clients.ts';

const own = ownParts();
const home = authority('Home authority');

function agents(idleMs: number) {
  const made: Agent[] = [];
  const make = () => {
    const agent = new Agent({ connect: { ca: home.cert } });
    made.push(agent);
    return agent;
  };
  return { made, agents: new TlsAgents({ make, idleMs }) };
}

const identity = (name: string) => ({ authorities: `${home.cert}${name}`, client: null });

describe('agents by TLS identity', () => {
  test('are the same for the same identity, and one for whoever has none', async () => {
    const { agents: kept, made } = agents(60_000);
    expect(kept.of(identity('a'))).toBe(kept.of(identity('a')));
    expect(kept.of(null)).toBe(kept.of(null));
    expect(new Set([kept.of(identity('a')), kept.of(identity('b')), kept.of(null)]).size).toBe(3);
    await kept.close();
    expect(made.map(({ closed }) => closed)).toEqual([true, true, true]);
  });

  test('are never more than so many: the one used longest ago is closed', async () => {
    const { agents: kept, made } = agents(60_000);
    for (let at = 0; at < 40; at += 1) {
      kept.of(identity('always'));
      kept.of(identity(String(at)));
    }
    expect(kept.size).toBe(32);
    expect(made.filter(({ closed }) => closed)).toHaveLength(41 - 32);
    expect(kept.of(identity('always')).closed).toBe(false);
    await kept.close();
  });

  test('are closed when nobody has used them for a while, their connections too', async () => {
    const server = own(
      await running(
        createServer(home.issue('127.0.0.1'), (_request, response) => response.end()),
        'https',
      ),
    );
    const { agents: kept } = agents(50);
    const agent = kept.of(identity(''));
    const ended = new Promise<void>((resolve) => agent.once('disconnect', () => resolve()));
    const { body } = await agent.request({ origin: server.origin, path: '/', method: 'GET' });
    await body.dump();
    await ended;
    expect([kept.size, agent.closed]).toEqual([0, true]);
    await kept.close();
  });
});
