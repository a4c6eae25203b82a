'use strict';
// The primary that people write by hand: forks BENCH_WORKERS copies of BENCH_APP.
const cluster = require('node:cluster');

cluster.schedulingPolicy = process.env.BENCH_POLICY === 'shared' ? cluster.SCHED_NONE : cluster.SCHED_RR;
cluster.setupPrimary({ exec: process.env.BENCH_APP });
for (let i = 0; i < Number(process.env.BENCH_WORKERS); i += 1) cluster.fork();

process.on('SIGTERM', () => {
  for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGKILL');
  process.exit(0);
});
