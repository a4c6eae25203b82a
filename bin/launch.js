'use strict';

// Begins one of the commands. It has to run on a Node that is too old for Skein, so that it can say
// so: syntax of Node 10, CommonJS (bin/package.json says so; the rest of the package is ESM).

var childProcess = require('child_process');
var fs = require('fs');
var moduleApi = require('module');
var os = require('os');
var path = require('path');
var isSupportedNode = require('./supported-node.js');

function complain() {
  process.stderr.write(
    'skein: Node.js ' +
      process.version +
      ' (' +
      process.execPath +
      ') is too old or an unsupported line.\n' +
      '  Skein needs Node.js 22.19 or later of line 22, 24.11 or later of line 24, or 26 and above.\n' +
      '  Get it from https://nodejs.org/en/download, or with a version manager: nvm install 24\n',
  );
  process.exit(1);
}

// Runs the command again with the Node that a clone of the repository brings, as if it had been the
// first: same arguments and streams, signals passed on, same end.
function rerun(node, file) {
  var child = childProcess.spawn(node, [file].concat(process.argv.slice(2)), {
    stdio: 'inherit',
  });
  // A terminal sends these to every process in its foreground group, the child included; a second
  // copy would turn one Ctrl-C into two.
  var fromTerminal = process.stdin.isTTY ? ['SIGINT', 'SIGQUIT'] : [];
  ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'].forEach(function (signal) {
    process.on(signal, function () {
      if (fromTerminal.indexOf(signal) === -1) child.kill(signal);
    });
  });
  child.on('error', complain);
  child.on('exit', function (code, signal) {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

// V8's compiled code is kept between runs: `skein list` is mostly start-up time. Not in the shared
// temporary directory, Node's default: what is read there is executed, and others can write there.
function enableCompileCache() {
  if (process.env.NODE_COMPILE_CACHE !== undefined || !moduleApi.enableCompileCache) return;
  var base = process.env.XDG_CACHE_HOME;
  if (!base || !path.isAbsolute(base)) base = path.join(os.homedir(), '.cache');
  moduleApi.enableCompileCache(path.join(base, 'skein', 'compiled'));
}

// `name` is that of the composition root in src/entry, `file` the command's own.
module.exports = function launch(name, file) {
  var root = path.join(__dirname, '..');
  if (!isSupportedNode(process.versions.node)) {
    var ownNode = path.join(root, 'node_modules', 'node', 'bin', 'node');
    if (process.execPath !== ownNode && fs.existsSync(ownNode)) rerun(ownNode, file);
    else complain();
    return;
  }
  enableCompileCache();
  var built = path.join(root, 'dist', 'entry', name + '.js');
  var entry = fs.existsSync(built) ? built : path.join(root, 'src', 'entry', name + '.ts');
  import(require('url').pathToFileURL(entry).href).catch(function (error) {
    process.stderr.write('skein: could not be loaded: ' + ((error && error.stack) || error) + '\n');
    process.exitCode = 1;
  });
};
