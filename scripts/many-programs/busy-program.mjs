// An MCP server of the 2025 era that computes for so many milliseconds of processor time before it reads anything.
import { createInterface } from 'node:readline';

const startMicroseconds = Number(process.argv[2]) * 1_000;
const before = process.cpuUsage();
let turns = 0;
for (;;) {
  for (let i = 0; i < 10_000_000; i++) turns += i;
  const { user, system } = process.cpuUsage(before);
  if (user + system >= startMicroseconds) break;
}

const answers = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'busy', version: String(turns) },
  },
  'tools/list': { tools: [{ name: 'wait', inputSchema: { type: 'object' } }] },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const result = answers[method];
  const answer = result ? { result } : { error: { code: -32_601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
});
