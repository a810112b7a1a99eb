import { fstatSync } from 'node:fs';
import { runProgram } from './program.ts';

process.exitCode = await runProgram(process.argv.slice(2), {
  stdin: process.stdin,
  piped: isPiped(),
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  workingFolder: process.cwd(),
});

/** A socket or terminal may stay open for ever; and stdin may be closed altogether. */
function isPiped(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isFile();
  } catch {
    return false;
  }
}
