/** What express-session and @fastify/session expect of a store, through the frameworks themselves. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import type { State } from '../../src/entry/state.ts';
import { expressSessionStore, fastifySessionStore } from '../../src/entry/state.ts';
import type { SessionStore } from '../../src/state/sessions/store.ts';
import { until } from './wait.ts';

const require = createRequire(import.meta.url);

interface Visited {
  readonly views: number;
  readonly id: string;
}

/** A browser: keeps the cookie it is given. */
class Browser {
  #cookie = '';
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  async visit(path = '/'): Promise<Visited> {
    const response = await fetch(this.#base + path, { headers: { cookie: this.#cookie } });
    assert.equal(response.status, 200, await response.clone().text());
    const [set] = response.headers.getSetCookie();
    if (set !== undefined) this.#cookie = set.split(';')[0] ?? '';
    return (await response.json()) as Visited;
  }
}

interface App {
  readonly base: string;
  readonly store: SessionStore;
  close(): Promise<void>;
}

/** Routes: `/` counts, `/read` does not, `/out` destroys, `/new` regenerates. */
const expressApp = async (state: State, cookie: object): Promise<App> => {
  const express = require('express') as () => {
    use(handler: unknown): void;
    get(path: string, handler: (request: ExpressRequest, response: ExpressResponse) => void): void;
    listen(port: number, host: string): Server;
  };
  const session = require('express-session') as {
    (options: object): unknown;
    readonly Store: new () => object;
  };
  const store = expressSessionStore(session, state, { ttl: '1h' });
  const app = express();
  app.use(session({ store, secret: 'a secret', resave: false, saveUninitialized: false, cookie }));
  const answer = (
    { session: { views = 0 }, sessionID: id }: ExpressRequest,
    response: ExpressResponse,
  ): void => response.json({ views, id });
  app.get('/', (request, response) => {
    request.session.views = (request.session.views ?? 0) + 1;
    answer(request, response);
  });
  app.get('/read', answer);
  app.get('/out', (request, response) => request.session.destroy(() => response.json({ views: 0, id: '' })));
  app.get('/new', (request, response) => request.session.regenerate(() => answer(request, response)));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    store,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

interface ExpressRequest {
  readonly sessionID: string;
  readonly session: {
    views?: number;
    destroy(callback: () => void): void;
    regenerate(callback: () => void): void;
  };
}

interface ExpressResponse {
  json(value: unknown): void;
}

const fastifyApp = async (state: State, cookie: object): Promise<App> => {
  const { fastify } = await import('fastify');
  const { default: fastifyCookie } = await import('@fastify/cookie');
  const { default: fastifySession } = await import('@fastify/session');
  const store = fastifySessionStore(state, { ttl: '1h' });
  const app = fastify();
  await app.register(fastifyCookie);
  await app.register(fastifySession, {
    store,
    secret: 'a secret of at least thirty-two characters',
    saveUninitialized: false,
    cookie: { secure: false, ...cookie },
  });
  type Views = { views?: number };
  app.get('/', async ({ session }) => {
    const views = ((session as Views).views ?? 0) + 1;
    (session as Views).views = views;
    return { views, id: session.sessionId };
  });
  app.get('/read', async ({ session }) => ({ views: (session as Views).views ?? 0, id: session.sessionId }));
  app.get('/out', async ({ session }) => {
    await session.destroy();
    return { views: 0, id: '' };
  });
  app.get('/new', (request) =>
    // It is another one afterwards.
    request.session
      .regenerate()
      .then(() => ({ views: (request.session as Views).views ?? 0, id: request.session.sessionId })),
  );
  const base = await app.listen({ port: 0, host: '127.0.0.1' });
  return { base, store, close: () => app.close() };
};

const frameworks = { express: expressApp, fastify: fastifyApp };

export const stateSessions = (name: string, connect: () => State): void => {
  for (const [framework, start] of Object.entries(frameworks)) {
    suite(`sessions of ${framework} in ${name}`, () => {
      let state: State;
      let count = 0;
      const open = (cookie: object = { maxAge: 3_600_000 }): Promise<App> =>
        start(state.namespace(`${framework}${count}`), cookie);
      before(() => {
        state = connect();
      });
      after(() => state.close());

      test('a session lives in the state: another worker knows it, others do not', async (t) => {
        count += 1;
        const [one, two] = [await open(), await open()];
        t.after(() => Promise.all([one.close(), two.close()]));
        const browser = new Browser(one.base);
        assert.equal((await browser.visit()).views, 1);
        const { views, id } = await browser.visit();
        assert.equal(views, 2);
        assert.equal((await new Browser(one.base).visit('/read')).views, 0);
        const found = (await promisify(two.store.get)(id)) as unknown as { views: number };
        assert.equal(found.views, 2);
        await browser.visit('/out');
        assert.equal(await promisify(two.store.get)(id), undefined);
        assert.equal((await browser.visit()).views, 1);
      });

      test('regenerate gives a new id and forgets the old session', async (t) => {
        count += 1;
        const app = await open();
        t.after(() => app.close());
        const browser = new Browser(app.base);
        const { id } = await browser.visit();
        const after = await browser.visit('/new');
        assert.notEqual(after.id, id);
        assert.equal(after.views, 0);
        await until('the old one is gone', async () => (await promisify(app.store.get)(id)) === undefined);
      });

      test('a session ends when its cookie does, and each visit puts that off', async (t) => {
        count += 1;
        const app = await open({ maxAge: 300 });
        t.after(() => app.close());
        const browser = new Browser(app.base);
        const { id } = await browser.visit();
        const began = Date.now();
        while (Date.now() - began < 450) {
          assert.equal((await browser.visit('/read')).views, 1);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        await until('it is over', async () => (await promisify(app.store.get)(id)) === undefined, 3_000);
        assert.equal((await browser.visit()).views, 1);
      });

      test('all, length and clear', async (t) => {
        count += 1;
        const app = await open();
        t.after(() => app.close());
        const ids = await Promise.all([1, 2, 3].map(async () => (await new Browser(app.base).visit()).id));
        const { store } = app;
        await until('all are there', async () => (await promisify(store.length)()) === 3);
        assert.deepEqual(Object.keys((await promisify(store.all)()) ?? {}).toSorted(), ids.toSorted());
        await promisify(store.clear)();
        assert.equal(await promisify(store.length)(), 0);
      });

      test('a session whose cookie ends with the browser lives for the time to live of the store', async () => {
        count += 1;
        const app = await open();
        await app.close();
        const entries = state.namespace(`${framework}${count}`).namespace('session');
        await promisify<string, object, void>(app.store.set)('id', {
          cookie: { expires: null },
          user: 'ada',
        });
        const left = ((await entries.getEntry('id'))?.expiresAt ?? 0) - Date.now();
        assert.ok(left > 3_500_000 && left <= 3_600_000);
        const inAnHour = new Date(Date.now() + 7_200_000);
        await promisify<string, object, void>(app.store.touch)('id', { cookie: { expires: inAnHour } });
        const touched = await entries.getEntry<{ user: string }>('id');
        assert.equal(touched?.value.user, 'ada');
        assert.ok((touched?.expiresAt ?? 0) - Date.now() > 7_000_000);
        await promisify<string, object, void>(app.store.touch)('none', { cookie: { expires: inAnHour } });
        assert.equal(await entries.has('none'), false, 'a touch brings nothing back');
        await promisify<string, object, void>(app.store.set)('id', { cookie: { expires: new Date(0) } });
        assert.equal(await entries.has('id'), false);
      });
    });
  }
};
