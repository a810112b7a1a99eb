// Fills guest/, what guests are written with: the AssemblyScript SDK files of the examples, side by side, and one plugin
// to begin with, compiled. The packages' README examples run it.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import asc from 'assemblyscript/asc';

const examples = join(import.meta.dirname, '../../examples');
const files = [
  'plugins/assemblyscript/assembly/sdk.ts',
  'plugins/assemblyscript/assembly/checked-tool.ts',
  'plugins/assemblyscript/assembly/http.ts',
  'plugins/assemblyscript/assembly/hello.ts',
  'guards/assemblyscript/assembly/guard-sdk.ts',
];
const options = ['-O3', '--runtime', 'minimal', '--exportStart', '_initialize', '--use', 'abort=guest/sdk/abort'];

process.chdir(import.meta.dirname);
rmSync('guest', { recursive: true, force: true });
mkdirSync('guest');
for (const file of files) copyFileSync(join(examples, file), `guest/${basename(file)}`);
const { error, stderr } = await asc.main(['guest/hello.ts', '--outFile', 'guest/hello.wasm', ...options]);
if (error) {
  console.error(`guest/hello.ts does not compile: ${error.message}\n${stderr.toString()}`);
  process.exit(1);
}
