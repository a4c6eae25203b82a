// Not a server, so it never listens: `skein start queue.js --ready started`.
const timer = setInterval(() => {
  console.log('one job done');
}, 1000);

process.on('SIGTERM', () => {
  clearInterval(timer);
});
