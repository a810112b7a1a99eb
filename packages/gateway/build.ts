// Packs what `lockgate new` writes into dist/, as one file: npm leaves out of a package what a .gitignore inside it names. And looks at what was built:
// one character beyond Latin-1 makes V8 keep all of a program's file at two bytes a character, 0.6 MB more for the largest. The bundler writes such
// characters as escapes, but for those of regular expressions.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { readExamples } from './src/cli/templates.ts';

const dist = `${import.meta.dirname}/dist`;
writeFileSync(`${dist}/templates.json`, JSON.stringify(await readExamples()));

for (const file of globSync(`${dist}/*.js`)) {
  const found = /^.*[^\0-\xff].*$/m.exec(readFileSync(file, 'utf8'));
  if (found) throw new Error(`${file}: write what is beyond Latin-1 as an escape (\\u2026) in ${found[0].trim()}`);
}
