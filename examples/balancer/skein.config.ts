// Two apps behind one address: `skein start examples/balancer/skein.config.ts`.
import { defineConfig } from 'skein/config';

const balance = { policy: 'least-connections', sticky: 'cookie:cart', front: false } as const;

export default defineConfig({
  apps: [
    { name: 'old-shop', script: './express.ts', instances: 2, env: { PORT: 3001 }, balance },
    { name: 'new-shop', script: './fastify.ts', instances: 2, env: { PORT: 3002 }, balance },
    {
      name: 'edge',
      balancer: {
        listen: `127.0.0.1:${process.env['EDGE_PORT'] ?? 8080}`,
        routes: [
          '/old/* -> old-shop strip',
          '/ -> new-shop',
          '/cart header:x-shop=old -> old-shop',
          '/health -> respond:200 ok',
          '/shop -> redirect:308 {path}{query} strip',
        ],
      },
    },
  ],
});
