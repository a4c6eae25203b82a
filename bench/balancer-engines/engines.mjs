// Ways to ask an upstream on a unix socket over connections that stay open.
import http from 'node:http';
import net from 'node:net';
import { Pool } from 'undici';
import { FORWARDED, requestHead, withoutHopByHop } from './lines.mjs';

const ORIGIN = 'http://localhost';

const viaUndici = (path) => {
  const pool = new Pool(ORIGIN, { socketPath: path, pipelining: 1, connections: null });
  return (method, target, raw, answer, done) =>
    pool.dispatch(
      { path: target, method, headers: [...withoutHopByHop(raw), ...FORWARDED] },
      {
        onRequestStart: () => undefined,
        onResponseStart: (controller, status) => answer.head(status, controller.rawHeaders.map(String)),
        onResponseData: (_controller, chunk) => answer.body(chunk),
        onResponseEnd: () => {
          done();
          answer.end();
        },
        onResponseError: (_controller, error) => {
          throw error;
        },
      },
    );
};

const viaHttpRequest = (path) => {
  const agent = new http.Agent({ keepAlive: true });
  return (method, target, raw, answer, done) =>
    http
      .request(
        {
          socketPath: path,
          path: target,
          method,
          headers: [...withoutHopByHop(raw), ...FORWARDED],
          agent,
          setHost: false,
        },
        (response) => {
          answer.head(response.statusCode, response.rawHeaders);
          response.on('data', (chunk) => answer.body(chunk));
          response.on('end', () => {
            done();
            answer.end();
          });
        },
      )
      .end();
};

/** A socket, and a head that is passed on as the text that it came as, without what ends here. */
class RawConnection {
  constructor(path, idle) {
    this.idle = idle;
    this.left = -1;
    const callback = (size, buffer) => {
      this.read(buffer.subarray(0, size));
      return true;
    };
    this.socket = net.connect({ path, onread: { buffer: Buffer.allocUnsafeSlow(65_536), callback } });
    // An upstream closes what is idle for longer than its keep-alive timeout.
    this.socket.once('close', () => idle.splice(idle.indexOf(this) >>> 0, 1));
  }
  ask(head, answer, done) {
    this.answer = answer;
    this.done = done;
    this.socket.write(head, 'latin1');
  }
  read(chunk) {
    const body = this.left === -1 ? this.readHead(chunk) : chunk;
    this.left -= body.length;
    if (this.left > 0) {
      this.answer.body(body);
      return;
    }
    this.left = -1;
    this.idle.push(this);
    this.done();
    this.answer.end(body);
  }
  readHead(chunk) {
    const text = chunk.latin1Slice(0, Math.min(chunk.length, 16_384));
    const end = text.indexOf('\r\n\r\n');
    if (end === -1) throw new Error('a head in several pieces: not here');
    const start = text.indexOf('\r\n') + 2;
    let lines = '';
    let from = start;
    for (let at = start; at < end + 2;) {
      const next = text.indexOf('\r\n', at) + 2;
      const first = text.charCodeAt(at) | 32;
      // `c` and `k`: Content-Length, Connection, Keep-Alive.
      if (first === 99 || first === 107) {
        const length = text.indexOf(':', at) - at;
        if (length === 14) this.left = Number(text.slice(at + 15, next - 2));
        else if (length === 10) {
          lines += text.slice(from, at);
          from = next;
        }
      }
      at = next;
    }
    this.answer.headLines(Number(text.slice(9, 12)), lines + text.slice(from, end + 2));
    return chunk.subarray(end + 4);
  }
}

const viaSockets = (path) => {
  const idle = [];
  return (method, target, raw, answer, done) =>
    (idle.pop() ?? new RawConnection(path, idle)).ask(requestHead(method, target, raw), answer, done);
};

export const engines = {
  'undici dispatch': viaUndici,
  'http.request': viaHttpRequest,
  sockets: viaSockets,
};
