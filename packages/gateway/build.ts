// Packs what `lockgate new` writes into dist/, as one file: npm leaves out of a package what a .gitignore inside it names.
import { writeFileSync } from 'node:fs';
import { readExamples } from './src/cli/templates.ts';

writeFileSync(`${import.meta.dirname}/dist/templates.json`, JSON.stringify(await readExamples()));
