import { defineConfig } from 'skein/config';

export default defineConfig({
  apps: [
    {
      name: 'web',
      script: '../hello.js',
      instances: 2,
      env_production: { NODE_ENV: 'production' },
    },
    { name: 'queue', script: '../queue.js', ready: 'started', dependsOn: ['web'] },
  ],
});
