/** One route, with what can be made ready before the first request. */
import type { RouteMatch, RouteSettings } from '../../protocol/balance.ts';
import type { Decision, Pool, RequestHead } from '../contract.ts';
import { valuesOf } from '../headers/raw-headers.ts';
import { plainHost } from './host-table.ts';
import { rewritten } from './rewrite.ts';

export interface Compiled {
  readonly settings: RouteSettings;
  /** Method and headers; null: any. */
  readonly fits: ((head: RequestHead) => boolean) | null;
  /** `target`: in origin form, as it came. */
  decide(target: string, host: string): Decision;
}

/** A route that cannot be followed. `place`: where it stands in the config. */
export class RouteError extends Error {
  override readonly name = 'RouteError';
  readonly place: string;

  constructor(place: string, message: string) {
    super(message);
    this.place = place;
  }
}

const fitsOf = ({ methods, headers }: RouteMatch): Compiled['fits'] => {
  if (methods.length === 0 && headers.length === 0) return null;
  // Whoever answers GET answers HEAD (RFC 9110, section 9.3.2).
  const allowed = new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods);
  return ({ method, raw }) =>
    (allowed.size === 0 || allowed.has(method)) &&
    headers.every(({ name, value }) => {
      const values = valuesOf(raw, name);
      return value === null ? values.length > 0 : values.includes(value);
    });
};

const toPool = (settings: RouteSettings, pool: Pool): Compiled['decide'] => {
  const { stripPrefix, addPrefix } = settings;
  const changes = stripPrefix !== '' || addPrefix !== '';
  // The same answer again when the same is asked again: nothing is made for it.
  let cameAs = '/';
  let last: Decision = { kind: 'pool', pool, route: settings, target: rewritten('/', '', addPrefix) };
  return (target) => {
    if (target !== cameAs) {
      const sent = changes ? rewritten(target, stripPrefix, addPrefix) : target;
      last = { kind: 'pool', pool, route: settings, target: sent };
      cameAs = target;
    }
    return last;
  };
};

const TEMPLATE = /\{(host|path|query)\}/g;

const toRedirect = (settings: RouteSettings, status: number, location: string): Compiled['decide'] => {
  const answer = (to: string): Decision => {
    const lines = `Location: ${to}\r\n`;
    return { kind: 'respond', route: settings, status, lines, body: '' };
  };
  if (location.search(TEMPLATE) === -1) {
    const always = answer(location);
    return () => always;
  }
  return (target, host) => {
    const sent = rewritten(target, settings.stripPrefix, settings.addPrefix);
    const at = sent.indexOf('?');
    const values: Readonly<Record<string, string>> = {
      host: plainHost(host),
      // Two slashes at the beginning would be another host to a browser.
      path: (at === -1 ? sent : sent.slice(0, at)).replace(/^[/\\]+/, '/'),
      query: at === -1 ? '' : sent.slice(at),
    };
    return answer(location.replace(TEMPLATE, (_, name: string) => values[name] ?? ''));
  };
};

const toAnswer = (
  settings: RouteSettings,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): Compiled['decide'] => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // Answers are sent as latin1: each byte of UTF-8 is a character of its own.
  const bytes = Buffer.from(body).toString('latin1');
  const always: Decision = { kind: 'respond', route: settings, status, lines: lines.join(''), body: bytes };
  return () => always;
};

const decideOf = (settings: RouteSettings, pools: ReadonlyMap<string, Pool>): Compiled['decide'] => {
  const { action } = settings;
  switch (action.kind) {
    case 'pool': {
      const pool = pools.get(action.pool);
      if (pool === undefined)
        throw new RouteError(settings.place, `${settings.text}: there is nothing named ${action.pool}`);
      return toPool(settings, pool);
    }
    case 'redirect':
      return toRedirect(settings, action.status, action.location);
    case 'respond':
      return toAnswer(settings, action.status, action.headers, action.body);
  }
};

/** @throws RouteError it leads to a pool that is not there */
export const compiled = (settings: RouteSettings, pools: ReadonlyMap<string, Pool>): Compiled => ({
  settings,
  fits: fitsOf(settings.match),
  decide: decideOf(settings, pools),
});
