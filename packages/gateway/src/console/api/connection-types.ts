/** One login to a server behind the gateway, or one that is missing. */
export interface Connection {
  readonly server: string;
  /** Names it in what is asked: whose login it is. */
  readonly holder: string;
  /** Whose login it is, for people. */
  readonly of: string;
  readonly state: 'connected' | 'needs login';
  /** The authorization server that gave it. */
  readonly issuer?: string;
  readonly scopes?: readonly string[];
  readonly loggedInAt?: number;
  /** When its token ends. */
  readonly expiresAt?: number;
  /** Whether it is renewed by itself when its token ends. */
  readonly isRenewable: boolean;
  /** Whether it outlives the gateway. */
  readonly isKept: boolean;
}

export interface ConnectionList {
  readonly connections: readonly Connection[];
}

/** Asks for the address at which somebody logs in. The answer comes to the program that asks. */
export interface BeginConnection {
  readonly server: string;
  /** Where the authorization server sends the browser back to, on this machine. */
  readonly redirectUri: string;
}

export interface ConnectionBegun {
  /** Where a browser goes. */
  readonly url: string;
  readonly host: string;
  readonly scopes: readonly string[];
}

/** What the browser came back with. */
export interface FinishConnection {
  /** The part of the address behind the question mark. */
  readonly answer: string;
}

export interface ConnectionMade {
  readonly server: string;
  readonly isKept: boolean;
}

export interface Disconnect {
  readonly server: string;
  readonly holder: string;
}

export interface Disconnected {
  /** What was done, for people. */
  readonly message: string;
}
