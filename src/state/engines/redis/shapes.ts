/** The parts of clients that are used, so that a ready one needs no type of its library. */
import type { Linked } from './link.ts';

export type Hear = (message: string, channel: string) => void;

interface NodeRedisSubscriber {
  subscribe(channel: string, hear: Hear): Promise<unknown>;
  pSubscribe(pattern: string, hear: Hear): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  pUnsubscribe(pattern: string): Promise<unknown>;
}

interface NodeRedisBase extends Linked, NodeRedisSubscriber {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  close(): Promise<unknown>;
  destroy(): unknown;
}

/** `createClient()` of node-redis. */
export interface NodeRedisClient extends NodeRedisBase {
  readonly isReady: boolean;
  sendCommand(args: string[]): Promise<unknown>;
  duplicate(): NodeRedisClient;
}

/** `createSentinel()` of node-redis. */
export interface NodeRedisSentinel extends NodeRedisBase {
  readonly isReady: boolean;
  sendCommand(isReadonly: boolean, args: string[]): Promise<unknown>;
  getMasterNode(): unknown;
}

/** `createCluster()` of node-redis. */
export interface NodeRedisCluster extends NodeRedisBase {
  readonly masters: readonly unknown[];
  sendCommand(firstKey: string | undefined, isReadonly: boolean, args: string[]): Promise<unknown>;
  nodeClient(node: never): Promise<{ sendCommand(args: string[]): Promise<unknown> }>;
}

interface IoRedisBase extends Linked {
  readonly status: string;
  call(command: string, ...args: string[]): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  psubscribe(pattern: string): Promise<unknown>;
  unsubscribe(channel: string): Promise<unknown>;
  punsubscribe(pattern: string): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
  disconnect(): void;
}

/** `new Redis()` of ioredis. */
export interface IoRedisClient extends IoRedisBase {
  duplicate(): IoRedisClient;
}

/** `new Redis.Cluster()` of ioredis. */
export interface IoRedisCluster extends IoRedisBase {
  readonly isCluster: boolean;
  duplicate(): IoRedisCluster;
  nodes(role: 'master'): readonly { call(command: string, ...args: string[]): Promise<unknown> }[];
}

/** A ready client of node-redis or ioredis. It is not closed by the state that uses it. */
export type RedisClientLike =
  | NodeRedisClient
  | NodeRedisSentinel
  | NodeRedisCluster
  | IoRedisClient
  | IoRedisCluster;
