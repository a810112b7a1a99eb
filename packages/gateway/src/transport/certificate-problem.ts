import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

/** Below this, OpenSSL refuses RSA keys as it is built into Node. */
const LEAST_RSA_BITS = 2_048;

/** Why a certificate and a key cannot be served, and whose file is at fault; undefined where they can. */
export function certificateProblem({
  cert,
  key,
}: {
  readonly cert: Buffer;
  readonly key: Buffer;
}): { readonly key: 'cert' | 'key'; readonly message: string } | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    const message = isPrivateKey(cert)
      ? 'it holds a private key, not a certificate; exchange "cert" and "key"'
      : 'it holds no certificate in PEM; give the file that begins with "-----BEGIN CERTIFICATE-----"';
    return { key: 'cert', message };
  }
  let secret: KeyObject;
  try {
    secret = createPrivateKey(key);
  } catch (error) {
    const isLocked =
      (error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE' || /ENCRYPTED/.test(String(key));
    const message = isLocked
      ? 'the private key is locked with a passphrase; write it without one: openssl pkey -in <file> -out <new file>'
      : 'it holds no private key in PEM; give the file that begins with "-----BEGIN PRIVATE KEY-----"';
    return { key: 'key', message };
  }
  if (!certificate.checkPrivateKey(secret)) {
    return {
      key: 'key',
      message: 'the private key is not the one of the certificate; give the key that it was made with',
    };
  }
  const bits = secret.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < LEAST_RSA_BITS) {
    return { key: 'key', message: `the private key has ${bits} bits; make one of at least ${LEAST_RSA_BITS}` };
  }
  return undefined;
}

function isPrivateKey(pem: Buffer): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false;
  }
}
