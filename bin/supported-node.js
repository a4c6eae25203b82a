'use strict';

// `engines` in package.json says the same; test/unit/bin.test.ts compares the two.

/** Whether Skein runs on this version of Node, given as `process.versions.node` has it. */
module.exports = function isSupportedNode(version) {
  var parts = version.split('.').map(Number);
  if (parts[0] === 22) return parts[1] >= 19;
  if (parts[0] === 24) return parts[1] >= 11;
  return parts[0] >= 26;
};
