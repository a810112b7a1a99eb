import { basename, dirname, join } from 'node:path';
import type { Client, ClientFile, Found, Machine } from './client.ts';
import { duration, type KeyRules, nothing, OAUTH } from './key-rules.ts';
import { serversOf } from './servers-of.ts';
import type { ServerDialect } from './translate-server.ts';
import { childTree, isTree, type Tree } from './tree.ts';

const KEYS: KeyRules = {
  timeout: (value, draft, key) => {
    // Below a second it means nothing there.
    if (typeof value === 'number' && value < 1_000) nothing(value, draft, key);
    else duration('callTimeoutMs', 1)(value, draft, key);
  },
  oauth: OAUTH,
};

/** Source: code.claude.com/docs/en/mcp. */
export const claudeCode: Client = {
  id: 'claude-code',
  name: 'Claude Code',
  file: '.mcp.json',
  places: (machine) => [
    join(machine.home, '.claude.json'),
    join(machine.folder, '.mcp.json'),
    join(managedFolder(machine), 'managed-mcp.json'),
  ],
  hasPath: (path) => /(^|\/)(\.claude\.json|\.mcp\.json|managed-mcp\.json)$/.test(path),
  hasShape: ({ format, tree }) =>
    format === 'json' &&
    Object.values(childTree(tree, 'projects') ?? {}).some((project) => isTree(project) && 'mcpServers' in project),
  read: readClaudeCode,
};

/** Where an administrator puts what holds for everybody. */
function managedFolder({ platform, environment }: Machine): string {
  if (platform === 'darwin') return '/Library/Application Support/ClaudeCode';
  if (platform === 'win32') return join(environment.ProgramFiles || 'C:\\Program Files', 'ClaudeCode');
  return '/etc/claude-code';
}

function readClaudeCode({ path, tree, home }: ClientFile): readonly Found[] {
  const project = basename(path) === '.mcp.json' && dirname(path) !== home ? dirname(path) : undefined;
  const projects = childTree(tree, 'projects') ?? {};
  return [
    ...serversOf(tree.mcpServers, 'mcpServers', dialectOf(project)),
    ...Object.entries(projects).flatMap(([folder, state]) =>
      isTree(state)
        ? [
            ...serversOf(withSwitches(state), `projects["${folder}"].mcpServers`, dialectOf(folder)),
            ...switchedOffElsewhere(state, folder),
          ]
        : [],
    ),
  ];
}

function dialectOf(project: string | undefined): ServerDialect {
  return { keys: KEYS, variables: { client: 'Claude Code', syntax: { plain: true }, project } };
}

/** What a project has switched off of its `.mcp.json`, which is another file. */
function switchedOffElsewhere({ disabledMcpjsonServers: off }: Tree, folder: string): readonly Found[] {
  if (!Array.isArray(off) || off.length === 0) return [];
  const leftOut = `of ${folder}/.mcp.json these are switched off: ${off.join(', ')}; where they are imported, write "disabled": true`;
  return [{ name: `projects["${folder}"].disabledMcpjsonServers`, leftOut }];
}

/** Servers that a project has switched off stay so. */
function withSwitches(state: Tree): unknown {
  const off: readonly unknown[] = Array.isArray(state.disabledMcpServers) ? state.disabledMcpServers : [];
  if (!isTree(state.mcpServers)) return state.mcpServers;
  return Object.fromEntries(
    Object.entries(state.mcpServers).map(([name, raw]) => [
      name,
      isTree(raw) && off.includes(name) ? { ...raw, disabled: true } : raw,
    ]),
  );
}
