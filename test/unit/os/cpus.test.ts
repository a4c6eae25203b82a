import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availableCpus, cgroupCpuLimit } from '../../../src/os/cpus.ts';

const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw';
const V1 = '33 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct';

const machine =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string | undefined =>
    files[path];

const cases: readonly (readonly [name: string, files: Record<string, string>, limit: number])[] = [
  ['no cgroups', {}, Infinity],
  [
    'version 2 without a limit',
    { '/proc/self/mountinfo': V2, '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' },
    Infinity,
  ],
  [
    'version 2, a limit of its own',
    {
      '/proc/self/mountinfo': V2,
      '/proc/self/cgroup': '0::/system.slice/app.service\n',
      '/sys/fs/cgroup/system.slice/app.service/cpu.max': '150000 100000\n',
    },
    1.5,
  ],
  [
    'version 2, a tighter limit above it',
    {
      '/proc/self/mountinfo': V2,
      '/proc/self/cgroup': '0::/a/b/c\n',
      '/sys/fs/cgroup/a/b/c/cpu.max': '800000 100000\n',
      '/sys/fs/cgroup/a/cpu.max': '200000 100000\n',
    },
    2,
  ],
  [
    'version 1',
    {
      '/proc/self/mountinfo': V1,
      '/proc/self/cgroup': '12:memory:/x\n4:cpu,cpuacct:/docker/1\n',
      '/sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us': '100000\n',
    },
    0.5,
  ],
  [
    'version 1 without a limit',
    {
      '/proc/self/mountinfo': V1,
      '/proc/self/cgroup': '4:cpu,cpuacct:/\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    },
    Infinity,
  ],
  [
    'a container that sees the path of its host',
    {
      '/proc/self/mountinfo': V1.replace(' / /sys', ' /docker/1 /sys'),
      '/proc/self/cgroup': '4:cpu,cpuacct:/docker/1/inner\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '300000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    },
    3,
  ],
];

for (const [name, files, limit] of cases) {
  test(`CPU limit: ${name}`, () => {
    assert.equal(cgroupCpuLimit(machine(files)), limit);
  });
}

test('this machine has at least one CPU', () => {
  assert.ok(Number.isInteger(availableCpus()) && availableCpus() >= 1);
});
