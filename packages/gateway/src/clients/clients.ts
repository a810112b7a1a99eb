import { claudeCode } from './claude-code.ts';
import { claudeDesktop } from './claude-desktop.ts';
import type { Client, ClientFile } from './client.ts';
import { cline } from './cline.ts';
import { codex } from './codex.ts';
import { commonForm } from './common-form.ts';
import { cursor } from './cursor.ts';
import { geminiCli } from './gemini-cli.ts';
import { goose } from './goose.ts';
import { guardGateway } from './guard-gateway.ts';
import { hyperMcp } from './hyper-mcp.ts';
import type { ClientId } from './ids.ts';
import { lmStudio } from './lm-studio.ts';
import { pluginServer } from './plugin-server.ts';
import { slashed } from './user-folders.ts';
import { vscode } from './vscode.ts';
import { wassette } from './wassette.ts';
import { windsurf } from './windsurf.ts';
import { zed } from './zed.ts';

/** Every client whose files are known, in the order in which they are looked for. */
export const CLIENTS: readonly Client[] = [
  claudeDesktop,
  claudeCode,
  vscode,
  cursor,
  windsurf,
  zed,
  geminiCli,
  codex,
  goose,
  lmStudio,
  cline,
  guardGateway,
  pluginServer,
  hyperMcp,
  wassette,
];

/** Whose file this is: by what only that client's files hold, by its path, or any client's with the common form. Undefined where it is none of these. */
export function recogniseClient(file: ClientFile): Client | undefined {
  const path = slashed(file.path);
  return (
    CLIENTS.find((client) => client.hasPath(path)) ??
    CLIENTS.find((client) => client.hasShape(file)) ??
    (commonForm.hasShape(file) ? commonForm : undefined)
  );
}

/** The client of an id. */
export function clientOf(id: ClientId): Client {
  return [...CLIENTS, commonForm].find((client) => client.id === id) ?? commonForm;
}
