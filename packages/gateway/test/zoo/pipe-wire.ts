import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Program, Wire, WireEvents } from './wire.ts';

/** How much of what a program says on stderr is kept, to tell why it ended. */
const MAX_SAID = 2_000;

/** How long a program may take to end once its stdin has. */
const END_MS = 3_000;

/** The groups that run, for who must end them all at once. */
export const live = new Set<number | undefined>();

/** Starts a program and speaks to it over its pipes. The program is in a group of its own, which ends with the wire. */
export async function openPipeWire({ command, args, env, cwd }: Program, events: WireEvents): Promise<Wire> {
  const child = spawn(command, [...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  live.add(child.pid);
  let rest = '';
  let said = '';
  child.stdin.on('error', () => {});
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID);
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') events.frame(line.trim());
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      events.lost(error.message);
      resolve();
    });
    child.once('exit', (code, signal) => {
      events.lost(`the program ended with ${signal ?? code}: ${said.trim().split('\n').at(-1) ?? ''}`);
      resolve();
    });
  });
  return {
    send: async (frame) => void child.stdin.write(`${JSON.stringify(frame)}\n`),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      const tooLong = AbortSignal.timeout(END_MS);
      await Promise.race([ended, once(tooLong, 'abort')]);
      endGroup(child.pid);
      live.delete(child.pid);
      await ended;
    },
  };
}

/** Ends a program with all that it has started. */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
