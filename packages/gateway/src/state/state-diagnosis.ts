import type { Diagnosis } from '../diagnosis.ts';
import type { StateError } from './state-error.ts';

const URL_KEY = '"gateway.state.redis.url"';
const ENCODED = 'where "%", "/", "?", "#" and "@" in a password are written as "%25", "%2F", "%3F", "%23" and "%40"';

/** What Redis and the way to it say of why a store cannot be opened, by how it begins; `means` is told behind it. */
const REFUSALS: readonly { readonly says: RegExp; readonly means?: string; readonly remedy: string }[] = [
  {
    says: /^WRONGPASS/,
    means: 'it has no user of this name with this password, or that user is switched off',
    remedy: `correct user and password in ${URL_KEY} (redis://user:password@host; without a user it is "default"), ${ENCODED}`,
  },
  {
    says: /^NOAUTH/,
    means: 'it wants a password, and the url has none',
    remedy: `write it into ${URL_KEY}: redis://:password@host, or redis://user:password@host, ${ENCODED}`,
  },
  { says: /^READONLY/, remedy: `have ${URL_KEY} name the primary, or an address that follows it` },
  {
    says: /^NOPERM/,
    means: 'its user may not do what is needed',
    remedy: 'give the user what docs/scaling.md lists (in Redis with ACL SETUSER)',
  },
  {
    says: /^ECONNREFUSED/,
    means: 'nothing listens at its address',
    remedy: `start it, or correct host and port in ${URL_KEY}`,
  },
  { says: /^(?:ENOTFOUND|EAI_AGAIN)/, means: 'its host has no address here', remedy: `correct the host in ${URL_KEY}` },
  {
    says: /^(?:no answer within|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/,
    remedy: `see whether it runs, and whether a firewall lets this machine reach it, or correct host and port in ${URL_KEY}`,
  },
  { says: /^LOADING/, means: 'it reads its file after a start', remedy: 'wait until it has' },
  { says: /^it has no database/, remedy: `take one below its "databases", which are 16 by default, in ${URL_KEY}` },
  {
    says: /^what answers there is no Redis/,
    remedy: `correct host and port in ${URL_KEY}; where it speaks TLS, the address begins with "rediss:"`,
  },
  {
    says: /CERT|ALTNAME|UNABLE_TO_|ERR_SSL|ERR_TLS/,
    means: 'its certificate, or that of the gateway, is not taken',
    remedy:
      'name the authority that signed it in "gateway.state.redis.tls.ca", and where it asks for a certificate, one in "cert" and "key"; one without TLS has an address with "redis:"',
  },
];

/** Why the state store cannot be used, in plain words, and what to do about it. Without its address and what is secret. */
export function stateDiagnosis({ problem, message }: StateError): Diagnosis {
  const otherwise = 'start it, or mend "gateway.state.redis"';
  if (problem.kind === 'forbidden') {
    const problemInWords = `NOPERM: the access list of its user lacks ${problem.lacks}`;
    return {
      problem: problemInWords,
      remedy: `add that for the user of ${URL_KEY} (ACL SETUSER <user> ${problem.lacks})`,
    };
  }
  if (problem.kind !== 'unreachable') return { problem: message, remedy: otherwise };
  const [reason = '', told] = problem.reason.split('; ');
  const known = REFUSALS.find(({ says }) => says.test(reason));
  return {
    problem: known?.means === undefined ? reason : `${reason}: ${known.means}`,
    remedy: told ?? known?.remedy ?? otherwise,
  };
}
