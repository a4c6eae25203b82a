/** Parts of a request's target that can be its key. */
import { originForm } from '../target.ts';

/** What cannot be decoded stays as it is. */
const decoded = (text: string): string => {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** `/a/b?c`: segment 0 is `a`. '' when there is none. */
export const pathSegment = (target: string, segment: number): string => {
  const origin = originForm('GET', target);
  if (!origin.startsWith('/')) return '';
  const query = origin.indexOf('?');
  const path = query === -1 ? origin.slice(1) : origin.slice(1, query);
  return decoded(path.split('/', segment + 1)[segment] ?? '');
};

/** The first parameter of that name; '' when there is none. */
export const queryValue = (target: string, name: string): string => {
  const query = target.indexOf('?');
  if (query === -1) return '';
  for (const part of target.slice(query + 1).split('&')) {
    const equals = part.indexOf('=');
    const key = equals === -1 ? part : part.slice(0, equals);
    if (key !== name && decoded(key.replaceAll('+', ' ')) !== name) continue;
    return equals === -1 ? '' : decoded(part.slice(equals + 1).replaceAll('+', ' '));
  }
  return '';
};
