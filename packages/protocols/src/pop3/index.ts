export { pop3, type Pop3Listener } from './pop3.js';
export { popProtocol } from './protocol.js';
export type { Pop3Options } from './options.js';
export type { MailDocuments } from '../mail/choose.js';
export type { AccessToken, MailCredentials } from '../mail/credentials.js';
export type { Secret } from '../secret.js';
export type { MailServer } from '../mail/server.js';
export {
  clientCredentials,
  refreshTokens,
  type RefreshTokenOptions,
  type TokenFunction,
  type TokenOptions,
} from '../mail/oauth.js';
