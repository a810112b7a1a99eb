#!/usr/bin/env node
// Nodes as old as 12 must be able to parse this file, to be told what they lack: no static import, no young syntax.
const NEEDED = '22.19';

if (isOlder(process.versions.node, NEEDED)) {
  process.exitCode = 1;
  console.error(
    `lockgate needs Node ${NEEDED} or newer, and this is Node ${process.versions.node}: take a newer one from https://nodejs.org/en/download.`,
  );
} else {
  void import('./v8-flags.ts').then(({ setFlags, keepYoungGenerationSmall }) => {
    setFlags();
    if (process.argv[2] === 'serve') keepYoungGenerationSmall();
    return import('./start.ts');
  });
}

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = than.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
