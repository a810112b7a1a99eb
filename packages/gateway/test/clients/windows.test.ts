import { expect, test } from 'vitest';
import { machineOf } from '../../src/cli/machine.ts';
import { CLIENTS, recogniseClient } from '../../src/clients/clients.ts';
import { slashed } from '../../src/clients/user-folders.ts';

const environment = {
  USERPROFILE: 'C:\\Users\\me',
  APPDATA: 'C:\\Users\\me\\AppData\\Roaming',
  HOME: '/c/Users/me',
};

test('on Windows the files of clients are looked for where their programs have them there', () => {
  const machine = machineOf({ environment, workingFolder: 'C:\\projects' }, 'win32');
  const found = CLIENTS.flatMap((client) => client.places(machine).map((path) => [client.id, slashed(path)] as const));
  const all = found.map(([, path]) => path);
  expect(all.filter((path) => !path.startsWith('C:/'))).toEqual([]);
  for (const path of [
    'C:/Users/me/AppData/Roaming/Claude/claude_desktop_config.json',
    'C:/Program Files/ClaudeCode/managed-mcp.json',
    'C:/Users/me/.claude.json',
    'C:/Users/me/AppData/Roaming/Code/User/mcp.json',
    'C:/Users/me/AppData/Roaming/Zed/settings.json',
    'C:/Users/me/AppData/Roaming/Block/goose/config/config.yaml',
    'C:/Users/me/.codex/config.toml',
    'C:/projects/.cursor/mcp.json',
  ]) {
    expect(all).toContain(path);
  }
  // Each is known again by its path, with the separators of Windows.
  for (const [id, path] of found) {
    const format = path.endsWith('.toml') ? 'toml' : path.endsWith('.yaml') ? 'yaml' : 'json';
    const file = { path: path.replaceAll('/', '\\'), home: machine.home, format, tree: {} } as const;
    expect(recogniseClient(file)?.id, path).toBe(id);
  }
});
