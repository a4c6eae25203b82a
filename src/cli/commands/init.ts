/** `skein init`: a config file to begin with. Never overwrites one. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFINE } from '../../config/pm2/print.ts';
import { SkeinError } from '../../core/errors.ts';
import type { Run } from '../context.ts';
import { print } from '../context.ts';

const own = `${DEFINE}

export default defineConfig({
  apps: [
    {
      name: 'app',
      script: './app.js',
      instances: 'max',
      env: { NODE_ENV: 'development' },
      env_production: { NODE_ENV: 'production' },
    },
  ],
});
`;

const ecosystem = `module.exports = {
  apps: [
    {
      name: 'app',
      script: './app.js',
      exec_mode: 'cluster',
      instances: 'max',
      env: { NODE_ENV: 'development' },
      env_production: { NODE_ENV: 'production' },
    },
  ],
};
`;

/** `pm2` as the argument: PM2's kind of file. */
export const run: Run<object> = async (context, [kind]) => {
  const [name, text] = kind === 'pm2' ? ['ecosystem.config.js', ecosystem] : ['skein.config.ts', own];
  try {
    writeFileSync(resolve(context.cwd, name), text, { flag: 'wx' });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new SkeinError(
      'E_CONFIG',
      {
        file: name,
        reason: isThere ? 'it is there already.' : `it cannot be written: ${(error as Error).message}.`,
        hint: isThere ? 'Nothing was overwritten; edit it.' : 'Go to a directory that can be written.',
      },
      { cause: error },
    );
  }
  print(context.stdout, `${name} is written; put your apps into it, then \`skein apply\`.`);
  return 0;
};
