'use strict';
// Tells the benchmark that this worker accepts connections: one file per worker (process and
// thread), with the time. The same for every peer, so no peer's own idea of "ready" is measured.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { threadId } = require('node:worker_threads');

exports.listening = () => {
  const directory = process.env.BENCH_LISTENING;
  const record = JSON.stringify({ pid: process.pid, thread: threadId, at: Date.now() });
  writeFileSync(join(directory, `${process.pid}-${threadId}.json`), record, { flag: 'wx' });
};
