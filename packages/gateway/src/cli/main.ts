#!/usr/bin/env node
// Nodes as old as 12 must be able to parse this file, to be told what they lack: no static import, no young syntax.
const NEEDED = '22.19';

if (isOlder(process.versions.node, NEEDED)) {
  process.exitCode = 1;
  console.error(
    `lockgate needs Node ${NEEDED} or newer, and this is Node ${process.versions.node}: take a newer one from https://nodejs.org/en/download.`,
  );
} else {
  void import('node:v8').then(({ setFlagsFromString }) => {
    // V8 guesses which objects will live long and puts them where only major collections look. For requests it guesses wrong:
    // each such object keeps alive all that belonged to its request, and half of the time of a busy gateway goes into that.
    setFlagsFromString('--no-allocation-site-pretenuring');
    // Until it serves: young-generation.ts says why.
    setFlagsFromString('--semi-space-growth-factor=1');
    return import('./start.ts');
  });
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = than.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
