// Compiles every example plugin from AssemblyScript into dist/, all in one process: the compiler is slow to start.
import { rmSync, statSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const plugins = ['textkit', 'http-json', 'hello'];
const options = ['-O3', '--runtime', 'minimal', '--exportStart', '_initialize', '--use', 'abort=assembly/sdk/abort'];

process.chdir(import.meta.dirname);
rmSync('dist', { recursive: true, force: true });
for (const plugin of plugins) {
  const started = performance.now();
  const file = `dist/${plugin}.wasm`;
  const { error, stderr } = await asc.main([`assembly/${plugin}.ts`, '--outFile', file, ...options]);
  if (error) {
    console.error(`${plugin} does not compile: ${error.message}\n${stderr.toString()}`);
    process.exit(1);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${file}: ${statSync(file).size} bytes, compiled in ${seconds} s`);
}
