/** Runs a case against a proxy and tells what both ends saw. */
import type { Socket } from 'node:net';
import type { Case, ExpectedResponse } from './case.ts';
import type { RequestSeen, ResponseSeen } from './message.ts';
import { NotHttp, responseAt } from './message.ts';
import { Peer } from './peer.ts';
import type { Upstream } from './upstream.ts';
import { CANARY, World } from './world.ts';

/** Where one case after the other runs. */
export interface Lane {
  /** A new connection to the proxy. */
  connect(): Promise<Socket>;
  readonly upstream: Upstream;
  /** What each connection begins with; cases send their own. */
  readonly greeting?: string;
  /** How long who waits for something waits. */
  readonly patienceMs: number;
}

export interface Seen {
  readonly requests: readonly (RequestSeen & {
    /** Over which of the upstream's connections. */
    readonly link: number;
    /** Its connection has ended. */
    readonly ended: boolean;
  })[];
  /** What came to the upstream and is no request, or not the beginning of one. */
  readonly strays: readonly string[];
  readonly responses: readonly ResponseSeen[];
  /** What came to the client behind the last response and is none. */
  readonly rest: string;
  readonly end: 'kept' | 'open' | 'closed' | 'reset';
  readonly tunnel: { readonly client: string; readonly upstream: string };
  /** A request over a new connection was answered at the end, and by its own answer. */
  readonly alive: boolean;
}

const FOR_CANARY = `GET ${CANARY} HTTP/1.1\r\nHost: canary\r\n\r\n`;

interface Responses {
  readonly all: readonly ResponseSeen[];
  readonly rest: string;
  readonly tunnel: string | undefined;
}

const responsesOf = (text: string, methods: readonly string[], closed: boolean): Responses => {
  const all: ResponseSeen[] = [];
  let at = 0;
  let finals = 0;
  while (at < text.length) {
    let found;
    try {
      found = responseAt(text, at, methods[finals] ?? 'GET', closed);
    } catch (error) {
      if (!(error instanceof NotHttp)) throw error;
    }
    if (found === undefined) break;
    all.push(found.response);
    at = found.end;
    if (found.response.status === 101) return { all, rest: '', tunnel: text.slice(at) };
    if (found.response.status >= 200) finals += 1;
  }
  return { all, rest: text.slice(at), tunnel: undefined };
};

const isFinal = ({ status }: ResponseSeen): boolean => status >= 200 || status === 101;

const mayBeInformational = ({ status }: ExpectedResponse): boolean =>
  typeof status === 'number' && status < 200 && status !== 101;

/** Another request over a connection of its own: the balancer lives, and nothing of the case is in its way. */
const isAlive = async (lane: Lane, world: World): Promise<boolean> => {
  const peer = new Peer(await lane.connect(), world.news);
  peer.send((lane.greeting ?? '') + FOR_CANARY);
  const answered = await world.until(() => peer.received.endsWith('canary') || peer.end !== 'open');
  peer.destroy();
  return answered && /^HTTP\/1\.1 200 [^]*\r\n\r\ncanary$/.test(peer.received);
};

export const observe = async (lane: Lane, one: Case): Promise<Seen> => {
  const world = new World(one.upstream ?? [], lane.patienceMs);
  lane.upstream.serve(world);
  const { methods = [], expect } = one;
  const client = new Peer(await lane.connect(), world.news);
  world.client = client;
  const responses = (): Responses => responsesOf(client.received, methods, client.end === 'closed');
  const answers = (): number => responses().all.filter((each) => isFinal(each) && each.whole).length;

  for (const step of one.client) if (!(await world.make(client, step))) break;

  const wanted = expect.client.filter((each) => !mayBeInformational(each) && each.cut === undefined).length;
  await world.until(() => client.end !== 'open' || answers() >= wanted);
  if (expect.upstream === 'nothing whole')
    await world.until(() =>
      world.arrived.every(({ request, link }) => request.whole || world.links[link]?.peer.end !== 'open'),
    );
  else if (expect.upstream !== 'nothing') {
    const { upstream } = expect;
    const isThere = (at: number): boolean => {
      const arrived = world.arrived[at];
      if (arrived === undefined) return false;
      return upstream[at]?.cut === true
        ? world.links[arrived.link]?.peer.end !== 'open'
        : arrived.request.whole || world.links[arrived.link]?.peer.end !== 'open';
    };
    await world.until(() => upstream.every((_, at) => isThere(at)));
  }
  const { tunnel } = expect;
  const tunnelled = (): string =>
    world.links
      .filter((link) => link.tunnel !== -1)
      .map((link) => link.peer.received.slice(link.tunnel))
      .join('');
  if (tunnel !== undefined)
    await world.until(() => responses().tunnel === tunnel.client && tunnelled() === tunnel.upstream);

  let end: Seen['end'] = client.end;
  let seen = responses();
  if ((expect.end === 'kept' || expect.end === 'clean') && client.end === 'open') {
    const before = answers();
    const from = client.received.length;
    client.send(FOR_CANARY);
    await world.until(() => client.end !== 'open' || answers() > before);
    end = client.end;
    if (/^HTTP\/1\.1 200 [^]*\r\n\r\ncanary$/.test(client.received.slice(from))) end = 'kept';
    else seen = responses();
  } else if (expect.end !== 'any') {
    await world.until(() => client.end !== 'open');
    ({ end } = client);
    seen = responses();
  }
  const alive = await isAlive(lane, world);

  const requests = world.arrived.map(({ request, link }) =>
    Object.assign(request, { link, ended: world.links[link]?.peer.end !== 'open' }),
  );
  const strays = [
    ...world.nonsense,
    ...world.links.flatMap((link) =>
      link.tunnel === -1 && link.from < link.peer.received.length
        ? [JSON.stringify(link.peer.received.slice(link.from, link.from + 200))]
        : [],
    ),
  ];
  world.finish();
  client.destroy();
  lane.upstream.serve(undefined);
  await Promise.all(world.links.map((link) => link.peer.gone(lane.patienceMs)));
  return {
    requests,
    strays,
    responses: seen.all,
    rest: seen.rest,
    end,
    tunnel: { client: seen.tunnel ?? '', upstream: tunnelled() },
    alive,
  };
};
