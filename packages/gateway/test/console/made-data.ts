import type {
  Call,
  Configuration,
  Overview,
  Policy,
  SignedIn,
  Tick,
  Tool,
  UpstreamDetail,
  UpstreamSummary,
} from '../../src/console/api.ts';

/** The moment at which all made data is: a Wednesday morning. */
export const MADE_NOW = Date.UTC(2026, 10, 25, 9, 30);

const HOUR = 3_600_000;

export const operator: SignedIn = {
  signedIn: true,
  ways: ['link', 'key'],
  role: 'operator',
  name: 'sign-in link',
  csrf: 'c'.repeat(32),
  endsAt: MADE_NOW + 8 * HOUR,
  idleMs: HOUR,
  version: '1.4.0',
  mayChangeConfiguration: true,
};

/** Five minutes of a gateway with some traffic, the same each time. */
function madeTicks(): readonly Tick[] {
  const many = 300;
  return Array.from({ length: many }, (_, index) => {
    const wave = Math.sin(index / 19) + Math.sin(index / 7) / 2 + 1.6;
    const calls = Math.round(wave * 14);
    return {
      time: MADE_NOW - (many - index) * 1_000,
      calls,
      errors: index % 41 === 0 ? 2 : 0,
      withheld: index % 23 === 0 ? 1 : 0,
      denied: index % 67 === 0 ? 1 : 0,
      p50Ms: 3.1 + wave,
      p99Ms: 21 + wave * 9 + (index % 50 === 0 ? 40 : 0),
      running: Math.round(wave),
      sessions: 4,
      rssBytes: 148_000_000 + index * 21_000,
      heapBytes: 41_000_000 + (index % 60) * 220_000,
    };
  });
}

export function madeUpstream(name: string, more: Partial<UpstreamSummary> = {}): UpstreamSummary {
  return {
    name,
    kind: 'server',
    state: 'running',
    since: MADE_NOW - 5 * HOUR,
    restarts: 0,
    tools: 12,
    transport: 'stdio',
    era: 'modern',
    actions: ['restart', 'disable'],
    ...more,
  };
}

export function madeOverview(upstreams: readonly UpstreamSummary[], more: Partial<Overview> = {}): Overview {
  return {
    state: 'running',
    version: '1.4.0',
    nodeVersion: '26.10.0',
    pid: 4711,
    startedAt: MADE_NOW - 5 * HOUR - 212_000,
    uptimeMs: 5 * HOUR + 212_000,
    url: 'http://127.0.0.1:3000/mcp',
    configuration: '/home/ada/lockgate.json',
    sessions: 4,
    running: 2,
    totals: { calls: 182_344, errors: 96, withheld: 412, denied: 31 },
    upstreams,
    guards: [],
    attention: [],
    ticks: madeTicks(),
    ...more,
  };
}

export function madeDetail(summary: UpstreamSummary, more: Partial<UpstreamDetail> = {}): UpstreamDetail {
  return { ...summary, resources: 0, prompts: 0, running: 0, stderr: [], log: [], ...more };
}

export function madeTool(server: string, ownName: string, more: Partial<Tool> = {}): Tool {
  return { name: `${server}__${ownName}`, server, ownName, inputSchema: { type: 'object' }, ...more };
}

export function madeCall(id: number, more: Partial<Call> = {}): Call {
  return {
    id: String(id),
    startedAt: MADE_NOW - id * 1_700,
    isRunning: false,
    principal: 'ada',
    session: 's-7f3a',
    server: 'files',
    method: 'tools/call',
    target: 'files__read_text_file',
    verdict: 'ok',
    durationMs: 4.2 + id,
    requestBytes: 312,
    responseBytes: 2_048 * (id + 1),
    ...more,
  };
}

export const emptyPolicy: Policy = {
  isActive: false,
  guardsMode: 'strict',
  servers: [],
  agents: [],
  readings: [],
  decisions: [],
};

export const madeConfiguration: Configuration = {
  source: '/home/ada/lockgate.json',
  values: [
    { place: 'gateway.listen', value: '"127.0.0.1:3000"', source: 'file' },
    { place: 'gateway.logDir', value: '"./logs"', source: 'file' },
    { place: 'gateway.shutdownTimeout', value: '30', source: 'default' },
    { place: 'mcpServers.files.command', value: '"npx"', source: 'file' },
    { place: 'mcpServers.files.args[0]', value: '"-y"', source: 'file' },
    { place: 'mcpServers.github.headers.Authorization', value: `"Bearer \${GITHUB_TOKEN}"`, source: 'file' },
  ],
  notes: [],
  waitsForRestart: [],
  mayChange: true,
  format: 'json',
  revision: 'r1',
  text: `{
  "gateway": {
    "listen": "127.0.0.1:3000",
    "logDir": "./logs"
  },
  "mcpServers": {
    "files": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "./data"]
    },
    "github": {
      "url": "https://api.githubcopilot.com/mcp/",
      "headers": { "Authorization": "Bearer \${GITHUB_TOKEN}" }
    }
  }
}
`,
};
