// `skein start examples/balancer/fastify.ts -i 4 --balance least-connections --sticky cookie:cart`
import Fastify from 'fastify';
import { addToCart } from './carts.ts';

// One proxy is in front, the balancer: who the client is, it says.
const app = Fastify({ trustProxy: (_address, hop) => hop === 0 });

app.get('/', async (request) => ({
  pid: process.pid,
  client: request.ip,
  secure: request.protocol === 'https',
}));

app.post('/cart', async (request, reply) => {
  const { cookie, cart } = addToCart(request.headers.cookie);
  return reply.header('Set-Cookie', cookie).send(cart);
});

await app.listen({ port: Number(process.env.PORT ?? 3000) });
