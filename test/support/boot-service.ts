/** What `startup` would describe to a service manager, with harmless or with odd values. */
import type { BootService } from '../../src/cli/startup/boot-service.ts';

export const bootService = (changes: Partial<BootService> = {}): BootService => ({
  name: 'skein',
  user: 'daemon',
  home: '/var/lib/skein',
  path: '/usr/bin:/bin',
  node: '/usr/bin/env',
  bin: '/usr/lib/skein/bin/skein.js',
  notify: true,
  ...changes,
});

/** A path with everything in it that means something to somebody. */
export const ODD_PATH = `/srv/a b/100%/it's $HOME "quoted" \\ & <x>`;
