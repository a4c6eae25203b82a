// A file as PM2 has them, for docs/migrating-from-pm2.md.
module.exports = {
  apps: [
    {
      name: 'api',
      script: 'hello.js',
      exec_mode: 'cluster',
      instances: 2,
      max_memory_restart: '300M',
      min_uptime: '10s',
      env: { NODE_ENV: 'development' },
      env_production: { NODE_ENV: 'production' },
    },
    { name: 'queue', script: 'queue.js' },
  ],
};
