// Ways to read requests. An answer has `head` (fields as a list, or as lines where the engine has
// them so), `body` for each piece and `end`.
import http from 'node:http';
import { createRequire } from 'node:module';
import net from 'node:net';
import { toLines, toRaw, withoutHopByHop } from './lines.mjs';

const { HTTPParser, methods } = createRequire(import.meta.url)('node:_http_common');
const ON_HEAD = HTTPParser.kOnHeadersComplete | 0;
const ON_END = HTTPParser.kOnMessageComplete | 0;

const nodeServer = (port, onRequest) =>
  http
    .createServer((request, response) => {
      response.sendDate = false;
      onRequest(request.method, request.url, request.rawHeaders, {
        head: (status, raw) => response.writeHead(status, withoutHopByHop(raw)),
        headLines: (status, lines) => response.writeHead(status, toRaw(lines)),
        body: (chunk) => response.write(chunk),
        end: (chunk) => response.end(chunk),
      });
    })
    .listen(port, '127.0.0.1');

/** The answer as text on the socket. The head waits for the first piece of the body: one write. */
class SocketAnswer {
  constructor(socket, keepAlive) {
    this.socket = socket;
    this.keepAlive = keepAlive;
    this.pending = '';
  }
  head(status, raw) {
    this.headLines(status, toLines(withoutHopByHop(raw)));
  }
  headLines(status, lines) {
    this.pending = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${lines}${this.keepAlive ? '' : 'Connection: close\r\n'}\r\n`;
  }
  body(chunk) {
    this.socket.write(this.pending + chunk.latin1Slice(), 'latin1');
    this.pending = '';
  }
  end(chunk) {
    if (chunk !== undefined) this.body(chunk);
    else if (this.pending !== '') this.socket.write(this.pending, 'latin1');
    if (!this.keepAlive) this.socket.end();
  }
}

/** `consume`: the parser reads from the handle itself, no chunk ever comes to JavaScript. */
const socketServer = (consume) => (port, onRequest) =>
  net
    .createServer({ noDelay: true }, (socket) => {
      const parser = new HTTPParser();
      parser.initialize(HTTPParser.REQUEST, {}, 16_384, 0);
      socket.on('error', () => undefined).on('close', () => parser.close());
      parser[ON_HEAD] = (_major, _minor, raw, method, url, _status, _text, _upgrade, keepAlive) => {
        onRequest(methods[method], url, raw, new SocketAnswer(socket, keepAlive));
        return 0;
      };
      parser[ON_END] = () => undefined;
      if (consume) {
        parser.consume(socket._handle);
        socket.read(0);
      } else socket.on('data', (chunk) => parser.execute(chunk));
    })
    .listen(port, '127.0.0.1');

export const fronts = {
  'http.createServer': nodeServer,
  'net + parser.execute': socketServer(false),
  'net + parser.consume': socketServer(true),
};
