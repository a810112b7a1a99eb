import type { LockgateFile } from '../../../src/config/schema.ts';
import { ask, type OpenedConsole, type Told } from '../open-console.ts';

type Oidc = NonNullable<Exclude<NonNullable<NonNullable<LockgateFile['gateway']>['console']>, boolean>['oidc']>;

/** A configuration whose console signs in at this issuer. */
export function oidcConfig(issuer: string, more: Partial<Oidc> = {}): LockgateFile {
  const admin = { claim: 'groups', operator: ['admins', 'lockgate-admins'], viewer: ['staff'] };
  return { gateway: { console: { oidc: { issuer, clientId: 'lockgate', admin, ...more } } } };
}

/** A sign-in that a browser has begun. */
export interface Begun {
  readonly told: Told;
  /** Where the browser goes, and what it is asked there. */
  readonly location: URL;
  readonly asked: URLSearchParams;
  /** What the browser brings back, without its attributes. */
  readonly cookie: string;
  /** The answer of the provider that would be right. */
  answer(more?: Readonly<Record<string, string | undefined>>): string;
}

export async function begin(console: OpenedConsole, issuer = '', body: object = {}): Promise<Begun> {
  const headers = { origin: console.base };
  const told = await ask(console.api('session/provider'), { method: 'POST', headers, body });
  if (told.status !== 200) throw new Error(`${told.status} ${told.text}`);
  const location = new URL(told.body.location);
  const asked = location.searchParams;
  return {
    told,
    location,
    asked,
    cookie: cookieOf(told),
    answer: (more = {}) => {
      const usual = { code: 'the-code', state: asked.get('state') ?? '', iss: issuer };
      const given = Object.entries({ ...usual, ...more }).filter(([, value]) => value !== undefined);
      return new URLSearchParams(given as [string, string][]).toString();
    },
  };
}

/** Comes back from the provider. */
export function finish(console: OpenedConsole, answer: string, cookie: string): Promise<Told> {
  const headers = { origin: console.base, cookie };
  return ask(console.api('session'), { method: 'POST', headers, body: { answer } });
}

export function cookieOf({ headers }: Told): string {
  return (headers['set-cookie']?.[0] ?? '').split(';', 1)[0] ?? '';
}
