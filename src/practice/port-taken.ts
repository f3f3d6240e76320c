/** The practice API's port belongs to somebody else: the app goes on without it. */
export class PortTaken extends Error {
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, options?: ErrorOptions) {
    super(`Port ${port} on ${host} is taken. Set PRACTICE_PORT to another one, or PRACTICE=off.`, options);
    this.name = 'PortTaken';
    this.host = host;
    this.port = port;
  }
}
