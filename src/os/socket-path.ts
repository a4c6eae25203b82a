/**
 * How long the path of a unix socket may be: sun_path of unix(7) with its closing zero has 108
 * bytes on Linux, 104 on macOS and the BSDs. libuv cuts a longer one (Node 22) or says EINVAL.
 */
const MAX_BYTES = process.platform === 'linux' ? 107 : 103;

/** By how many bytes `path` is too long; 0 when it is not. Windows has named pipes, without a limit that matters. */
export const excessOfSocketPath = (path: string): number =>
  process.platform === 'win32' ? 0 : Math.max(0, Buffer.byteLength(path) - MAX_BYTES);

/** Why a path that is too long by `excess` bytes cannot be used. */
export const tooLongForSocket = (excess: number): string =>
  `its path is ${excess} bytes too long for a unix socket`;
