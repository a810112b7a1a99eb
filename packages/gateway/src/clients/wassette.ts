import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Client, ClientFile, Found } from './client.ts';
import { type Draft, newDraft } from './draft.ts';
import { memorySize } from './memory-size.ts';
import { finishEntry } from './translate-server.ts';
import { isTree, kindOf, type Tree } from './tree.ts';
import { slashed } from './user-folders.ts';

const NAME = /^(?:(.+)\.)?policy\.ya?ml$/;

/**
 * The policy file of a component: what it may do there becomes what it is granted here. Sources: microsoft/wassette, docs; the policies of
 * its examples.
 */
export const wassette: Client = {
  id: 'wassette',
  name: 'wassette',
  file: 'the policy file of a component, <name>.policy.yaml',
  places: () => [], // one for each component, wherever that is
  hasPath: (path) => NAME.test(basename(path)),
  hasShape: ({ tree }) => isTree(tree.permissions) && 'version' in tree && !('mcpServers' in tree),
  read: (file) => [readPolicy(file)],
};

function readPolicy({ path, tree }: ClientFile): Found {
  const folder = dirname(slashed(path));
  const [, named] = NAME.exec(basename(path)) ?? [];
  const name = named ?? (basename(folder) || 'component');
  const { permissions = {} } = tree;
  if (!isTree(permissions)) return { name, leftOut: `"permissions": expected an object, got ${kindOf(permissions)}` };
  const draft = newDraft();
  draft.entry.path = join(folder, `${name}.wasm`);
  for (const [key, value] of Object.entries(permissions)) {
    const rule = Object.hasOwn(RULES, key) ? RULES[key] : undefined;
    if (rule) rule(value, draft, folder);
    else draft.remarks.add(`"${key}" is left out: ${LEFT_OUT.get(key) ?? 'Lockgate knows no such permission'}`);
  }
  return finishEntry(name, 'plugins', draft, undefined);
}

type Rule = (value: unknown, draft: Draft, folder: string) => void;

const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['runtime', 'a component runs in a worker here, without a container'],
  ['docker', 'a component runs in a worker here, without a container'],
  ['hyperlight', 'a component runs in a worker here, without a machine of its own'],
  ['ipc', 'nothing of it is granted here'],
]);

/** What stands in the lists `allow` and `deny` of one permission. */
function listed(value: unknown, key: 'allow' | 'deny'): readonly Tree[] {
  const list = isTree(value) ? value[key] : undefined;
  return Array.isArray(list) ? list.filter(isTree) : [];
}

const storage: Rule = (value, { entry, remarks }, folder) => {
  const pathOf = ({ uri }: Tree): string | undefined => {
    const [, given] = /^fs:\/\/(.+?)(?:\/\*{1,2})?$/.exec(String(uri)) ?? [];
    if (given === undefined || /[*?[\]{}]/.test(given)) return undefined;
    return isAbsolute(given) ? resolve(given) : resolve(folder, given);
  };
  const denied = listed(value, 'deny').map((one) => pathOf(one));
  const grants = listed(value, 'allow').flatMap((one) => {
    const path = pathOf(one);
    if (path === undefined) {
      remarks.add(`the storage "${String(one.uri)}" is left out: "storage" grants directories with all below them`);
      return [];
    }
    if (denied.some((other) => other === undefined || isWithin(path, other) || isWithin(other, path))) {
      remarks.add(
        `the storage "${String(one.uri)}" is left out: a part of it is denied, and "storage" has no exceptions`,
      );
      return [];
    }
    const writes = Array.isArray(one.access) && one.access.includes('write');
    if (writes && !(one.access as readonly unknown[]).includes('read'))
      remarks.add(`what may be written in "${String(one.uri)}" may be read as well here`);
    return [`fs://${path}:${writes ? 'rw' : 'ro'}`];
  });
  if (grants.length > 0) entry.storage = grants;
};

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** A port and a scheme bound nothing there but the scheme; a pattern of hosts or a range cannot have an exception here. */
const network: Rule = (value, { entry, remarks }) => {
  const hostOf = ({ host, cidr }: Tree): string => {
    if (cidr !== undefined) return String(cidr);
    const [, scheme, rest = ''] = /^(?:(https?):\/\/)?([^/]*)/.exec(typeof host === 'string' ? host : '') ?? [];
    if (scheme !== undefined) remarks.add(`"${String(host)}" is granted over HTTP and HTTPS here`);
    return rest.replace(/:\d+$/, '');
  };
  const denied = listed(value, 'deny').map(hostOf);
  const grants = listed(value, 'allow').flatMap((one) => {
    const host = hostOf(one);
    if (host === '') {
      remarks.add('a permission of "network" is left out: it names neither "host" nor "cidr"');
      return [];
    }
    const isDenied = denied.includes(host);
    if (isDenied || (denied.length > 0 && /[*/]/.test(host))) {
      remarks.add(
        isDenied
          ? `"${host}" is left out: it is denied as well`
          : `"${host}" is left out: some of it is denied, and "hosts" has no exceptions; name what is needed`,
      );
      return [];
    }
    return [host];
  });
  if (grants.length > 0) entry.hosts = [...new Set(grants)];
};

/** Its variables reach a component as its configuration and in its environment, as its settings do here. */
const environment: Rule = (value, { entry, needs }) => {
  const keys = listed(value, 'allow').flatMap(({ key }) => (typeof key === 'string' && key !== '' ? [key] : []));
  if (keys.length === 0) return;
  entry.settings = Object.fromEntries(keys.map((key) => [key, `\${${key}}`]));
  for (const variable of keys) needs.push({ variable, source: 'the environment of wassette' });
};

const resources: Rule = (value, draft) => {
  const tree = isTree(value) ? value : {};
  const limits = isTree(tree.limits) ? tree.limits : tree;
  for (const [key, limit] of Object.entries(limits)) {
    // A bare number is of an older form, of MiB, that nothing enforced.
    if (key === 'memory') memorySize(typeof limit === 'number' ? `${limit}Mi` : limit, draft, key);
    else
      draft.remarks.add(
        `the limit "${key}" is left out: a call has "limits.callTimeoutMs", of processor time nothing is limited`,
      );
  }
};

const RULES: Readonly<Record<string, Rule>> = { storage, network, environment, resources };
