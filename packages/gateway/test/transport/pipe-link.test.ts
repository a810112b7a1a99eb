import { expect, test } from 'vitest';
import { PipeLink } from '../../src/transport/pipe-link.ts';
import { Programs } from '../../src/transport/programs.ts';

/** What a program's stdout comes to, in the order it is told. */
async function toldOf(script: string): Promise<string[]> {
  const programs = new Programs(4);
  const told: string[] = [];
  const ended = Promise.withResolvers<void>();
  const program = { command: process.execPath, args: ['-e', script], env: {} };
  const link = new PipeLink({ programs, program, onStderr: () => {}, onStrayLine: () => {}, redact: (text) => text });
  try {
    await link.start({
      frame: (bytes) => {
        told.push(`${bytes}`);
        return bytes.toString().endsWith('}');
      },
      tooLong: (id, { message }) => void told.push(`${id}: ${message}`),
      sign: () => {},
      missed: () => {},
      ended: (reason) => {
        told.push(reason);
        ended.resolve();
      },
    });
    await ended.promise;
    return told;
  } finally {
    await link.close();
    await programs.close();
  }
}

test('a whole answer counts though the program ends before the end of its line', async () => {
  const script = `process.stdout.write('{"id":1}\\n{"id":2,"result":{}}'); process.exitCode = 3;`;
  expect(await toldOf(script)).toEqual(['{"id":1}', '{"id":2,"result":{}}', 'it exited with code 3']);
});

test('half an answer is no answer: how the program ended is what is told', async () => {
  expect(await toldOf(`process.stdout.write('{"id":2,"resu'); process.exitCode = 5;`)).toEqual([
    'it exited with code 5',
  ]);
  const nested = `process.stdout.write('{"jsonrpc":"2.0","id":2,"result":{"a":{}}'); process.exitCode = 5;`;
  expect(await toldOf(nested)).toEqual(['it exited with code 5']);
});

test('lines of white space only are passed over', async () => {
  const script = `process.stdout.write('\\n \\t\\r\\n{"id":1}\\n  \\n  ');`;
  expect(await toldOf(script)).toEqual(['{"id":1}', 'it exited with code 0']);
});

const WRITES_LONG = `const x = 'x'.repeat(1024 * 1024); const long = (b, e) => { process.stdout.write(b); for (let i = 0; i < 65; i++) process.stdout.write(x); process.stdout.write(e); };`;

test('an answer that is too long fails its call alone where it says which that is', async () => {
  const script = `${WRITES_LONG} long('{"id":2,"result":"', '"}\\n'); process.stdout.write('{"id":3}\\n');`;
  const message = 'It has more than 67174400 bytes, the most of a message';
  expect(await toldOf(script)).toEqual([expect.stringContaining(`2: ${message}`), '{"id":3}', 'it exited with code 0']);
});

test('a line that is too long and names no call ends the program', async () => {
  const script = `${WRITES_LONG} long('{"method":"m","params":"', '","id":2}\\n'); process.stdout.write('{"id":3}\\n');`;
  expect(await toldOf(script)).toEqual([expect.stringContaining('it wrote a line of more than 67174400 bytes')]);
});
