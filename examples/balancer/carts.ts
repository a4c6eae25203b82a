// Carts in the memory of this worker, which is right only where a client stays with its worker.
import { randomUUID } from 'node:crypto';

const carts = new Map<string, number>();

/** Puts something into the cart that the cookie names, or into a new one. */
export const addToCart = (cookies: string | undefined) => {
  const named = /(?:^|; )cart=([\w-]+)/.exec(cookies ?? '')?.[1];
  const id = named !== undefined && carts.has(named) ? named : randomUUID();
  const items = (carts.get(id) ?? 0) + 1;
  carts.set(id, items);
  return { cookie: `cart=${id}; Path=/; HttpOnly; SameSite=Lax`, cart: { items, pid: process.pid } };
};
