// What a proxy between two pipes costs that does the least: it reads each message, gives it an id of its own, and writes it again; both ways.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const behind = spawn(process.execPath, process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
const asked = new Map<number, unknown>();
let ids = 0;

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.id !== undefined && message.method !== undefined) {
    asked.set(++ids, message.id);
    message.id = ids;
  }
  behind.stdin.write(`${JSON.stringify(message)}\n`);
});

createInterface({ input: behind.stdout }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) {
    const id = asked.get(message.id);
    asked.delete(message.id);
    message.id = id;
  }
  process.stdout.write(`${JSON.stringify(message)}\n`);
});
