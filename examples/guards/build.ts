// Compiles the example guards from AssemblyScript into dist/, in one process: the compiler is slow to start.
import { rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import asc from 'assemblyscript/asc';

const guards = ['path-guard', 'label-config'];
const options = [
  '-O3',
  '--runtime',
  'minimal',
  '--exportStart',
  '_initialize',
  '--use',
  'abort=guards/assembly/guard-sdk/abort',
];

rmSync(`${import.meta.dirname}/dist`, { recursive: true, force: true });
process.chdir(dirname(import.meta.dirname)); // the plugins' SDK file is a neighbour
for (const guard of guards) {
  const file = `guards/dist/${guard}.wasm`;
  const { error, stderr } = await asc.main([`guards/assembly/${guard}.ts`, '--outFile', file, ...options]);
  if (error) {
    console.error(`${guard} does not compile: ${error.message}\n${stderr.toString()}`);
    process.exit(1);
  }
  console.log(`${file}: ${statSync(file).size} bytes`);
}
