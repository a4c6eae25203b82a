// `skein start examples/balancer/express.ts -i 4 --balance least-connections --sticky cookie:cart`
import express from 'express';
import { addToCart } from './carts.ts';

const app = express();

// One proxy is in front, the balancer: who the client is, it says.
app.set('trust proxy', 1);

app.get('/', (request, response) => {
  response.json({ pid: process.pid, client: request.ip, secure: request.secure });
});

app.post('/cart', (request, response) => {
  const { cookie, cart } = addToCart(request.headers.cookie);
  response.set('Set-Cookie', cookie).json(cart);
});

app.listen(process.env.PORT ?? 3000);
