/**
 * What is used of a client of node-redis (4.7 or 5) whose life is in our hands: one made from a
 * URL, or a duplicate of a given one. It is used for one connection and then thrown away.
 */
export interface OwnedRedisClient {
  connect(): Promise<unknown>;
  /** Drops the connection at once, and with it whatever is still under way. */
  disconnect(): unknown;
  on(event: 'error' | 'connect' | 'ready' | 'end', listener: (error?: unknown) => void): unknown;
  sendCommand(command: string[]): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
}
