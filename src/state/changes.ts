/** What an engine tells, as a subscriber of a namespace sees it. */
import type { StateChange } from './contract.ts';
import { decode } from './encode.ts';
import type { RawChange } from './engine.ts';

/** Calls `use` with the value in `text`; what Skein did not publish is nobody's business here. */
export const withDecoded = (key: string, text: string, use: (value: unknown) => void): void => {
  let value: unknown;
  try {
    value = decode(key, text);
  } catch {
    return;
  }
  use(value);
};

/** Tells `listener` of a change of an entry, with the key as it is inside the namespace. */
export const tellChange = (raw: RawChange, prefix: string, listener: (change: StateChange) => void): void => {
  switch (raw.type) {
    case 'set': {
      const { type, version, expiresAt } = raw;
      const key = raw.key.slice(prefix.length);
      withDecoded(key, raw.text, (value) => listener({ type, key, value, version, expiresAt }));
      break;
    }
    case 'expire':
    case 'delete':
      listener({ ...raw, key: raw.key.slice(prefix.length) });
      break;
    case 'away':
    case 'missed':
      listener(raw);
      break;
    case 'message':
      break;
  }
};
