import type { Words } from '../words.js';

/** What a connection failed with, by the operating system's code; `undefined` where it is not known here. */
export function networkWords(code: string): Words | undefined {
  const words = NETWORK[code];
  return words && withCode(words, code);
}

/** What a certificate or a handshake was refused for. `message` is Node's own, for what is not known here. */
export function tlsWords(code: string, message: string): Words {
  if (NO_TLS.test(code) || /wrong version number/iu.test(message)) {
    return withCode(NOT_SPOKEN, NO_TLS.test(code) ? code : '');
  }
  if (OTHER_NAME.has(code)) return withCode(otherName(message), code);
  return withCode(TLS[code] ?? { en: message, fr: message }, code);
}

/** A server's sentence, to go on behind it. In linear time, whatever the server sends: each run of dots is looked at once. */
export function withoutFullStop(text: string): string {
  return text.replace(/(?<!\.)\.+$/u, '');
}

function withCode({ en, fr }: Words, code: string): Words {
  return code === '' ? { en, fr } : { en: `${en} (${code})`, fr: `${fr} (${code})` };
}

const CUT: Words = { en: 'the connection was cut', fr: 'la connexion a été coupée' };

const NETWORK: Readonly<Record<string, Words>> = {
  ECONNREFUSED: { en: 'nothing listens there', fr: 'rien n’écoute à cette adresse' },
  ECONNRESET: CUT,
  EPIPE: CUT,
  ENOTFOUND: { en: 'there is no server of this name', fr: 'aucun serveur ne porte ce nom' },
  EAI_AGAIN: {
    en: 'the name of the server cannot be looked up now',
    fr: 'le nom du serveur ne peut être résolu pour l’instant',
  },
  EHOSTUNREACH: { en: 'the server cannot be reached', fr: 'le serveur ne peut être joint' },
  ENETUNREACH: { en: 'the network cannot be reached', fr: 'le réseau ne peut être joint' },
};

// What OpenSSL makes of a text where TLS should begin; its versions differ.
const NO_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/u;
const NOT_SPOKEN: Words = {
  en: "what answers at this port does not begin with TLS: set `tls: 'starttls'`, or give the port for TLS",
  fr: "ce qui répond à ce port ne commence pas par TLS : mettre `tls: 'starttls'`, ou donner le port pour TLS",
};

const UNKNOWN_AUTHORITY: Words = {
  en: 'its certificate comes from an authority that is not known here: give that authority with `ca`',
  fr: 'son certificat vient d’une autorité inconnue ici : donner cette autorité par `ca`',
};

const TLS: Readonly<Record<string, Words>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: {
    en: 'its certificate has no authority but itself: give it with `ca`',
    fr: 'son certificat est auto-signé : le donner par `ca`',
  },
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: { en: 'its certificate has expired', fr: 'son certificat a expiré' },
  CERT_NOT_YET_VALID: {
    en: 'its certificate is not valid yet; look at the clock of this machine',
    fr: 'son certificat n’est pas encore valable ; voir l’horloge de cette machine',
  },
};

const OTHER_NAME: ReadonlySet<string> = new Set(['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH']);

function otherName(message: string): Words {
  const names = /cert's (?:altnames|list): (.+)$/u.exec(message)?.[1] ?? '';
  const which = names === '' ? { en: 'another name', fr: 'un autre nom' } : { en: names, fr: names };
  return {
    en: `its certificate is for ${which.en}: correct \`host\`, or give that name with \`serverName\``,
    fr: `son certificat est pour ${which.fr} : corriger \`host\`, ou donner ce nom par \`serverName\``,
  };
}
