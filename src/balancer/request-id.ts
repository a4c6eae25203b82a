/** Ids of requests: unique among all balancers, cheap, and not secret. */
import { randomBytes } from 'node:crypto';

const PREFIX = randomBytes(12).toString('hex');
let count = 0;

/** 24 hexadecimal digits of this process and a number that counts up. */
export const newRequestId = (): string => {
  count += 1;
  return `${PREFIX}${count.toString(36).padStart(6, '0')}`;
};

/** What a trusted proxy may have sent: it goes into logs and further headers as it is. */
export const isRequestId = (value: string): boolean => /^[\w.~!$&'()*+;=:@/-]{1,128}$/.test(value);
