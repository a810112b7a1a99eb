#!/usr/bin/env node
// Nodes as old as 12 must be able to parse this file, to be told what they lack: no static import, no young syntax.
const NEEDED = '22.19';

if (isOlder(process.versions.node, NEEDED)) {
  process.exitCode = 2;
  console.error(
    `lockgate-testkit needs Node ${NEEDED} or newer, and this is Node ${process.versions.node}: take a newer one from https://nodejs.org/en/download.`,
  );
} else {
  void import('./run-command.ts').then(({ runCommand }) => runCommand(process.argv.slice(2)));
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = than.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
