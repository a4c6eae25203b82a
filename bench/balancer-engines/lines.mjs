// Header fields as lines of text and as the list of names and values that Node has, and what all ways add.
export const FORWARDED = [
  ...['X-Forwarded-For', '127.0.0.1'],
  ...['X-Forwarded-Proto', 'http'],
  ...['X-Forwarded-Host', 'localhost'],
];
const FORWARDED_LINES =
  'X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: localhost\r\n';

const isHopByHop = (name) => {
  if (name.length !== 10) return false;
  const lower = name.toLowerCase();
  return lower === 'connection' || lower === 'keep-alive';
};

export const withoutHopByHop = (raw) => {
  const kept = [];
  for (let at = 0; at < raw.length; at += 2) if (!isHopByHop(raw[at])) kept.push(raw[at], raw[at + 1]);
  return kept;
};

export const toLines = (raw) => {
  let lines = '';
  for (let at = 0; at < raw.length; at += 2) lines += `${raw[at]}: ${raw[at + 1]}\r\n`;
  return lines;
};

export const toRaw = (lines) => {
  const raw = [];
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf('\r\n', at);
    const colon = lines.indexOf(':', at);
    raw.push(lines.slice(at, colon), lines.slice(colon + 2, end));
    at = end + 2;
  }
  return raw;
};

export const requestHead = (method, target, raw) => {
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (let at = 0; at < raw.length; at += 2)
    if (!isHopByHop(raw[at])) head += `${raw[at]}: ${raw[at + 1]}\r\n`;
  return `${head}${FORWARDED_LINES}\r\n`;
};
