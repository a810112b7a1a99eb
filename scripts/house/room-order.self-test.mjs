// Shows that the check of rooms fails where it should: a check that cannot fail checks nothing.
import assert from 'node:assert/strict';
import { roomFindings } from './room-order.mjs';

const rooms = ['words.ts', 'host', 'host/deep', 'instance'];
const house = {
  'words.ts': '',
  'host/log.ts': "import type { Word } from '../words.ts';",
  'host/deep/wasi.ts': "export { log } from '../log.ts';",
  'instance/pool.ts': "import { wasi } from '../host/deep/wasi.ts';\nconst late = () => import('../host/log.ts');",
};

const findings = (changes) => {
  const files = Object.entries({ ...house, ...changes }).filter(([, text]) => text !== undefined);
  return roomFindings(rooms, new Map(files));
};

export function selfTest() {
  assert.deepEqual(findings({}), []);
  assert.match(
    only(findings({ 'host/log.ts': "import type { Pool } from '../instance/pool.ts';", 'instance/pool.ts': '' })),
    /^host\/log\.ts in room "host" imports instance\/pool\.ts in room "instance", which comes later: .*argument$/,
  );
  assert.match(
    only(findings({ 'host/log.ts': "const wasi = () => import('./deep/wasi.ts');", 'host/deep/wasi.ts': '' })),
    /room "host" imports host\/deep\/wasi\.ts in room "host\/deep"/,
  );
  assert.match(
    only(findings({ 'host/log.ts': "import './line.ts';", 'host/line.ts': "import { log } from './log.ts';" })),
    /^a cycle of imports: host\/log\.ts \(host\) → host\/line\.ts \(host\) → host\/log\.ts \(host\): move/,
  );
  assert.match(only(findings({ 'stray.ts': '' })), /^stray\.ts stands in no room/);
  assert.match(only(findings({ 'words.ts': undefined })), /^the room "words\.ts" is empty/);
}

function only(found) {
  assert.equal(found.length, 1, `expected one finding, got: ${found.join('\n')}`);
  return found[0];
}
