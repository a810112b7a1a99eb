/** Patterns over `server/name`, with `*` for any characters. `deny` wins. */
export interface AccessPatterns {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

export interface AccessPatternsOfKinds {
  readonly tools: AccessPatterns;
  readonly resources: AccessPatterns;
  readonly prompts: AccessPatterns;
}

/** Somebody whom the configuration lets in, by name. Never a key, nor a digest of one. */
export interface AccessPrincipal {
  /** As `POST access/explain` takes it: of a key or certificate, `claim:<value>` of tokens, `anonymous`, `stdio`. */
  readonly name: string;
  /** What it is, for people: "an API key". */
  readonly what: string;
  /** Servers and plugins that it sees; all when absent. */
  readonly servers?: readonly string[];
  /** What says what of them it may use; everything when absent. */
  readonly roles?: readonly string[];
  /** The profile that it is limited to. */
  readonly profile?: string;
  /** What it may do in the console. */
  readonly admin?: 'viewer' | 'operator';
}

export interface AccessRole extends AccessPatternsOfKinds {
  readonly name: string;
  /** Profiles that are allowed as a whole. */
  readonly profiles: readonly string[];
  /** Names of the principals that have it. */
  readonly of: readonly string[];
}

export interface AccessProfile extends AccessPatternsOfKinds {
  readonly name: string;
  /** Its endpoint, below the gateway's address. */
  readonly path: string;
  /** All when absent. */
  readonly servers?: readonly string[];
  readonly discovery?: 'list' | 'search' | 'auto';
  readonly prefix?: 'always' | 'auto';
  /** Where nothing stricter holds. */
  readonly guardsMode?: 'strict' | 'filter' | 'propagate';
  /** Names of the principals that are limited to it. */
  readonly limits: readonly string[];
  /** Roles that allow all of it. */
  readonly roles: readonly string[];
}

export interface Access {
  /** Whether everybody who reaches the gateway comes in, without a credential. */
  readonly isOpen: boolean;
  readonly principals: readonly AccessPrincipal[];
  readonly roles: readonly AccessRole[];
  readonly profiles: readonly AccessProfile[];
}

/** May somebody use something? */
export interface AccessQuestion {
  readonly principal: string;
  /** `server/name`, or a name as clients know it. */
  readonly item: string;
  /** @default tool */
  readonly kind?: 'tool' | 'resource' | 'prompt';
  /** The profile at whose endpoint it is asked for. @default none */
  readonly profile?: string;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  /** The answer, for people. */
  readonly text: string;
  /** The key of the configuration that decided it, such as `roles.writer.tools.deny[0]`; absent where nothing limits it. */
  readonly place?: string;
  /** Why, as a part of a sentence. */
  readonly because: string;
}
