/** JSON and YAML as plain values, with the line of each. Both are read by `yaml`, which knows where things are. */
import { SkeinError } from '../../core/errors.ts';
import type { KeyPath } from '../place.ts';
import { positionText } from '../place.ts';
import { jsonErrorAt } from './json-error.ts';

export interface Located {
  readonly value: unknown;
  /** The line, from 1, of the deepest part of `path` that stands in the file. */
  lineOf(path: KeyPath): number | undefined;
}

const broken = (file: string, line: number | undefined, reason: string, kind: string): SkeinError =>
  new SkeinError('E_CONFIG', {
    file: positionText({ file, line }),
    reason,
    hint: `Mend its ${kind} there.`,
  });

/** What V8 says of broken JSON ends with the text around it, which may be a password. */
const jsonReason = (source: string, error: unknown): string => {
  if (source.trim() === '') return 'it is empty';
  const [what = ''] = (error as Error).message.split(/, (?:\.\.\.)?"| in JSON| JSON input/);
  return `it is no JSON: ${what}`;
};

/**
 * @param file How messages name it.
 * @throws SkeinError E_CONFIG with the line of what cannot be read
 */
export const readData = async (text: string, kind: 'json' | 'yaml', file: string): Promise<Located> => {
  const source = text.replace(/^\uFEFF/, '');
  const { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml');
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter, merge: true, prettyErrors: false });
  const lineAt = (offset: number | undefined): number | undefined =>
    offset === undefined ? undefined : counter.linePos(offset).line;
  const [error] = document.errors;

  /** YAML takes more than JSON has, so what is JSON only JSON.parse decides. */
  const value = (): unknown => {
    if (kind === 'json') {
      try {
        return JSON.parse(source);
      } catch (thrown) {
        throw broken(file, lineAt(jsonErrorAt(source)), `${jsonReason(source, thrown)}.`, 'JSON');
      }
    }
    if (error !== undefined) {
      throw broken(file, lineAt(error.pos[0]), `it is no YAML: ${error.message.split('\n')[0]}.`, 'YAML');
    }
    try {
      return document.toJS() as unknown;
    } catch (thrown) {
      // Aliases of aliases of aliases.
      throw broken(file, undefined, `it is no YAML: ${(thrown as Error).message}.`, 'YAML');
    }
  };

  return {
    value: value(),
    lineOf(path) {
      let node: unknown = document.contents;
      let offset = (document.contents?.range ?? undefined)?.[0];
      for (const part of path) {
        if (isMap(node)) {
          const pair = node.items.find(
            (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part),
          );
          if (pair === undefined) break;
          offset = (isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
          node = pair.value;
        } else if (isSeq(node)) {
          node = node.items[Number(part)];
          offset = (node as { range?: [number, number, number] } | undefined)?.range?.[0] ?? offset;
        } else break;
      }
      return lineAt(offset);
    },
  };
};
