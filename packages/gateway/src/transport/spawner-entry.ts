// The process that starts programs for a gateway that has grown large (see spawner.ts).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { greeting, type SpawnReport, type SpawnRequest } from './spawn-protocol.ts';

process.on('message', (request: SpawnRequest) => void start(request));
process.on('disconnect', () => process.exit());

async function start({ id, command, args, env, cwd, path }: SpawnRequest): Promise<void> {
  const pipes: Socket[] = [];
  const failed = ({ code, message }: NodeJS.ErrnoException): void => {
    report({ kind: 'failed', id, code, problem: message });
  };
  try {
    for (const pipe of [0, 1, 2]) {
      const socket = connect(path);
      pipes.push(socket);
      await once(socket, 'connect');
      await new Promise((resolve) => socket.write(greeting(id, pipe), resolve));
    }
    const child = spawn(command, args, { cwd, env: { ...env }, stdio: pipes, detached: true });
    child.once('error', failed);
    child.once('spawn', () => report({ kind: 'started', id, pid: child.pid as number }));
    child.once('exit', (exitCode, signal) => report({ kind: 'exited', id, exitCode, signal }));
  } catch (error) {
    failed(error as NodeJS.ErrnoException);
  } finally {
    for (const pipe of pipes) pipe.destroy();
  }
}

function report(said: SpawnReport): void {
  process.send?.(said, () => {}); // where nobody hears it, this process ends
}
