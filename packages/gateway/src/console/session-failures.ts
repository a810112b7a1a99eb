import { ApiFailure } from './api-failure.ts';

export function tooManyAttempts(seconds: number): ApiFailure {
  const message = `Too many attempts to sign in; the next is looked at in ${seconds} s`;
  return new ApiFailure(429, 'TOO_MANY_ATTEMPTS', message, { headers: { 'retry-after': String(seconds) } });
}

export function insecure(): ApiFailure {
  return new ApiFailure(403, 'INSECURE', 'Over plain http the console is for this machine alone, under localhost', {
    remedy: 'Set "gateway.tls", or "gateway.publicUrl" to the https address of the proxy in front',
  });
}
