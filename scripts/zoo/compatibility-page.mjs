import { JUSTIFIED } from '../../packages/gateway/test/zoo/justified.ts';

const HEAD = `# Compatibility

Written by \`npm run zoo\`, which asks real MCP servers the same directly and through one gateway that has all of them behind it, and has real clients
do the same at a server and at the gateway in front of it. Compared is every byte of every answer: the handshake, all pages of all lists, calls, wrong calls,
unknown names and methods, resources, prompts, completions, log levels, progress, notifications and what servers ask of clients.
`;

/** The page as text: what was compared, what is the same and what is meant to differ. Nothing that a server said is in it. */
export function compatibilityPage({ rows, missing, clients }) {
  const servers = [...Map.groupBy(rows, ({ server }) => server.id)].map(([, group]) => group);
  const running = servers.filter(([{ failed }]) => failed === undefined);
  const ended = servers.filter(([{ failed }]) => failed !== undefined);
  const calls = sum(running.flat().flatMap(({ ways }) => ways.map((way) => way.calls)));
  const requests = sum(running.flat().flatMap(({ ways }) => ways.map((way) => way.steps)));
  return [
    HEAD,
    '## Servers',
    '',
    `${running.length} servers, ${requests} requests compared, ${calls} of them calls of tools. A server is asked by clients of the 2025 era over HTTP and stdio and of the 2026 era`,
    'over HTTP; where it speaks only the 2025 era, what a client of the 2026 era gets is compared with that. "Offers" counts tools, resources with templates, and prompts.',
    '',
    ...table(
      [
        'server',
        'version',
        'language',
        'SDK',
        'eras',
        'transports',
        'offers',
        'requests',
        'calls',
        'result',
        'without',
      ],
      running.map(serverLine),
    ),
    '',
    '"Without" is what the server did without here: its calls fail, and their errors are compared.',
    '',
    ...notRun(ended, missing),
    '## Clients',
    '',
    '`@modelcontextprotocol/server-everything` directly, and the gateway in front of it. Compared is what the program that uses the client gets to see.',
    '',
    ...table(['client', 'version', 'era', 'transports', 'requests', 'result'], clientLines(clients)),
    '',
    'MCP Inspector 0.15.0, the newest that runs on Node 20, cuts addresses that end neither in `/mcp` nor in `/sse`: it reaches `/mcp` alone, and no single server. 2.12.0 reaches all.',
    '',
    '## What is meant to differ',
    '',
    'Every other difference fails the run. The rules are in `packages/gateway/test/zoo/justified.json`.',
    '',
    ...table(
      ['kind', 'why', 'found'],
      JUSTIFIED.map(({ id, reason }) => [id, reason, String(countOf(id, rows, clients))]),
    ),
    '',
  ].join('\n');
}

function serverLine(group) {
  const [{ server, sdk, counts }] = group;
  const ways = group.flatMap((row) => row.ways);
  const { tools, resources, resourceTemplates, prompts } = counts;
  const transports = group.map(({ transport, failed }) =>
    failed ? `${NAMES[transport]} (does not start)` : NAMES[transport],
  );
  return [
    server.own ? `a server of ours on ${server.package}` : server.package,
    server.version,
    server.language,
    sdk,
    group.some(({ speaksModern }) => speaksModern) ? '2025, 2026' : '2025',
    transports.join(', '),
    `${tools}, ${resources}+${resourceTemplates}, ${prompts}`,
    String(sum(ways.map(({ steps }) => steps))),
    String(sum(ways.map(({ calls }) => calls))),
    resultOf(ways),
    server.needs ?? '',
  ];
}

const NAMES = { pipe: 'stdio', http: 'HTTP', sse: 'HTTP+SSE' };

function resultOf(ways) {
  const failures = sum(ways.map((way) => way.failures));
  return failures === 0 ? 'same' : `${failures} differences`;
}

function clientLines(rows) {
  const groups = Map.groupBy(rows, ({ client }) => `${client.name} ${client.version} ${client.era}`);
  return [...groups.values()].map((group) => {
    const [{ client }] = group;
    const failed = group.filter((row) => row.failed);
    return [
      client.name,
      client.version,
      client.era === 'modern' ? '2026' : '2025',
      group.map((row) => row.client.transport).join(', '),
      String(sum(group.map(({ steps = 0 }) => steps))),
      failed.length > 0 ? `not run: ${failed[0].failed}` : resultOf(group),
    ];
  });
}

function notRun(ended, missing) {
  const lines = [
    ...ended.map(([{ server, failed }]) => [server.package, server.version, server.needs ?? '', withoutPaths(failed)]),
    ...missing.map(({ server, reason }) => [server.package, server.version, server.needs ?? '', withoutPaths(reason)]),
  ];
  if (lines.length === 0) return [];
  return ['### Not run', '', ...table(['server', 'version', 'needs', 'why'], lines), ''];
}

/** Where things stand on this machine is of no use on another. */
const withoutPaths = (text) => text.replaceAll(/(?:file:\/\/)?(?:\/[\w.@+-]+){2,}/g, '…');

function countOf(id, rows, clients) {
  const ways = [...rows.flatMap((row) => row.ways), ...clients];
  return sum(ways.map(({ justified }) => justified?.[id] ?? 0));
}

function table(head, lines) {
  const cells = [head, ...lines].map((line) => line.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((line) => line[column].length)));
  const write = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const [first, ...rest] = cells;
  return [write(first), write(widths.map((width) => '-'.repeat(width))), ...rest.map(write)];
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
