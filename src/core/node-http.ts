/**
 * `node:http` without its price. An ES module import of it evaluates every export, also the lazy
 * ones (`http.WebSocket`), and so loads the whole of undici: 6 MB and 10 ms in each process. This
 * way the module comes as `require` gives it, with the lazy parts left alone.
 */
const http: typeof import('node:http') = process.getBuiltinModule('node:http');

export default http;
