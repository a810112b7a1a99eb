import { ApiFailure } from '../api-failure.ts';

/** Why nobody was signed in at the provider: each says what, and what to do. Nothing of an answer stands here but words that OAuth defines. */

export function unreachable(issuer: string): ApiFailure {
  const remedy =
    'Try again. If it stays so: is "gateway.console.oidc.issuer" right, and does the gateway’s machine reach it? Its log says why it did not';
  return new ApiFailure(503, 'ISSUER_UNREACHABLE', `The issuer ${issuer} cannot be asked now`, { remedy });
}

export function unfit(issuer: string, why: string, remedy: string): ApiFailure {
  return new ApiFailure(502, 'ISSUER_UNFIT', `The issuer ${issuer} ${why}`, { remedy });
}

export function notThisSignIn(): ApiFailure {
  const message = 'This sign-in was begun in another browser or more than ten minutes ago, or has ended';
  return new ApiFailure(401, 'SIGN_IN_ENDED', message, { remedy: 'Begin again, from this page' });
}

export function otherIssuer(issuer: string): ApiFailure {
  const message = `The answer is none of the issuer ${issuer} to this sign-in`;
  const remedy =
    'Begin again, from this page. If it comes again, another authorization server takes part that should not';
  return new ApiFailure(401, 'WRONG_ISSUER', message, { remedy });
}

/** @param error - The code of the provider, as OAuth and OpenID Connect have them. */
export function refused(error: string): ApiFailure {
  const remedy =
    error === 'access_denied'
      ? 'Begin again and agree, or have the issuer’s administrator assign you to this client'
      : 'Its administrator finds the reason in its log; the client’s settings there must allow the code flow, the scopes, and this address';
  return new ApiFailure(401, 'REFUSED_BY_ISSUER', `The issuer let nobody in: ${wordOf(error)}`, { remedy });
}

/** @param error - The code of the token endpoint. */
export function codeRefused(error: string): ApiFailure {
  const remedy =
    error === 'invalid_client' || error === 'unauthorized_client'
      ? 'Compare "clientId" and "clientSecret" of "gateway.console.oidc" with the client there'
      : 'Begin again: a code is good for one sign-in, begun here';
  return new ApiFailure(401, 'CODE_REFUSED', `The issuer took the code of this sign-in not: ${wordOf(error)}`, {
    remedy,
  });
}

/** @param what - What is wrong with it, such as a claim's name. */
export function wrongToken(what: string): ApiFailure {
  const remedy =
    'Begin again. If it comes again, the issuer’s settings of this client differ from "gateway.console.oidc"';
  return new ApiFailure(401, 'WRONG_ID_TOKEN', `The issuer’s ID token is not as required: ${what}`, { remedy });
}

export function noRole(claim: string, isThere: boolean): ApiFailure {
  const message = isThere
    ? `You are known, and "${claim}" holds nothing that opens the console`
    : `You are known, and the issuer says nothing of "${claim}"`;
  const remedy = isThere
    ? 'Have yourself added at the issuer, or what it holds to "gateway.console.oidc.admin"'
    : 'Have the issuer send it in ID tokens or at its userinfo endpoint; it may need one more of "gateway.console.oidc.scopes"';
  return new ApiFailure(403, 'ROLE', message, { remedy });
}

export function unverifiedEmail(): ApiFailure {
  const message = 'You are known, and the issuer does not say that "email" is verified to be yours';
  const remedy = 'Verify the address at the issuer; it must send "email_verified" with it';
  return new ApiFailure(403, 'ROLE', message, { remedy });
}

/** Codes are words; whatever else came is not repeated. */
function wordOf(error: string): string {
  return /^[a-z][a-z_]{0,63}$/.test(error) ? error : 'an error that is none of OAuth';
}
