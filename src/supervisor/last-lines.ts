/** The last lines of a log file, read from its end. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const BLOCK = 64 * 1024;
/** What is read at most: a file of few, endless lines must not fill the memory. */
const MOST = 16 * 1024 * 1024;

export const lastLines = (path: string, count: number): string[] => {
  if (count <= 0) return [];
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(fd);
    const blocks: Buffer[] = [];
    let newlines = 0;
    for (let end = size; end > 0 && newlines <= count && size - end < MOST; end -= BLOCK) {
      const start = Math.max(0, end - BLOCK);
      const block = Buffer.alloc(end - start);
      readSync(fd, block, 0, block.length, start);
      blocks.unshift(block);
      for (const byte of block) if (byte === 10) newlines += 1;
    }
    const text = Buffer.concat(blocks).toString('utf8');
    return (text.endsWith('\n') ? text.slice(0, -1) : text)
      .split('\n')
      .slice(-count)
      .filter((line, _, all) => line !== '' || all.length > 1);
  } finally {
    closeSync(fd);
  }
};
