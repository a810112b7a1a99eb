import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly fingerprint256: string;
}

/** Nobody here looks at serial numbers. */
const SERIAL = 1;

interface Issuer {
  readonly commonName: string;
  readonly privateKey: KeyObject;
}

/** A new certificate authority, and a function that makes certificates in its name. */
export function certificateAuthority(commonName: string): Certificate & {
  /** @param until - As `20210101000000Z`. @default for a hundred years */ issue(
    commonName: string,
    until?: string,
  ): Certificate;
} {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { commonName, privateKey: keys.privateKey };
  return {
    ...certify(commonName, keys, issuer, true),
    issue: (name, until) => certify(name, generateKeyPairSync('ec', { namedCurve: 'P-256' }), issuer, false, until),
  };
}

/** Source: RFC 5280, section 4.1. */
function certify(
  commonName: string,
  { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject },
  issuer: Issuer,
  isAuthority: boolean,
  until = '21200101000000Z',
): Certificate {
  const body = sequence(
    der(0xa0, integer(2)),
    integer(SERIAL),
    sequence(ECDSA_SHA256),
    nameOf(issuer.commonName),
    sequence(time('20200101000000Z'), time(until)),
    nameOf(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(isAuthority ? CA_TRUE : localhost)),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  const bytes = sequence(body, sequence(ECDSA_SHA256), der(0x03, Buffer.of(0), signature));
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n');
  const hex = createHash('sha256').update(bytes).digest('hex').toUpperCase();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    fingerprint256: hex.replace(/..(?!$)/g, '$&:'),
  };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function integer(value: number): Buffer {
  return der(0x02, Buffer.of(value));
}

function time(text: string): Buffer {
  return der(0x18, Buffer.from(text));
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

const ECDSA_SHA256 = oid('2a8648ce3d040302');
const CA_TRUE = sequence(oid('551d13'), der(0x01, Buffer.of(0xff)), der(0x04, sequence(der(0x01, Buffer.of(0xff)))));
/** Subject alternative names: localhost and 127.0.0.1. */
const localhost = sequence(
  oid('551d11'),
  der(0x04, sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1)))),
);

/** The fingerprint of the certificate that a server on this machine shows now. */
export async function servedFingerprint(port: number, ca: string): Promise<string | undefined> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}
