import {
  explainPermission,
  type KnownPrincipal,
  permissionSentence,
  principalNames,
  principalOf,
} from '../access/explain-permission.ts';
import { itemOf } from '../access/item-of.ts';
import { ITEM_KINDS } from '../config/item-patterns.ts';
import { formatPlace } from '../config/place.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { Access, AccessAnswer, AccessPrincipal, AccessProfile, AccessQuestion, AccessRole } from './api.ts';
import { badRequest, notFound } from './api-failure.ts';
import type { ApiHandler } from './api-handler.ts';
import type { ConsoleSources } from './console-sources.ts';

/** Longest name that is asked about, in characters. */
const MAX_ASKED = 10_000;

/** Who may come in, and what each may use: what the configuration of now says, and no secret of it. */
export function accessHandlers({ config }: Pick<ConsoleSources, 'config'>): readonly ApiHandler[] {
  return [
    { method: 'GET', path: 'access', role: 'viewer', handle: () => accessOf(config()) },
    {
      method: 'POST',
      path: 'access/explain',
      role: 'viewer',
      handle: ({ body }) => explain(config(), (body ?? {}) as Partial<AccessQuestion>),
    },
  ];
}

function accessOf(config: GatewayConfig): Access {
  const known = principalNames(config).flatMap((name) => principalOf(config, name) ?? []);
  const admins = new Map(config.gateway.auth?.apiKeys.map(({ name, admin }) => [name, admin]));
  const namesWhere = (fits: (principal: KnownPrincipal) => boolean): readonly string[] =>
    known.filter(fits).map(({ caller }) => caller.name);
  const roles = Object.entries(config.roles);
  return {
    isOpen: known.some(({ caller }) => caller.name === 'anonymous'),
    principals: known.map(({ caller: { name, servers, roles: has, profile }, what }): AccessPrincipal => {
      const admin = admins.get(name);
      return {
        name,
        what,
        ...(servers && { servers }),
        ...(has && { roles: has }),
        ...(profile !== undefined && { profile }),
        ...(admin && { admin }),
      };
    }),
    roles: roles.map(([name, role]): AccessRole => {
      return { name, ...role, of: namesWhere(({ caller }) => caller.roles?.includes(name) === true) };
    }),
    profiles: Object.entries(config.profiles).map(
      ([name, { servers, discovery, prefix, guardsMode, ...patterns }]): AccessProfile => ({
        name,
        path: `/mcp/@${encodeURIComponent(name)}`,
        ...patterns,
        ...(servers && { servers }),
        ...(discovery && { discovery }),
        ...(prefix && { prefix }),
        ...(guardsMode && { guardsMode }),
        limits: namesWhere(({ caller }) => caller.profile === name),
        roles: roles.filter(([, { profiles }]) => profiles.includes(name)).map(([role]) => role),
      }),
    ),
  };
}

/** @throws ApiFailure 400, 404 */
function explain(
  config: GatewayConfig,
  { principal, item, kind = 'tool', profile }: Partial<AccessQuestion>,
): AccessAnswer {
  for (const [key, value] of Object.entries({ principal, item }))
    if (typeof value !== 'string' || value === '' || value.length > MAX_ASKED)
      throw badRequest(`"${key}" is missing, or no text of at most ${MAX_ASKED} characters`);
  if (!ITEM_KINDS.includes(kind)) throw badRequest(`"kind" is one of ${ITEM_KINDS.join(', ')}`);
  const who = principalOf(config, String(principal));
  if (!who) throw notFound('Nobody has this name; GET access lists those who have one');
  if (profile !== undefined && !Object.hasOwn(config.profiles, profile))
    throw notFound('There is no profile of this name');
  const halves = itemOf(config, String(item), kind);
  if (!halves) throw badRequest(`This is no ${kind}: write "server/name", such as "github/get_issue"`);
  const [server, name] = halves;
  const { allowed, because, place } = explainPermission(config, who, kind, server, name, profile);
  const text = permissionSentence(String(principal), allowed, kind, server, name);
  return { allowed, text, because, ...(place && { place: formatPlace(place) }) };
}
