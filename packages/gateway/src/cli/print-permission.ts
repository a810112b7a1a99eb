import {
  type ExplainedRuling,
  explainPermission,
  type KnownPrincipal,
  type PermissionLine,
  permissionLines,
  permissionSentence,
  principalNames,
  principalOf,
} from '../access/explain-permission.ts';
import { itemOf } from '../access/item-of.ts';
import type { ItemKind } from '../config/item-patterns.ts';
import { didYouMean } from '../config/nearest.ts';
import { formatPlace, type Place } from '../config/place.ts';
import type { OpenedConfig } from './config-options.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { columns, painter, type Terminal, wantsColor } from './terminal.ts';

interface Asked {
  readonly as: string;
  readonly item: string | undefined;
  readonly kind: ItemKind;
  readonly json: boolean;
}

/** Prints what somebody may use, or whether one thing, and which place of the file says so. */
export function printPermission(opened: OpenedConfig, { as, item, kind, json }: Asked, terminal: Terminal): void {
  const { config } = opened;
  const principal = principalOf(config, as);
  if (!principal) {
    const known = principalNames(config);
    const what = `--as: nobody has the name "${as}"${didYouMean(as, known)}`;
    throw new CommandFailure(`${what} (known: ${known.join(', ')})`, EXIT.usage);
  }
  const where = (place: Place): string => {
    const at = opened.locate(place);
    return `${formatPlace(place)}${at ? ` (${opened.source}:${at.line})` : ''}`;
  };
  if (item !== undefined) {
    const halves = itemOf(config, item, kind);
    if (!halves)
      throw new CommandFailure(`"${item}" is no ${kind}: write "server/name", such as "github/get_issue"`, EXIT.usage);
    const [server, name] = halves;
    const ruling = explainPermission(config, principal, kind, server, name);
    const shown = { principal: as, kind, server, name, ...ruling, place: ruling.place && formatPlace(ruling.place) };
    if (json) terminal.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    else
      terminal.stdout.write(
        sentence(ruling, permissionSentence(as, ruling.allowed, kind, server, name), where, terminal),
      );
    return;
  }
  const { servers = null, roles = null } = principal.caller;
  const lines = permissionLines(config, principal);
  if (json) {
    const { profile = null } = principal.caller;
    const rules = lines.map(({ place, ...line }) => ({ ...line, place: formatPlace(place) }));
    terminal.stdout.write(`${JSON.stringify({ principal: as, servers, roles, profile, rules }, null, 2)}\n`);
    return;
  }
  const paint = painter(wantsColor(terminal, terminal.stdout));
  const table = (of: readonly PermissionLine[]): void => {
    if (of.length === 0) return;
    const rows = of.map(({ kind: what, way, pattern, place }) => [
      paint(way === 'deny' ? 'red' : 'green', way),
      `${what}s`,
      pattern,
      where(place),
    ]);
    terminal.stdout.write(`\n${columns(rows)}`);
  };
  terminal.stdout.write(`${summary(as, principal, where)}\n`);
  table(lines.filter(({ of }) => of === 'role'));
  const profiles = new Set((roles ?? []).flatMap((role) => config.roles[role]?.profiles ?? []));
  if (profiles.size > 0) {
    const whole = [...profiles].map((name) => shownProfile(name, config)).join(', ');
    terminal.stdout.write(`\nIts roles allow all of the profiles ${whole}, in which only this is:\n`);
    table(lines.filter(({ of }) => of === 'profile'));
  }
  const { profile } = principal.caller;
  if (profile === undefined) return;
  const limit = `${shownProfile(profile, config)}: ${where(['profiles', profile])}`;
  terminal.stdout.write(`\nIt is limited to the profile ${limit}; whatever roles allow, only this is in it:\n`);
  table(lines.filter(({ of }) => of === 'limit'));
}

/** With the servers that it is limited to. */
function shownProfile(name: string, { profiles }: OpenedConfig['config']): string {
  const servers = profiles[name]?.servers;
  return servers ? `${name} (of the servers ${servers.join(', ') || 'none'})` : name;
}

function summary(as: string, { what, place, rolesAt, caller }: KnownPrincipal, where: (at: Place) => string): string {
  const { servers, roles } = caller;
  const entry = place ? `, ${where(place)}` : '';
  const sees = servers === undefined ? 'every server' : `the servers ${servers.join(', ') || '(none)'}`;
  const may =
    roles === undefined
      ? 'has no roles, so it may use everything of them'
      : `has the roles ${roles.join(', ') || '(none)'}${rolesAt ? ` by ${where(rolesAt)}` : ''}; what they do not allow does not exist for it`;
  return `${as} is ${what}${entry}.\nIt sees ${sees}, and ${may}.`;
}

function sentence(
  { allowed, place, because }: ExplainedRuling,
  said: string,
  where: (at: Place) => string,
  terminal: Terminal,
): string {
  const paint = painter(wantsColor(terminal, terminal.stdout));
  const verdict = allowed ? paint('green', 'yes') : paint('red', 'no');
  const reason = place ? `${where(place)}: ${because}` : because;
  return `${verdict}: ${said}\n${reason}\n`;
}
