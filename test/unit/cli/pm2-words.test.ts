/** PM2's words on Skein's own command line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromPm2Words } from '../../../src/cli/pm2-words.ts';

const cases: readonly (readonly [string, string])[] = [
  ['list', 'list'],
  ['ps', 'list'],
  ['show api', 'describe api'],
  ['sendSignal SIGUSR2 api', 'signal SIGUSR2 api'],
  ['reloadLogs', 'reload-logs'],
  ['startOrReload ecosystem.config.js', 'reload ecosystem.config.js'],
  ['startOrRestart - --only api', 'restart - --only api'],
  ['ecosystem', 'init pm2'],
  ['logs api --nostream --lines 5', 'logs api --lines 5'],
  ['start app.js -i max --name api', 'start app.js -i max --name api'],
  ['start app.js --max-memory-restart 300M', 'start app.js --max-memory 300M'],
  ['start app.js --max-memory-restart=300M', 'start app.js --max-memory 300M'],
  ['start app.js --wait-ready --listen-timeout 5000', 'start app.js --ready message --ready-timeout 5000'],
  ['start app.js --exp-backoff-restart-delay 100 --merge-logs', 'start app.js'],
  ['start app.js -o a -e b -l c', 'start app.js --log-out a --log-err b --log-combined c'],
  ['start app.js --log-date-format HH:mm', 'start app.js --log-timestamp HH:mm'],
  ['start app.js --ignore-watch a,b', 'start app.js --watch-ignore a --watch-ignore b'],
  ['start app.js --no-daemon', 'run app.js'],
  ['restart api -a -k 3000 --cron-restart x', 'restart api --update-env --kill-timeout 3000 --cron x'],
  ['start app.js --node-args --inspect', 'start app.js --node-args --inspect'],
  ['start app.js --time -- --time -o x', 'start app.js --log-timestamp YYYY-MM-DDTHH:mm:ss -- --time -o x'],
  // Elsewhere these letters are Skein's own.
  ['import pm2 -o file', 'import pm2 -o file'],
  ['start app.js --max-memory-restart', 'start app.js --max-memory-restart'],
];

for (const [typed, meant] of cases) {
  test(typed, () => assert.equal(fromPm2Words(typed.split(' ')).join(' '), meant));
}
