export { imap, type ImapListener } from './imap.js';
export { imapProtocol } from './protocol.js';
export type { ImapOptions } from './options.js';
export { flag, keep, moveTo, remove, seen, type After, type MoveToOptions } from './after.js';
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
