// What any gateway costs: a program that hands bytes on and looks at none of them. Over HTTP its address is the first line,
// and the second argument is that of the server behind; over its pipe it starts the server behind as a program of its own.
import { spawn } from 'node:child_process';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

const [how, target = '', ...rest] = process.argv.slice(2);

if (how === 'stdio') {
  const behind = spawn(process.execPath, [target, ...rest], { stdio: ['pipe', 'pipe', 'inherit'] });
  process.stdin.pipe(behind.stdin);
  behind.stdout.pipe(process.stdout);
} else {
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, response) => {
    const { method, headers } = incoming;
    const asked = request(target, { agent, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(asked);
  });
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`));
}
