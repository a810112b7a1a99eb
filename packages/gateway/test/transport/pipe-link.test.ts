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
      tooLongAsked: (id, maxBytes) => void told.push(`asked ${id ?? 'nothing'}: more than ${maxBytes}`),
      sign: () => {},
      missed: () => {},
      ended: (reason) => {
        told.push(reason);
        ended.resolve();
      },
    });
    await ended.promise;
  } finally {
    await link.close();
    await programs.close();
  }
  return told;
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

test('half a batch is no batch, and a log line in brackets is a line', async () => {
  const cut = `process.stdout.write('[ {"id":2,"resu'); process.exitCode = 5;`;
  expect(await toldOf(cut)).toEqual(['it exited with code 5']);
  const log = `process.stdout.write('[INFO] up'); process.exitCode = 5;`;
  expect(await toldOf(log)).toEqual(['[INFO] up', 'it exited with code 5']);
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

test('a question or a notification that is too long is passed over, and told with the id of the question', async () => {
  const ask = `long('{"jsonrpc":"2.0","id":"q","method":"m","params":"', '"}\\n');`;
  const tell = `long('{"method":"m","params":"', '","jsonrpc":"2.0"}\\n');`;
  expect(await toldOf(`${WRITES_LONG} ${ask} ${tell} process.stdout.write('{"id":3}\\n');`)).toEqual([
    'asked "q": more than 67174400',
    'asked nothing: more than 67174400',
    '{"id":3}',
    'it exited with code 0',
  ]);
});

test('a line that is too long and says nothing of itself ends the program', async () => {
  const script = `${WRITES_LONG} long('{"x":"', '"}\\n'); process.stdout.write('{"id":3}\\n');`;
  expect(await toldOf(script)).toEqual([expect.stringContaining('it wrote a line of more than 67174400 bytes')]);
});
