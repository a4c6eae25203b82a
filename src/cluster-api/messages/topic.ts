/** What a message is about, and the type of what is said. */
import { SkeinError } from '../../core/errors.ts';

declare const TYPES: unique symbol;

/** `T` is what is sent, `R` what a request is answered with. The compiler keeps both sides to it, nothing does at run time. */
export interface MessageTopic<T, R = void> {
  readonly name: string;
  readonly [TYPES]?: { readonly takes: (value: T) => T; readonly gives: (value: R) => R };
}

const MAX_BYTES = 256;

/** Throws E_BAD_VALUE. */
export const topicName = (topic: string | { readonly name: string }): string => {
  const name: unknown = typeof topic === 'object' && topic !== null ? topic.name : topic;
  if (
    typeof name === 'string' &&
    name !== '' &&
    Buffer.byteLength(name) <= MAX_BYTES &&
    !/\p{Surrogate}/u.test(name)
  )
    return name;
  const value = typeof name === 'string' ? `'${name.slice(0, 60)}'` : `(${typeof name})`;
  throw new SkeinError('E_BAD_VALUE', {
    option: 'topic',
    value,
    expected: `a name of 1 to ${MAX_BYTES} bytes`,
    example: "'orders'",
  });
};

/** A topic by its name, which is all that workers have to agree on. Throws E_BAD_VALUE. */
export const topic = <T = unknown, R = void>(name: string): MessageTopic<T, R> => ({ name: topicName(name) });
