// Builds the console's static files into dist/console, and fails where a page would need more bytes before its charts than the
// limit, gzipped. `--report` prints how many it needs.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const MOST_GZIPPED_BYTES = 100_000;

const source = dirname(fileURLToPath(import.meta.url));
const target = join(dirname(source), 'dist/console');

// The declarations of src/console lie there as well.
const before = existsSync(target) ? readdirSync(target, { withFileTypes: true }) : [];
for (const file of before) {
  if (file.isFile() && !file.name.endsWith('.ts')) rmSync(join(target, file.name));
}
const { metafile } = await build({
  entryPoints: [join(source, 'main.tsx'), join(source, 'style/main.css')],
  entryNames: '[name]',
  chunkNames: '[name]-[hash]',
  outdir: target,
  bundle: true,
  splitting: true,
  format: 'esm',
  minify: true,
  // What light-dark(), :has() and nesting of dialogs need as well.
  target: ['chrome125', 'firefox126', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'eof',
  metafile: true,
  logLevel: 'warning',
});
for (const file of ['index.html', 'icon.svg']) cpSync(join(source, file), join(target, file));

writeFileSync(join(target, 'licenses.txt'), licenses());

// The gateway sends these where the browser takes them, and packs nothing itself.
for (const file of readdirSync(target).filter((name) => /\.(?:js|css|html|svg)$/.test(name))) {
  const bytes = readFileSync(join(target, file));
  writeFileSync(join(target, `${file}.br`), brotliCompressSync(bytes));
  writeFileSync(join(target, `${file}.gz`), gzipSync(bytes, { level: 9 }));
}

const first = ['index.html', 'icon.svg', ...firstFiles()];
const gzipped = first.reduce((sum, file) => sum + readFileSync(join(target, `${file}.gz`)).length, 0);
if (process.argv.includes('--report')) console.log(`${gzipped} bytes gzipped before the charts: ${first.join(', ')}`);
if (gzipped > MOST_GZIPPED_BYTES) {
  console.error(
    `the console needs ${gzipped} bytes gzipped before its charts, the limit is ${MOST_GZIPPED_BYTES}: ${first.join(', ')}`,
  );
  process.exit(1);
}

/** The files that the page loads at once: the entries and what they import statically. */
function firstFiles() {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [path.split('/').at(-1), output]));
  const wanted = new Set(['main.js', 'main.css']);
  for (const file of wanted) {
    for (const { path, kind } of outputs.get(file)?.imports ?? []) {
      if (kind === 'import-statement') wanted.add(path.split('/').at(-1));
    }
  }
  return [...wanted];
}

/** The licences of what is bundled: each asks to go with its code. */
function licenses() {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap((path) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = join(folder, 'LICENSE');
      if (!existsSync(file)) throw new Error(`${name} has no LICENSE beside its code`);
      return `${name} ${version}\n\n${readFileSync(file, 'utf8').trim()}\n`;
    })
    .join('\n\n');
}
