/** Who this process is among its neighbours, and which of them are alive. Made by the engine, passed as a part. */
export interface Instances {
  /** This process's id. */
  readonly self: string;
  /** True while the process of that id runs; false at once when it is known dead. */
  isAlive(instanceId: string): Promise<boolean>;
}
