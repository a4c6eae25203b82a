/** Fast hashes of 32 bits. Not for secrets: who knows them can choose keys that collide. */

/** The finaliser of MurmurHash3: every bit of the input changes half of the output's. */
export const mixed = (hash: number): number => {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** FNV-1a over UTF-16 units, mixed, because texts that differ at their end differ in few of its bits. */
export const hashOf = (text: string): number => {
  let h = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), 0x0100_0193);
  return mixed(h);
};
