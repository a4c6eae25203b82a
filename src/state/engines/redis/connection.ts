/** What the Redis engine needs of a client, whichever library and topology is behind it. */

export type Send = (args: readonly string[]) => Promise<unknown>;

export interface RedisConnection {
  /** For messages, without a password: `Redis at localhost:6379`. */
  readonly label: string;
  /** One that does not answer is no reason to give up on others. */
  readonly many: boolean;
  /** Resolves when commands can be sent; later calls at once. */
  connect(): Promise<void>;
  /** False: a command would only wait for a connection. */
  isReady(): boolean;
  /** To the node that has `key`. */
  send(key: string, args: readonly string[]): Promise<unknown>;
  /** One for each part of the keys. */
  masters(): Promise<readonly Send[]>;
  subscribe(target: Target, listener: (message: string, channel: string) => void): Promise<void>;
  unsubscribe(target: Target): Promise<void>;
  /** Called when subscriptions stop working (`away`), as soon as that is known, and when they do again. */
  onGap(listener: (gap: 'away' | 'missed') => void): void;
  close(): Promise<void>;
}

export interface Target {
  /** Patterns are those of PSUBSCRIBE. */
  readonly kind: 'channel' | 'pattern';
  readonly name: string;
}
