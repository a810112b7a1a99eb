import { EXPORT_FORMS, type ExportForm, KEY_INPUT, KEY_VARIABLE, type Reach } from './export-forms.ts';
import type { ExportedClient } from './ids.ts';
import type { Tree } from './tree.ts';

/** What goes into a client's file, so that it finds the gateway. */
export interface ClientEntry {
  readonly form: ExportForm;
  readonly name: string;
  readonly entry: Tree;
  /** What VS Code has to ask for as well. */
  readonly input?: Tree;
  /** What is left for a person to do, as sentences. */
  readonly remarks: readonly string[];
}

/** A change of a client's file: what goes in, and which of its servers go. */
export interface ClientFileChange {
  readonly entries: readonly ClientEntry[];
  readonly removed: readonly string[];
}

/** The entry of a client, or why there is none. */
export function exportEntry(
  client: ExportedClient,
  name: string,
  reach: Reach,
): ClientEntry | { readonly problem: string } {
  const form = EXPORT_FORMS[client];
  if (reach.kind === 'stdio')
    return { form, name, entry: named(form.stdio(reach.command, reach.args), name), remarks: [] };
  if (form.http === undefined) return { problem: 'its file has programs only: leave --http out' };
  if (!reach.needsKey) return { form, name, entry: named(form.http(reach.url, undefined), name), remarks: [] };
  const variable = form.variable?.(KEY_VARIABLE);
  const headers = { Authorization: `Bearer ${variable ?? '<key>'}` };
  const entry = named(form.http(reach.url, headers), name);
  if (client === 'vscode')
    return { form, name, entry, input: KEY_INPUT, remarks: ['VS Code asks for the key when it starts the server'] };
  const remark =
    variable === undefined
      ? 'put an API key in the place of <key>: this client fills no variables in'
      : `give an API key to the client in ${KEY_VARIABLE} of its environment`;
  return { form, name, entry, remarks: [remark] };
}

/** Goose has the name of a server in it once more. */
function named(entry: Tree, name: string): Tree {
  return 'name' in entry ? { ...entry, name } : entry;
}
