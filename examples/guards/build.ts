// Compiles the example guards from AssemblyScript into dist/, in one process: the compiler is slow to start.
import { rmSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import asc from 'assemblyscript/asc';

const sources = ['assembly/path-guard', 'assembly/label-config', 'assemblyscript/assembly/memory-guard'];
const abort = 'abort=assemblyscript/assembly/guard-sdk/abort';
const options = ['-O3', '--runtime', 'minimal', '--exportStart', '_initialize', '--use', abort];

process.chdir(import.meta.dirname);
rmSync('dist', { recursive: true, force: true });
for (const source of sources) {
  const file = `dist/${basename(source)}.wasm`;
  const { error, stderr } = await asc.main([`${source}.ts`, '--outFile', file, ...options]);
  if (error) {
    console.error(`${source} does not compile: ${error.message}\n${stderr.toString()}`);
    process.exit(1);
  }
  console.log(`${file}: ${statSync(file).size} bytes`);
}
