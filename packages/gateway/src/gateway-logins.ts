import type { OnToken } from './access/tokens.ts';
import type { GatewayConfig } from './config/schema.ts';
import { isProgram } from './config/servers-section.ts';
import type { Logger } from './logger.ts';
import { ConnectLinks } from './login/connect-links.ts';
import { holderOf } from './login/holder.ts';
import { Logins } from './login/logins.ts';
import { SubjectTokens } from './login/subject-tokens.ts';
import type { Caller } from './protocol/peer.ts';
import type { StateStore } from './state/state-store.ts';

export interface GatewayLoginsOptions {
  readonly config: () => GatewayConfig;
  /** Whether a guard says of this server's words who may know them. */
  readonly isGuarded: (server: string) => boolean;
  readonly store: StateStore;
  readonly logger: Logger;
  /** What makes a command of lockgate mean this configuration, with a space before it. */
  readonly flag: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly monotonicNow: () => number;
}

/** Logins to the servers behind one gateway, and what its other parts need of them. */
export class GatewayLogins {
  readonly logins: Logins;
  readonly links: ConnectLinks;
  readonly #subjectTokens: SubjectTokens;
  readonly #config: () => GatewayConfig;
  #address: string | undefined;

  constructor({ config, isGuarded, store, logger, flag, now, monotonicNow }: GatewayLoginsOptions) {
    this.#config = config;
    this.links = new ConnectLinks(store, monotonicNow);
    this.#subjectTokens = new SubjectTokens(now);
    this.logins = new Logins({
      store,
      openVault: async () => {
        const { openVault } = await import('./login/open-vault.ts');
        const onSpoilt = (path: string, reason: string): void =>
          logger.warn({ path, reason }, 'a record of the vault counts as none');
        return openVault({ ...config().gateway.vault, flag }, now, onSpoilt, store);
      },
      isGuarded,
      subjectToken: (holder) => this.#subjectTokens.of(holder),
      now,
      logger,
      flag,
    });
  }

  /** The gateway listens there. */
  listensAt(url: string): void {
    // Browsers of this machine reach one that listens on every address as they reach themselves.
    this.#address = url
      .replace(/\/mcp\/?$/, '')
      .replace('//0.0.0.0', '//127.0.0.1')
      .replace('//[::]', '//[::1]');
  }

  /** Where browsers reach the gateway, without a slash at its end; undefined where it listens nowhere. */
  get base(): string | undefined {
    return this.#address === undefined
      ? undefined
      : (this.#config().gateway.publicUrl?.replace(/\/$/, '') ?? this.#address);
  }

  /** Where the gateway publishes who it is as a client; undefined where authorization servers cannot read it. */
  get document(): string | undefined {
    const { base } = this;
    return base?.startsWith('https:') ? `${base}/oauth/client.json` : undefined;
  }

  /** Somebody has come in with a token; it is remembered only where a server's credential is made of it. */
  readonly noteToken: OnToken = (principal, token, until) => {
    const entries = Object.values(this.#config().mcpServers);
    if (!entries.some((entry) => !isProgram(entry) && entry.auth?.type === 'tokenExchange')) return;
    const holder = this.holderOf(principal);
    if (holder !== undefined) this.#subjectTokens.note(holder, token, until);
  };

  readonly holderOf = (caller: Caller): string | undefined => holderOf(caller, this.#config().gateway.auth);

  /** An address at which this caller may log in; undefined where the gateway listens nowhere. */
  readonly linkFor = async (server: string, holder: string, caller: Caller): Promise<string | undefined> => {
    const { base } = this;
    return base === undefined ? undefined : `${base}/connect/${await this.links.make(server, holder, caller)}`;
  };
}
