/**
 * How many CPUs this process may really use. `os.availableParallelism` knows the affinity mask
 * (sched_getaffinity(2)), and only newer libuv the CPU quota of a container; a limit anywhere above
 * our own cgroup counts too, so all levels up to the mount point are read.
 * Sources: cgroups(7), the kernel's cgroup-v2.rst (cpu.max), sched-bwc.rst (cpu.cfs_quota_us).
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** The text of a file, or undefined when there is none. */
export type ReadText = (path: string) => string | undefined;

interface CgroupMount {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** The part of the hierarchy that is mounted; `/` unless a container sees only its own. */
  readonly root: string;
}

/** The mount of the hierarchy with the CPU controller, from /proc/self/mountinfo (proc(5)). */
const parseMounts = (mountinfo: string): CgroupMount[] =>
  mountinfo.split('\n').flatMap((line): CgroupMount[] => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , root, mountPoint] = left.split(' ');
    const [type, , options = ''] = right.split(' ');
    if (root === undefined || mountPoint === undefined) return [];
    if (type === 'cgroup2') return [{ version: 2, mountPoint, root }];
    return type === 'cgroup' && options.split(',').includes('cpu') ? [{ version: 1, mountPoint, root }] : [];
  });

/** The path of our cgroup in that hierarchy, from /proc/self/cgroup: `0::/a/b` or `4:cpu,cpuacct:/a/b`. */
const pathIn = (cgroups: string, version: 1 | 2): string | undefined => {
  for (const line of cgroups.split('\n')) {
    const [id, controllers = '', ...path] = line.split(':');
    const ours = version === 2 ? id === '0' && controllers === '' : controllers.split(',').includes('cpu');
    if (ours) return path.join(':');
  }
  return undefined;
};

const ratio = (quota: string | undefined, period: string | undefined): number => {
  const cpus = Number(quota) / Number(period);
  // `max` (version 2) and -1 (version 1) mean no limit.
  return Number.isFinite(cpus) && cpus > 0 ? cpus : Infinity;
};

const limitAt = (dir: string, version: 1 | 2, read: ReadText): number => {
  if (version === 1) return ratio(read(join(dir, 'cpu.cfs_quota_us')), read(join(dir, 'cpu.cfs_period_us')));
  const [quota, period] = (read(join(dir, 'cpu.max')) ?? '').trim().split(' ');
  return ratio(quota, period);
};

/** The tightest CPU limit of our cgroup and all above it, in CPUs (1.5 is one and a half); Infinity: none. */
export const cgroupCpuLimit = (read: ReadText): number => {
  const cgroups = read('/proc/self/cgroup');
  const mountinfo = read('/proc/self/mountinfo');
  if (cgroups === undefined || mountinfo === undefined) return Infinity;
  let limit = Infinity;
  for (const { version, mountPoint, root } of parseMounts(mountinfo)) {
    const path = pathIn(cgroups, version);
    if (path === undefined) continue;
    // In a container without a cgroup namespace the path is the host's and `root` its beginning.
    const inside = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
    for (let dir = join(mountPoint, inside); dir.startsWith(mountPoint); dir = dirname(dir)) {
      limit = Math.min(limit, limitAt(dir, version, read));
      if (dir === mountPoint) break;
    }
  }
  return limit;
};

const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** CPUs this process may use: at least 1; a part of a CPU does not count, as in libuv. */
export const availableCpus = (): number =>
  Math.max(
    1,
    Math.floor(
      Math.min(availableParallelism(), process.platform === 'linux' ? cgroupCpuLimit(readText) : Infinity),
    ),
  );
