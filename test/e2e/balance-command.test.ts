/** `skein balance` as an operator uses it, before servers that are no apps of Skein's. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { freePort } from '../support/ports.ts';
import { withSkein } from '../support/skein.ts';
import { until } from '../support/wait.ts';

interface Upstream {
  readonly url: string;
  readonly server: Server;
  /** Answers the requests for /slow. */
  release(): void;
}

const upstream = async (t: TestContext, name: string): Promise<Upstream> => {
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const answer = (): void => void response.end(`${name} ${request.url}`);
    if (request.url === '/slow') waiting.push(answer);
    else answer();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    release: () => {
      for (const answer of waiting.splice(0)) answer();
    },
  };
};

const ask = async (url: string): Promise<string> =>
  (await fetch(url, { headers: { connection: 'close' } })).text();

test(
  'a balancer is started, changed while requests are under way, and kept by mistakes',
  { timeout: 60_000 },
  async (t) => {
    const [a, b] = await Promise.all([upstream(t, 'a'), upstream(t, 'b')]);
    const port = await freePort();
    const edge = `http://127.0.0.1:${port}`;
    const listen = ['--listen', `127.0.0.1:${port}`];
    await withSkein(async (skein) => {
      const dead = `http://127.0.0.1:${await freePort()}`;
      const to = [a.url, b.url, dead].flatMap((url) => ['--to', url]);
      const started = await skein.ok(['balance', ...listen, ...to, '--policy', 'round-robin']);
      assert.match(started.stdout, /^\+ balancer start\nbalancer started in /);
      assert.equal(
        started.stderr,
        `skein: ${dead} cannot be reached now (ECONNREFUSED); it gets requests when it can.\n`,
      );
      const answers = await Promise.all(Array.from({ length: 6 }, () => ask(`${edge}/x`)));
      assert.deepEqual([...new Set(answers)].sort(), ['a /x', 'b /x']);

      // What is under way goes on by the old settings.
      const toA = await skein.ok(['balance', ...listen, '--route', `/ -> ${a.url}`]);
      assert.match(toA.stdout, /^~ balancer adjust: /);
      const slow = ask(`${edge}/slow`);
      const connected = (): Promise<number> =>
        new Promise((resolve) => a.server.getConnections((_, count) => resolve(count)));
      await until('the slow request is there', async () => (await connected()) > 0);
      const routes = [`/v1/* -> ${a.url} strip`, `/ -> ${b.url}`, '/health -> respond:200 ok'];
      const changed = await skein.ok([
        'balance',
        ...listen,
        ...routes.flatMap((route) => ['--route', route]),
      ]);
      assert.match(
        changed.stdout,
        /balancer\.routes \/ -> http:\S+ → \/health -> respond:200 ok, \/v1\/\* -> /,
      );
      assert.deepEqual(
        [await ask(`${edge}/v1/x?y`), await ask(`${edge}/x`), await ask(`${edge}/health`)],
        ['a /x?y', 'b /x', 'ok'],
      );
      a.release();
      assert.equal(await slow, 'a /slow');

      // A mistake changes nothing.
      const mistakes = [
        ['--route', '/ -> nobody'],
        ['--route', `/ -> ${a.url}`, '--route', `/* -> ${b.url}`],
        ['--to', a.url, '--tls-cert', 'none.pem', '--tls-key', 'none.pem'],
      ];
      for (const mistake of mistakes)
        assert.equal((await skein.run(['balance', ...listen, ...mistake])).code, 2, mistake.join(' '));
      assert.equal(await ask(`${edge}/x`), 'b /x');

      // Nor does an address that another program has; the balancer goes on where it is.
      const taken = ['--listen', new URL(a.url).host];
      const moved = await skein.run(['balance', ...taken, '--to', b.url]);
      assert.notEqual(moved.code, 0);
      assert.match(moved.stderr, /EADDRINUSE|is held by/);
      assert.equal(await ask(`${edge}/x`), 'b /x');
      await skein.ok(['delete', 'balancer']);
    });
  },
);

test('in the foreground it ends with a signal, and with 0', { timeout: 60_000 }, async (t) => {
  const a = await upstream(t, 'a');
  const port = await freePort();
  await withSkein(async (skein) => {
    const running = skein.begin(['balance', '--foreground', '--listen', `127.0.0.1:${port}`, '--to', a.url]);
    await until('it answers', () =>
      ask(`http://127.0.0.1:${port}/x`).then(
        (answer) => answer === 'a /x',
        () => false,
      ),
    );
    running.child.kill('SIGTERM');
    assert.equal((await running.finished).code, 0);
  });
});
