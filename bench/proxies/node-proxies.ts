/** Proxies that are a Node program of bench/apps or bench/balancer-engines, one process each. */
import { join } from 'node:path';
import { appPath } from '../peers/site.ts';
import { startProxy, type Proxy } from './proxy.ts';

const nodeProxy = (name: string, file: string, ...args: readonly string[]): Proxy => ({
  name,
  start: (launch) =>
    startProxy(process.execPath, [file, ...args, String(launch.port), ...launch.upstreams], launch),
});

export const httpxy: Proxy = nodeProxy('httpxy', appPath('proxy-httpxy.mjs'));
export const httpProxy3: Proxy = nodeProxy('http-proxy-3', appPath('proxy-http-proxy-3.mjs'));

/** One of bench/balancer-engines. */
export const variant = (front: string, engine: string): Proxy =>
  nodeProxy(
    `${front}, ${engine}`,
    join(import.meta.dirname, '..', 'balancer-engines', 'proxy.mjs'),
    front,
    engine,
  );
