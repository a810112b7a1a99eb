import { fstatSync } from 'node:fs';
import { EXIT } from './exit-code.ts';
import { runProgram } from './program.ts';

let isUnwritten = false;
let hasEnded = false;
for (const [name, stream] of [
  ['stdout', process.stdout],
  ['stderr', process.stderr],
] as const) {
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // Whoever read has read enough (`| head`): that is no failure, and there is nobody to tell.
    if (code === 'EPIPE') return;
    isUnwritten = true;
    process.exitCode = EXIT.failed;
    if (name === 'stdout') process.stderr.write(`error: cannot write to stdout: ${message}\n`);
  });
}

// Node never really closes stdout: what its reader has not taken would keep the process alive for ever.
let isGivenUp = false;
process.stdout.on('close', () => {
  isGivenUp = true;
  if (hasEnded) process.exit();
});

const exitCode = await runProgram(process.argv.slice(2), {
  stdin: process.stdin,
  piped: isPiped(),
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  workingFolder: process.cwd(),
});
process.exitCode = isUnwritten ? EXIT.failed : exitCode;
hasEnded = true;
if (isGivenUp) process.exit();

/** A socket or terminal may stay open for ever; and stdin may be closed altogether. */
function isPiped(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isFile();
  } catch {
    return false;
  }
}
