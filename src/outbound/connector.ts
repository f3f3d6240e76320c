import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { type buildConnector, Client } from 'undici';
import { type EgressPolicy, NOT_ALLOWED } from './egress-policy.ts';
import { Fault } from './fault.ts';
import type { Handshake } from './handshake.ts';
import { OpeningTimes } from './opening-times.ts';
import { brokenTlsFault, handshakeFault } from './tls-fault.ts';

/** One address of a name. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Asks for every address of a name, in the order they are to be tried. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

/** The system's resolver. */
export const systemResolve: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' });

export interface ConnectorParts {
  readonly egress: EgressPolicy;
  readonly resolve: Resolve;
  readonly connectMs: number;
  readonly handshake: Handshake;
}

/** A name's addresses are tried one after the other; each gets this long before the next one joins in. */
const NEXT_ADDRESS_AFTER_MS = 1000;

const ignoreError = (): void => {};

/** The connection of one undici client: how it came about, what that took, how often it was used. */
export class Connection {
  times = new OpeningTimes();
  uses = 0;
  socket: Socket | null = null;
  /** Why the other side broke TLS off; undici itself may only see that the connection ended. */
  tlsFault: Fault | null = null;
  readonly #parts: ConnectorParts;
  #fault: Fault | null = null;
  #stop: ((fault: Fault) => void) | null = null;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  get showsCertificate(): boolean {
    return this.#parts.handshake.showsCertificate;
  }

  /** Breaks off what is being opened; an open connection stays. */
  cancel(fault: Fault): void {
    this.#fault ??= fault;
    this.#stop?.(fault);
  }

  /** Opens the socket: resolves, judges every address, connects to a judged one. Rejects with a `Fault`. */
  async open(options: buildConnector.Options): Promise<Socket> {
    Object.assign(this, { times: new OpeningTimes(), uses: 0, socket: null, tlsFault: null });
    this.#fault = null;
    const late = new Fault('timeout', `No connection came about within ${this.#parts.connectMs} ms.`);
    const timer = setTimeout(() => this.cancel(late), this.#parts.connectMs);
    try {
      return await this.#openStepwise(options);
    } catch (error) {
      throw this.#fault ?? error;
    } finally {
      clearTimeout(timer);
      this.times.end();
      this.#stop = null;
    }
  }

  async #openStepwise({ hostname, protocol, port }: buildConnector.Options): Promise<Socket> {
    const { handshake } = this.#parts;
    const isTls = protocol === 'https:';
    if (isTls) handshake.prepare();
    const target = { host: hostname, port: port === '' ? (isTls ? 443 : 80) : Number(port) };
    const addresses = await this.#judgedAddresses(target);

    this.times.begin('connect');
    const tcp = await this.#untilReady(dial(target, addresses), 'connect', connectFault);
    if (isTls) this.times.begin('tls');
    this.socket = isTls ? await this.#secured(handshake.begin(tcp, hostname)) : tcp;
    return this.socket;
  }

  async #secured(socket: Socket): Promise<Socket> {
    const { showsCertificate } = this;
    await this.#untilReady(socket, 'secureConnect', (error) => handshakeFault(error, showsCertificate));
    socket.on('error', (error) => (this.tlsFault ??= brokenTlsFault(error, showsCertificate)));
    return socket;
  }

  async #judgedAddresses({ host, port }: { host: string; port: number }): Promise<readonly ResolvedAddress[]> {
    const { egress, resolve } = this.#parts;
    const family = isIP(host);
    if (!family) this.times.begin('dns');
    const addresses = family ? [{ address: host, family }] : await this.#unlessStopped(resolve(host));
    if (addresses.length === 0) throw new Fault('dns', 'The name has no address.');
    // One forbidden address refuses the whole name: an answer that mixes them is an attack or a mistake.
    if (!addresses.every(({ address }) => egress.allowsAddress(host, port, address))) {
      throw new Fault('refused-address', NOT_ALLOWED);
    }
    return addresses;
  }

  async #unlessStopped<T>(lookup: Promise<T>): Promise<T> {
    const stopped = new Promise<never>((_resolve, reject) => (this.#stop = reject));
    const failed = lookup.catch(() => {
      throw new Fault('dns', 'The name could not be resolved.');
    });
    return await Promise.race([failed, stopped]);
  }

  #untilReady<S extends Socket>(socket: S, event: string, fault: (error: unknown) => Fault): Promise<S> {
    return new Promise((resolve, reject) => {
      this.#stop = (reason) => {
        socket.destroy();
        reject(reason);
      };
      // Stays for good: between this promise and undici's own listener nobody else would hear an error.
      socket.on('error', ignoreError);
      socket.once('error', (error) => reject(fault(error)));
      socket.once('close', () => reject(fault(null)));
      socket.once(event, () => resolve(socket));
      if (this.#fault) this.#stop(this.#fault);
    });
  }
}

/** An undici client that tells whose connection a request rides on. It has one socket and one request at a time. */
export class TrackedClient extends Client {
  readonly #connection: Connection;

  constructor(origin: URL, options: Client.Options, parts: ConnectorParts) {
    const connection = new Connection(parts);
    super(origin, {
      ...options,
      connect: (target, callback) => {
        connection.open(target).then(
          (socket) => callback(null, socket),
          (error: Error) => callback(error, null),
        );
      },
    });
    this.#connection = connection;
  }

  override dispatch(...[options, handler]: Parameters<Client['dispatch']>): boolean {
    if (isRider(handler)) handler.board(this.#connection);
    return super.dispatch(options, handler);
  }
}

/** A handler that wants to know its connection. */
export interface Rider {
  board(connection: Connection): void;
}

function isRider(handler: object): handler is Rider {
  return 'board' in handler;
}

/** Connects to the judged addresses and to no other: the system's resolver is not asked again. */
function dial(target: { host: string; port: number }, addresses: readonly ResolvedAddress[]): Socket {
  const judged: LookupFunction = (_host, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
  const socket = connectTcp({
    ...target,
    lookup: judged,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
    noDelay: true,
    keepAlive: true,
  });
  return socket;
}

function connectFault(): Fault {
  return new Fault('connect', 'The server did not take the connection.');
}
