/** What express-session and @fastify/session expect of a store, through the frameworks themselves. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { inspect, promisify } from 'node:util';
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

  ask(path: string): Promise<Response> {
    return fetch(this.#base + path, { headers: { cookie: this.#cookie } });
  }

  async visit(path = '/'): Promise<Visited> {
    const response = await this.ask(path);
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
    set(name: string, value: unknown): void;
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
  // It would print errors.
  app.set('env', 'test');
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

const inAnHour = (): object => ({ expires: new Date(Date.now() + 3_600_000), originalMaxAge: 3_600_000 });

/** The methods themselves, as both projects call them and as their own stores answer. */
const sessionStoreContract = (name: string, connect: () => State): void => {
  suite(`a session store over ${name}`, () => {
    let state: State;
    let count = 0;
    const fresh = (): SessionStore => fastifySessionStore(state.namespace(`contract${(count += 1)}`));
    before(() => {
      state = connect();
    });
    after(() => state.close());

    test('each call answers once, later, and with no error', async () => {
      const store = fresh();
      const answers: string[] = [];
      const answered = (what: string) => (error: unknown) =>
        answers.push(`${what} ${error === null ? 'well' : 'failed'}`);
      store.set('id', { cookie: inAnHour() }, answered('set'));
      store.get('id', answered('get'));
      store.touch('id', { cookie: inAnHour() }, answered('touch'));
      store.destroy('none', answered('destroy'));
      store.all(answered('all'));
      store.length(answered('length'));
      store.clear(answered('clear'));
      assert.equal(answers.length, 0, 'never before the call has returned');
      await until('all have answered', () => answers.length >= 7);
      await promisify(store.length)();
      const all = ['all well', 'clear well', 'destroy well', 'get well', 'length well', 'set well'];
      assert.deepEqual(answers.toSorted(), [...all, 'touch well']);
    });

    test('a callback may be left out where nothing is asked', async () => {
      const store = fresh();
      store.set('one', { cookie: inAnHour() });
      await until('it is set', async () => (await promisify(store.length)()) === 1);
      store.touch('one', { cookie: inAnHour() });
      store.destroy('one');
      await until('it is gone', async () => (await promisify(store.length)()) === 0);
      store.set('two', { cookie: inAnHour() });
      await until('it is set', async () => (await promisify(store.length)()) === 1);
      store.clear();
      await until('all are gone', async () => (await promisify(store.length)()) === 0);
    });

    test('what is not there is no error, and what is read is a copy', async () => {
      const store = fresh();
      const get = promisify<string, unknown>(store.get);
      assert.equal(await get('none'), undefined);
      await promisify<string, void>(store.destroy)('none');
      const session = { cookie: inAnHour(), list: [1] };
      await promisify<string, object, void>(store.set)('id', session);
      session.list.push(2);
      ((await get('id')) as { list: number[] }).list.push(3);
      assert.deepEqual(((await get('id')) as { list: number[] }).list, [1]);
      await promisify<string, object, void>(store.set)('id', { cookie: inAnHour(), other: true });
      assert.equal('list' in ((await get('id')) as object), false, 'the new one replaces it');
    });

    test('a session that is over is nowhere; one without an end lives on', async () => {
      const store = fresh();
      const set = promisify<string, object, void>(store.set);
      await set('over', { cookie: { expires: new Date(Date.now() - 1) } });
      await set('soon', { cookie: { expires: new Date(Date.now() + 40) } });
      // In all these ways a cookie says that it ends with the browser.
      const endless = [undefined, null, false, ''];
      for (const [index, expires] of endless.entries()) await set(`endless${index}`, { cookie: { expires } });
      await set('no cookie', { user: 'ada' });
      await set('a number', { cookie: { expires: Date.now() + 3_600_000 } });
      await until('the last one is over', async () => (await promisify(store.length)()) === 6);
      const all = (await promisify(store.all)()) ?? {};
      assert.deepEqual(Object.keys(all).toSorted(), [
        'a number',
        'endless0',
        'endless1',
        'endless2',
        'endless3',
        'no cookie',
      ]);
      assert.equal(await promisify<string, unknown>(store.get)('soon'), undefined);
    });

    test('a touch moves the end and nothing else, and loses against what is newer', async () => {
      const store = fresh();
      const entries = state.namespace(`contract${count}`).namespace('session');
      const set = promisify<string, object, void>(store.set);
      const touch = promisify<string, object, void>(store.touch);
      await set('id', { cookie: { expires: new Date(Date.now() + 60_000) }, views: 2 });
      await touch('id', { cookie: inAnHour(), views: 1 });
      const touched = await entries.getEntry<{ views: number }>('id');
      assert.equal(touched?.value.views, 2);
      assert.ok((touched?.expiresAt ?? 0) > Date.now() + 3_000_000);
      // Requests at the same time, of which one ends the session: no touch may bring it back.
      await Promise.all([
        ...Array.from({ length: 10 }, () => touch('id', { cookie: inAnHour() })),
        promisify<string, void>(store.destroy)('id'),
        ...Array.from({ length: 10 }, () => touch('id', { cookie: inAnHour() })),
      ]);
      assert.equal(await entries.has('id'), false);
      await set('id', { cookie: inAnHour() });
      await touch('id', { cookie: { expires: new Date(0) } });
      assert.equal(await entries.has('id'), false, 'an end in the past is one');
    });

    test('what cannot be a session is an error or none, and harms no other', async () => {
      const store = fresh();
      const entries = state.namespace(`contract${count}`).namespace('session');
      const set = promisify<string, object, void>(store.set);
      await set('good', { cookie: inAnHour() });
      const circular: Record<string, unknown> = {};
      circular['self'] = circular;
      await assert.rejects(set('bad', { cookie: inAnHour(), circular }), TypeError);
      await assert.rejects(set('bad', { cookie: inAnHour(), big: 1n }), TypeError);
      await assert.rejects(set('bad', { cookie: inAnHour(), text: 'x'.repeat(2 ** 20) }), {
        code: 'E_STATE_TOO_LARGE',
      });
      await assert.rejects(set('', { cookie: inAnHour() }), { code: 'E_STATE_KEY' });
      await assert.rejects(promisify<string, unknown>(store.get)('x'.repeat(600)), { code: 'E_STATE_KEY' });
      await Promise.all([entries.set('number', 5), entries.set('list', [1]), entries.set('null', null)]);
      for (const id of ['number', 'list', 'null']) {
        assert.equal(await promisify<string, unknown>(store.get)(id), undefined);
        await promisify<string, object, void>(store.touch)(id, { cookie: inAnHour() });
      }
      assert.deepEqual(Object.keys((await promisify(store.all)()) ?? {}), ['good']);
    });

    test('very many sessions are listed and cleared', async () => {
      const store = fresh();
      const set = promisify<string, object, void>(store.set);
      await Promise.all(Array.from({ length: 1000 }, (_, index) => set(`s${index}`, { cookie: inAnHour() })));
      assert.equal(Object.keys((await promisify(store.all)()) ?? {}).length, 1000);
      await promisify(store.clear)();
      assert.equal(await promisify(store.length)(), 0);
    });

    test('the base class of express-session works over it', async () => {
      const session = require('express-session') as ((options: object) => unknown) & {
        readonly Store: new () => EventEmitter;
      };
      const store = expressSessionStore(session, state.namespace(`contract${(count += 1)}`)) as SessionStore &
        ExpressBase;
      assert.ok(store instanceof session.Store);
      assert.ok(store instanceof EventEmitter);
      session({ store, secret: 'a secret', resave: false, saveUninitialized: false });
      await promisify<string, object, void>(store.set)('id', { cookie: inAnHour(), user: 'ada' });
      const loaded = await promisify<string, LoadedSession>(store.load.bind(store))('id');
      assert.deepEqual([loaded.user, loaded.id], ['ada', 'id']);
      assert.ok(loaded.cookie.expires instanceof Date && loaded.cookie.maxAge > 3_500_000);
      assert.equal(await promisify<string, unknown>(store.load.bind(store))('none'), undefined);
      const request = { sessionID: 'id', headers: {}, connection: {} } as { sessionID: string };
      await promisify<object, void>(store.regenerate.bind(store))(request);
      assert.notEqual(request.sessionID, 'id');
      assert.equal(await promisify<string, unknown>(store.get)('id'), undefined);
    });
  });
};

interface LoadedSession {
  readonly id: string;
  readonly user: string;
  readonly cookie: { readonly expires: unknown; readonly maxAge: number };
}

/** What the base class brings. */
interface ExpressBase extends EventEmitter {
  load(id: string, callback: (error: unknown, session: LoadedSession) => void): void;
  regenerate(request: object, callback: (error: unknown) => void): void;
}

const frameworks = { express: expressApp, fastify: fastifyApp };

export const stateSessions = (name: string, connect: () => State): void => {
  sessionStoreContract(name, connect);
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

      test('requests of one session at the same time all find it', async (t) => {
        count += 1;
        const app = await open();
        t.after(() => app.close());
        const browser = new Browser(app.base);
        const { id } = await browser.visit();
        const answers = await Promise.all(Array.from({ length: 20 }, () => browser.visit('/read')));
        assert.deepEqual(new Set(answers.map((answer) => answer.id)), new Set([id]));
        assert.deepEqual(new Set(answers.map(({ views }) => views)), new Set([1]));
        // Of those who write at once the last wins, as with every store; nothing else is harmed.
        await Promise.all(Array.from({ length: 10 }, () => browser.visit()));
        assert.ok((await browser.visit('/read')).views >= 2);
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

export interface Absence {
  readonly leave: () => Promise<void>;
  /** With what it had. */
  readonly comeBack: () => Promise<void>;
}

/** Without an answer of the store nobody may be taken for logged out. */
export const sessionsWhileAway = (name: string, connect: () => State, { leave, comeBack }: Absence): void => {
  for (const [framework, start] of Object.entries(frameworks))
    test(`${framework} answers 503 while ${name} is away, and knows everybody afterwards`, async (t) => {
      const state = connect();
      t.after(() => state.close());
      const app = await start(state.namespace(`away-${framework}`), { maxAge: 3_600_000 });
      t.after(() => app.close());
      const browser = new Browser(app.base);
      await browser.visit();
      await leave();
      try {
        const refused = await until('it is noticed', async () => {
          const answer = await browser.ask('/read');
          await answer.text();
          return answer.status === 200 ? undefined : answer;
        });
        assert.equal(refused.status, 503);
        const error = await promisify<string, unknown>(app.store.get)('an-id-like-a-password').then(
          () => undefined,
          (reason: unknown) => reason as Error,
        );
        assert.match(error?.message ?? '', /get .*session:….* cannot be reached/);
        assert.ok(!inspect(error).includes('like-a-password'), 'an id does not get into logs');
        assert.equal(refused.headers.getSetCookie().length, 0, 'no new session instead of the old one');
      } finally {
        await comeBack();
      }
      await until('it works again', async () => (await browser.ask('/read')).status === 200);
      assert.equal((await browser.visit()).views, 2);
    });
};
