import type { ConfigProblem } from './config-error.ts';

interface Written {
  readonly gateway?: {
    readonly auth?: { readonly apiKeys?: unknown } | null;
    readonly console?: { readonly oidc?: { readonly clientSecret?: unknown } | null } | boolean | null;
  } | null;
}

/** Keys of the gateway's own that stand in the file as they are. There they are no secret any more: only a variable may bring them. */
export function writtenOutKeys(tree: unknown): readonly ConfigProblem[] {
  const { auth, console } = (tree as Written | null)?.gateway ?? {};
  const keys = Array.isArray(auth?.apiKeys) ? (auth.apiKeys as ({ readonly key?: unknown } | null)[]) : [];
  const problems: ConfigProblem[] = keys.flatMap((entry, index) =>
    isWrittenOut(entry?.key)
      ? [
          {
            place: ['gateway', 'auth', 'apiKeys', index, 'key'],
            message: `a key does not stand in the file; write \${A_VARIABLE}, or its "hash" from "lockgate config key"`,
          },
        ]
      : [],
  );
  const secret = typeof console === 'object' ? console?.oidc?.clientSecret : undefined;
  if (isWrittenOut(secret)) {
    const message = `the secret of a client does not stand in the file; write \${A_VARIABLE}, and give that to the gateway`;
    problems.push({ place: ['gateway', 'console', 'oidc', 'clientSecret'], message });
  }
  return problems;
}

function isWrittenOut(value: unknown): boolean {
  return typeof value === 'string' && !/^\$\{[^}]+\}$/.test(value);
}
